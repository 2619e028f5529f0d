"""Weak spots: what the record says, in words and links; and an exam drawn from them."""

from pathlib import Path

import pytest

from helpers import practice
from helpers.practice import bank, blueprints, store, weakness
from tests.notebooks import markdown, shape
from tests.practice.test_exams import right_of

ROOT = Path(__file__).resolve().parents[2]
ALL = bank.every_question()


def ids(exam: object) -> list[str]:
    return [question.id for question in exam.questions]  # type: ignore[attr-defined]


def of_exam(exam: str) -> list[bank.Question]:
    return [question for question in ALL if question.domains(exam)]


def test_with_nothing_answered_nobody_fails() -> None:
    found = practice.weaknesses()
    assert repr(found).startswith("Nothing answered yet.")
    assert "Nothing answered yet." in found._repr_html_()
    assert "not right" not in repr(found) and "<table" not in found._repr_html_()
    assert (found.wrong, found.lessons(), found.sections(), found.domains()) == ([], {}, {}, {})


def test_with_all_right_there_are_none(progress_file: Path) -> None:
    store.record("question", ALL[0].id, passed=True)
    assert "1 question, and every latest answer was right" in repr(practice.weaknesses())


def test_the_latest_answer_counts(progress_file: Path) -> None:
    first, second = ALL[:2]
    store.record("question", first.id, passed=True)
    store.record("question", first.id, passed=False)
    store.record("question", second.id, passed=False)
    store.record("question", second.id, passed=True)
    assert practice.weaknesses().wrong == [first]


def test_what_is_no_longer_in_the_bank_is_not_counted(progress_file: Path) -> None:
    store.record("question", "00-gone", passed=False)
    assert repr(practice.weaknesses()).startswith("Nothing answered yet.")


def test_spots_by_lesson_section_and_domain(progress_file: Path) -> None:
    first, second, third = bank.of_lesson("00")[:3]
    other = bank.of_lesson("03")[0]
    for question, passed in ((first, False), (second, False), (third, True), (other, False)):
        store.record("question", question.id, passed=passed)
    found = practice.weaknesses()
    assert found.lessons() == {"00": (2, 3), "03": (1, 1)}
    assert sum(wrong for wrong, _ in found.sections().values()) == 3
    counts = [wrong for wrong, _ in found.sections().values()]
    assert counts == sorted(counts, reverse=True)
    assert set(found.sections()) == {(q.lesson, q.section) for q in (first, second, other)}
    wrong_of = {
        (exam, domain)
        for question in (first, second, other)
        for exam in question.exams
        for domain in question.domains(exam)
    }
    assert set(found.domains()) == wrong_of
    assert "4 questions, 3 of them not right yet" in repr(found)


def test_every_spot_leads_to_a_section_that_is_there(progress_file: Path) -> None:
    for question in ALL[:40]:
        store.record("question", question.id, passed=False)
    page = practice.weaknesses()._repr_html_()
    links = markdown.links(markdown.parse(page.replace("<", "\n<", 1)))
    assert len(links) == weakness.SHOWN
    assert list(shape.broken_links(ROOT / "notebooks" / "x.ipynb", markdown.parse(page))) == []
    rest = len(practice.weaknesses().sections()) - weakness.SHOWN
    assert f"And {rest} more." in page


def test_of_one_result_what_was_left_open_counts(progress_file: Path) -> None:
    exam = practice.exam("SCS-C03", 4, seed=1, keep=False)
    exam.answer(exam.questions[0].id, right_of(exam.questions[0]))
    found = practice.weaknesses(exam.finish())
    assert {q.id for q in found.wrong} == set(ids(exam)[1:])
    assert practice.weaknesses().answers == {}


def test_what_an_exam_left_open_is_a_weak_spot_of_the_record(progress_file: Path) -> None:
    exam = practice.exam("SCS-C03", 4, seed=1)
    exam.answer(exam.questions[0].id, right_of(exam.questions[0]))
    result = exam.finish()
    found, of_result = practice.weaknesses(), practice.weaknesses(result)
    assert {q.id for q in found.wrong} == set(ids(exam)[1:])
    assert (found.answers, found.sections()) == (of_result.answers, of_result.sections())
    again = practice.exam("SCS-C03", 3, seed=2, weakest=True)
    assert set(ids(again)) == set(ids(exam)[1:])


def test_of_one_exam_only_its_questions_and_domains_count(progress_file: Path) -> None:
    for question in ALL:
        store.record("question", question.id, passed=False)
    found = practice.weaknesses("CLF-C02")
    assert {q.id for q in found.wrong} == {q.id for q in of_exam("CLF-C02")}
    assert {exam for exam, _ in found.domains()} == {"CLF-C02"}
    exam = practice.exam("SCS-C03", 4, seed=1, keep=False)
    assert {exam for exam, _ in practice.weaknesses(exam.finish()).domains()} == {"SCS-C03"}
    with pytest.raises(practice.PracticeError, match="no exam 'SCS-C02'"):
        practice.weaknesses("SCS-C02")


def test_an_exam_of_weak_spots_asks_first_what_was_wrong(progress_file: Path) -> None:
    pool = of_exam("SCS-C03")
    wrong, right = pool[:3], pool[3:8]
    for question in wrong:
        store.record("question", question.id, passed=False)
    for question in right:
        store.record("question", question.id, passed=True)
    exam = practice.exam("SCS-C03", 3, seed=9, weakest=True)
    assert set(ids(exam)) == {q.id for q in wrong}
    assert "weak spots first" in repr(exam)
    everything = practice.exam("SCS-C03", len(pool), seed=9, weakest=True)
    assert set(ids(everything)) == {q.id for q in pool}
    but_right = practice.exam("SCS-C03", len(pool) - 5, seed=9, weakest=True)
    assert not set(ids(but_right)) & {q.id for q in right}


def test_next_come_the_neighbours(progress_file: Path) -> None:
    by_section: dict[tuple[str, str], list[bank.Question]] = {}
    for question in of_exam("SCS-C03"):
        by_section.setdefault((question.lesson, question.section), []).append(question)
    section, (first, *others) = next(each for each in by_section.items() if len(each[1]) > 1)
    store.record("question", first.id, passed=False)
    drawn = set(ids(practice.exam("SCS-C03", 1 + len(others), seed=1, weakest=True)))
    assert drawn == {q.id for q in by_section[section]}
    turns = weakness.rank(practice.weaknesses().answers)
    assert turns[first.id] == 0
    lesson = [q for q in ALL if q.lesson == first.lesson and q.section != first.section]
    assert {turns[q.id] for q in lesson} == {2}
    assert {turns[q.id] for q in ALL if q.lesson != first.lesson} == {3}


def test_the_same_seed_and_record_draw_the_same(progress_file: Path) -> None:
    for question in ALL[::3]:
        store.record("question", question.id, passed=False)

    def drawn(seed: int) -> list[str]:
        return ids(practice.exam("DVA-C03", 6, seed=seed, weakest=True))

    assert drawn(5) == drawn(5)
    assert len({tuple(drawn(seed)) for seed in range(8)}) > 1


def test_with_an_empty_record_it_is_an_ordinary_exam() -> None:
    weak = practice.exam("SCS-C03", 10, seed=3, weakest=True)
    assert ids(weak) == ids(practice.exam("SCS-C03", 10, seed=3))


def test_wrong_ones_go_before_the_weights(
    progress_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = ALL[0]
    pool = [
        bank.Question(**{**vars(raw), "id": f"x-{task}-{n}", "exams": {"SCS-C03": [task]}})
        for task in ("1.1", "4.1", "5.1")
        for n in range(9)
    ]
    monkeypatch.setattr(bank, "every_question", lambda: pool)
    for number in range(4):
        store.record("question", f"x-1.1-{number}", passed=False)
    drawn = blueprints.draw(blueprints.blueprint("SCS-C03"), 4, 1, False, weakest=True)
    assert {question.id for question, _ in drawn} == {f"x-1.1-{n}" for n in range(4)}


def test_two_kinds_of_first_are_refused() -> None:
    with pytest.raises(practice.PracticeError, match="choose one of them"):
        practice.exam("SCS-C03", 3, new_first=True, weakest=True)
