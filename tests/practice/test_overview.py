"""The map of what is done: the numbers behind the drawing, and its words."""

from pathlib import Path

from helpers import practice
from helpers.practice import bank, overview, store


def test_nothing_done_yet() -> None:
    rows = {row["number"]: row for row in overview.by_lesson()}
    assert [row["number"] for row in rows.values()] == [x["number"] for x in practice.lessons()]
    assert rows["00"]["questions"] == (0, len(bank.of_lesson("00")))
    assert all(passed == 0 for _, _, passed, _ in overview.by_domain())
    assert "00 Start here: " in practice.progress().alt


def test_what_is_passed_counts_by_lesson_and_by_domain(progress_file: Path) -> None:
    question = bank.of_lesson("00")[0]
    before = {(exam, name): passed for exam, name, passed, _ in overview.by_domain()}
    store.record("question", question.id, passed=True)
    store.record("question", bank.of_lesson("01")[0].id, passed=False)
    rows = {row["number"]: row for row in overview.by_lesson()}
    assert rows["00"]["questions"][0] == 1
    assert rows["01"]["questions"][0] == 0
    after = {(exam, name): passed for exam, name, passed, _ in overview.by_domain()}
    grown = {exam for (exam, name) in after if after[exam, name] > before[exam, name]}
    assert grown == set(question.exams)
    assert f"1 of {len(bank.of_lesson('00'))} questions" in practice.progress().alt


def test_exercises_count_for_their_lesson(progress_file: Path) -> None:
    def counted() -> dict[str, tuple[int, int]]:
        return {row["number"]: row["exercises"] for row in overview.by_lesson()}

    before = counted()
    assert before["00"] == (0, 3)
    store.record("exercise", "00-read-disabled", passed=True)
    store.record("exercise", "00-none-of-ours", passed=True)
    assert counted() == before | {"00": (1, 3)}


def test_what_is_no_longer_in_the_course_is_not_counted(progress_file: Path) -> None:
    store.record("question", "00-gone", passed=True)
    assert overview.by_lesson()[0]["questions"][0] == 0
