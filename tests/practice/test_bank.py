"""The bank: every question fits its schema, is proved by the lab, and gives nothing away."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from helpers import lab, practice
from helpers.practice import bank, blueprints, proofs
from tests.notebooks import markdown, shape

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "helpers" / "practice" / "questions"
FILES = sorted(FOLDER.rglob("*.yaml"))
SCHEMA = json.loads((FOLDER / "schema.json").read_text())
RAW: list[dict[str, Any]] = [q for file in FILES for q in yaml.safe_load(file.read_text())]
QUESTIONS = bank.every_question()
LESSONS = {lesson["number"]: lesson for lesson in practice.lessons()}
IDS = [question.id for question in QUESTIONS]
TOO_ALIKE = 0.75
MOST_IN_ONE_PLACE = 0.5  # of the questions with one right answer
MOST_LONGEST = 0.5


@pytest.fixture
def empty_lab() -> Iterator[None]:
    lab.close()
    lab.open()
    try:
        yield
    finally:
        lab.close()


def problems(questions: list[dict[str, Any]]) -> list[str]:
    """What the schema finds, each with its place."""
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(questions)
    return [f"{error.json_path}: {error.message}" for error in found]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_file_fits_the_schema_and_its_lesson(file: Path) -> None:
    questions = yaml.safe_load(file.read_text())
    assert problems(questions) == []
    assert {question["lesson"] for question in questions} == {file.stem}
    assert all(question["id"].startswith(f"{file.stem}-") for question in questions)


def test_lessons_that_are_ready_have_four_questions_or_more() -> None:
    counts = {number: len(bank.of_lesson(number)) for number in LESSONS}
    # Lesson 12 is the practice exam, drawn from all others.
    ready = [number for number, lesson in LESSONS.items() if lesson["ready"] and number != "12"]
    assert all(counts[number] >= 4 for number in ready), counts


WRONG: dict[str, dict[str, Any]] = {
    "an unknown member": {"hint": "no"},
    "no explanation": {"options": [{"id": "a", "text": "A"}, *RAW[0]["options"]]},
    "an empty explanation": {"options": [{"id": "a", "text": "A", "why": " "}, *RAW[0]["options"]]},
    "two right ones of one": {"right": ["contents", "nothing"]},
    "an unknown kind": {"kind": "essay"},
    "an exam without tasks": {"exams": {"CLF-C02": []}},
    "a number for a lesson": {"lesson": 0},
    "proof and fact": {"fact": "price_key"},
    "matches of no matching": {"matches": {"a": "A", "b": "B"}},
    "too hard": {"difficulty": 4},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_schema_notices(wrong: str) -> None:
    assert problems([RAW[0]]) == []
    assert problems([RAW[0] | WRONG[wrong]])


def test_neither_proof_nor_fact_is_noticed() -> None:
    assert problems([{key: value for key, value in RAW[0].items() if key != "proof"}])


def test_the_exam_asks_what_no_quiz_does() -> None:
    quizzes = {question.id for number in LESSONS for question in bank.of_lesson(number)}
    further = {
        question["id"]
        for file in FILES
        if file.parent.name == "exam"
        for question in yaml.safe_load(file.read_text())
    }
    assert not quizzes & further
    assert quizzes | further == set(IDS)


def test_ids_are_unique() -> None:
    assert len(set(IDS)) == len(IDS)
    for raw in RAW:
        options = [option["id"] for option in raw["options"]]
        assert len(set(options)) == len(options), raw["id"]


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_the_right_answer_is_one_that_can_be_given(question: bank.Question) -> None:
    question.check(question.right)
    assert question.is_right(question.right)
    if question.kind == "ordering":
        assert set(question.right) == {option.id for option in question.options}
        assert [option.id for option in question.options] != question.right  # shown in order
    if question.kind == "several":
        assert 2 <= len(question.right) < len(question.options)
    if question.kind == "matching":
        assert set(question.right) == {option.id for option in question.options}


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_exams_and_tasks_exist(question: bank.Question) -> None:
    assert set(question.exams) <= set(practice.EXAMS)
    for exam in question.exams:
        assert set(question.domains(exam)) <= set(blueprints.blueprint(exam).domains)


@pytest.mark.parametrize("question", QUESTIONS, ids=IDS)
def test_the_section_is_in_the_lesson(question: bank.Question) -> None:
    path = ROOT / "notebooks" / LESSONS[question.lesson]["file"]
    headings = [title for _, title in markdown.headings(shape.read(path).prose)]
    assert question.section in headings
    link = markdown.parse(f"[x]({question.link})")
    assert list(shape.broken_links(ROOT / "notebooks" / "x.ipynb", link)) == []


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.proof], ids=lambda q: q.id)
def test_the_lab_proves_the_right_answer(question: bank.Question, empty_lab: None) -> None:
    assert proofs.prove(question) == question.right


def test_a_proof_of_something_else_is_noticed(empty_lab: None) -> None:
    raw = next(raw for raw in RAW if raw["id"] == "01-rsa-how-much")
    wrong = bank.question(raw | {"right": ["214"]})
    assert proofs.prove(wrong) != wrong.right
    with pytest.raises(ValueError, match="does not end in a value"):
        proofs.prove(bank.question(raw | {"proof": "x = 1"}))


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.fact], ids=lambda q: q.id)
def test_the_right_option_says_the_fact_and_no_other_does(question: bank.Question) -> None:
    value = str(practice.number(question.fact))
    for option in question.options:
        assert (value in option.text) == (option.id in question.right), option.text


def test_no_two_questions_are_nearly_the_same() -> None:
    assert near_duplicates(QUESTIONS) == []


def test_a_near_duplicate_is_noticed() -> None:
    twin = RAW[0] | {"id": "00-twin", "stem": RAW[0]["stem"].replace("stolen", "sold")}
    found = near_duplicates([QUESTIONS[0], bank.question(twin)])
    assert found == [(QUESTIONS[0].id, "00-twin")]


def near_duplicates(questions: list[bank.Question]) -> list[tuple[str, str]]:
    """Pairs whose stems share most of their words in the same order, or whose options are alike."""

    def words(question: bank.Question) -> list[str]:
        return re.findall(r"\w+", question.stem.casefold())

    def options(question: bank.Question) -> frozenset[str]:
        return frozenset(option.text.casefold() for option in question.options)

    split = {question.id: words(question) for question in questions}
    found = []
    for one, other in combinations(questions, 2):
        matcher = SequenceMatcher(None, split[one.id], split[other.id], autojunk=False)
        alike = matcher.quick_ratio() > TOO_ALIKE and matcher.ratio() > TOO_ALIKE
        if alike or options(one) == options(other):
            found.append((one.id, other.id))
    return found


def test_the_right_answer_is_not_always_the_longest() -> None:
    share, guesses = longest(QUESTIONS)
    assert share <= max(MOST_LONGEST, guesses)


def longest(questions: list[bank.Question]) -> tuple[float, float]:
    """How often the one right answer is the longest option, and how often chance would have it."""
    ones = [question for question in questions if question.kind == "one"]
    hits = 0
    for question in ones:
        lengths = {option.id: len(option.text) for option in question.options}
        (right,) = question.right
        hits += all(lengths[right] > size for name, size in lengths.items() if name != right)
    return hits / len(ones), sum(1 / len(q.options) for q in ones) / len(ones)


def test_the_right_answer_is_not_always_in_the_same_place() -> None:
    ones = [question for question in QUESTIONS if question.kind == "one"]
    assert len(ones) >= 8
    places = Counter(
        next(place for place, option in enumerate(question.options) if option.id in question.right)
        for question in ones
    )
    assert max(places.values()) <= MOST_IN_ONE_PLACE * len(ones), places


def test_a_bank_that_gives_itself_away_is_noticed() -> None:
    def padded(raw: dict[str, Any]) -> bank.Question:
        options = [
            option | {"text": option["text"] + " indeed" * 20 * (option["id"] in raw["right"])}
            for option in raw["options"]
        ]
        return bank.question(raw | {"options": options})

    assert longest([padded(raw) for raw in RAW if raw["kind"] == "one"])[0] == 1


def test_the_order_shown_does_not_depend_on_the_file() -> None:
    for raw in RAW:
        turned = dict(raw) | {"options": raw["options"][::-1]}
        if "matches" in raw:
            turned["matches"] = dict(reversed(raw["matches"].items()))
        one, other = bank.question(raw), bank.question(turned)
        assert [o.id for o in one.options] == [o.id for o in other.options]
        assert list(one.matches) == list(other.matches)


def by_kind(kind: str) -> bank.Question:
    return next(question for question in QUESTIONS if question.kind == kind)


def test_marks_are_given_for_all_or_nothing() -> None:
    several, ordering, matching = map(by_kind, ("several", "ordering", "matching"))
    wrong = next(o.id for o in several.options if o.id not in several.right)
    assert not several.is_right(set(several.right) | {wrong})
    assert not several.is_right({next(iter(several.right))})
    assert not several.is_right(set())
    assert not ordering.is_right(list(reversed(ordering.right)))
    assert not ordering.is_right([])
    assert sum(ordering.right_ones([*ordering.right[1::-1], *ordering.right[2:]]).values()) == 2
    assert not matching.is_right({})
    some = dict(list(matching.right.items())[:1])
    assert sum(matching.right_ones(some).values()) == 1


@pytest.mark.parametrize(
    ("kind", "answer", "why"),
    [
        ("one", {"no-such"}, "is a set with one of"),
        ("one", ["nothing"], "is a set with one of"),
        ("one", {"nothing", "contents"}, "is a set with one of"),
        ("one", "nothing", "is a set with one of"),
        ("several", {"no-such"}, "is a set of data-key"),
        ("ordering", {"encrypt"}, "is a list of all of"),
        ("ordering", ["no-such"], "is a list of all of"),
        ("matching", ["policy"], "is a dict with a match"),
        ("matching", {"policy": "no-such"}, "Matches for 00-three-managers are aws, customer"),
    ],
)
def test_an_answer_of_another_form_is_refused_in_words(kind: str, answer: Any, why: str) -> None:
    with pytest.raises(practice.PracticeError, match=why):
        by_kind(kind).is_right(answer)
