"""Weak spots: where the latest answers were wrong, and where to read again.

Only what was asked counts: what was answered, and what a finished exam left open, which is wrong
as in the exam. A question that was never seen is no weakness.
"""

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, TypeVar

from . import bank, pages, store
from .bank import Question
from .course import EXAMS, lessons
from .errors import known

if TYPE_CHECKING:
    from .exams import Result

Name = TypeVar("Name")
SHOWN = 12  # sections; the ones with most wrong answers first

#: Question id -> was its latest answer right?
Answers = dict[str, bool]


@dataclass(frozen=True)
class Weaknesses:
    """What was answered: ``answers``, by question. The rest follows from the bank.

    ``exams`` are those whose domains count. A question counts in each domain that it serves.
    """

    answers: Answers
    exams: tuple[str, ...] = tuple(EXAMS)

    @property
    def wrong(self) -> list[Question]:
        """The questions whose latest answer was wrong, in course order."""
        return [q for q in bank.every_question() if self.answers.get(q.id) is False]

    def lessons(self) -> dict[str, tuple[int, int]]:
        """Lesson -> (wrong, answered), for the lessons with a wrong answer, in course order."""
        return _counted({q.id: [q.lesson] for q in bank.every_question()}, self.answers)

    def sections(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(lesson, section) -> (wrong, answered); most wrong ones first."""
        by_section = {q.id: [(q.lesson, q.section)] for q in bank.every_question()}
        counts = _counted(by_section, self.answers)
        return dict(sorted(counts.items(), key=lambda each: -each[1][0]))

    def domains(self) -> dict[tuple[str, int], tuple[int, int]]:
        """(exam, domain) -> (wrong, answered), exams in course order."""
        found = {
            q.id: [(exam, domain) for exam in self.exams for domain in q.domains(exam)]
            for q in bank.every_question()
        }
        order = list(EXAMS)
        counts = _counted(found, self.answers)
        return dict(sorted(counts.items(), key=lambda each: (order.index(each[0][0]), each[0][1])))

    def _summary(self) -> str:
        if not self.answers:
            return (
                "Nothing answered yet. Weak spots appear here once you have taken a quiz or an "
                "exam; then run this cell again."
            )
        count = len(self.answers)
        questions = f"{count} question{'s' if count > 1 else ''}"
        if not self.wrong:
            return f"{questions}, and every latest answer was right. No weak spots so far."
        return f"{questions}, {len(self.wrong)} of them not right yet. Read again:"

    def __repr__(self) -> str:
        lines = [self._summary()]
        for (lesson, section), (wrong, answered) in list(self.sections().items())[:SHOWN]:
            lines.append(f"  lesson {lesson}, {section}: {wrong} of {answered} not right")
        if self.wrong:
            lines.append("By exam domain:")
        for (exam, domain), (wrong, answered) in self.domains().items():
            lines.append(f"  {exam} {_domain(exam, domain)}: {wrong} of {answered} not right")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        page = f"<p><strong>{escape(self._summary())}</strong></p>"
        if not self.wrong:
            return page
        titles = {item["number"]: item["title"] for item in lessons()}
        first = {(q.lesson, q.section): q for q in reversed(bank.every_question())}
        spots = list(self.sections().items())
        rows = [
            f"<td>{lesson} {escape(titles[lesson])}</td>"
            f"<td>{pages.link(first[lesson, section])}</td><td>{wrong} of {answered}</td>"
            for (lesson, section), (wrong, answered) in spots[:SHOWN]
        ]
        page += _table(["Lesson", "Read again", "Not right"], rows)
        if rest := len(spots) - SHOWN:
            page += f"<p>And {rest} more.</p>" if rest > 0 else ""
        rows = [
            f"<td>{exam}</td><td>{escape(_domain(exam, domain))}</td><td>{wrong} of {answered}</td>"
            for (exam, domain), (wrong, answered) in self.domains().items()
        ]
        return page + _table(["Exam", "Domain", "Not right"], rows)


def weaknesses(of: "Result | str | None" = None) -> Weaknesses:
    """The weak spots in your record; or for one exam ("SCS-C03"); or of one exam's result.

    They are the questions whose latest answer was wrong, by lesson, section and exam domain. What
    an exam left open at its end counts as wrong. Raises PracticeError for an exam that isn't
    served.
    """
    if of is not None and not isinstance(of, str):
        answers = {q.id: a is not None and q.is_right(a) for q, a in of.answers}
        return Weaknesses(answers, (of.plan.exam,))
    exams = tuple(EXAMS) if of is None else (known(of, list(EXAMS), "exam"),)
    there = {q.id for q in bank.every_question() if set(exams) & set(q.exams)}
    done = store.recorded("question")
    return Weaknesses({n: r.get("passed") is True for n, r in done.items() if n in there}, exams)


def rank(answers: Answers) -> dict[str, int]:
    """Question id -> its turn in an exam of weak spots, 0 first.

    0: answered wrong. 1: not answered, of a section where something was wrong. 2: not answered, of
    such a lesson. 3: not answered. 4: answered right. With nothing answered all have the same turn.
    """
    wrong = [q for q in bank.every_question() if answers.get(q.id) is False]
    sections, weak_lessons = {(q.lesson, q.section) for q in wrong}, {q.lesson for q in wrong}
    turns = {}
    for q in bank.every_question():
        if q.id in answers:
            turns[q.id] = 4 if answers[q.id] else 0
        elif (q.lesson, q.section) in sections:
            turns[q.id] = 1
        else:
            turns[q.id] = 2 if q.lesson in weak_lessons else 3
    return turns


def _counted(found: dict[str, list[Name]], answers: Answers) -> dict[Name, tuple[int, int]]:
    """Name -> (wrong, answered), for names with a wrong answer, in the order of ``found``."""
    wrong: Counter[Name] = Counter()
    answered: Counter[Name] = Counter()
    for question_id, names in found.items():
        if question_id in answers:
            answered.update(names)
            wrong.update(names if not answers[question_id] else [])
    return {name: (wrong[name], answered[name]) for name in answered if wrong[name]}


def _domain(exam: str, number: int) -> str:
    from .blueprints import blueprint  # which draws by weakness, and so imports this module

    return f"{number} {blueprint(exam).domains[number].name}"


def _table(names: list[str], rows: list[str]) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
