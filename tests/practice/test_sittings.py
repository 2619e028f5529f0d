"""A paused exam waits for the next kernel: what is kept, what isn't, and what damage does."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpers import practice
from helpers.practice import bank, blueprints, sittings, store
from helpers.practice.exam_view import ExamView
from helpers.practice.exams import Exam
from tests.practice.test_exams import Clock, right_of, sitting

ROOT = Path(__file__).resolve().parents[2]


def kernel(path: Path, script: str, kill: bool = False) -> list[str]:
    """What another process prints that keeps progress in the same file."""
    end = "\nimport os, signal; os.kill(os.getpid(), signal.SIGKILL)" if kill else ""
    done = subprocess.run(
        [sys.executable, "-c", f"from helpers import practice\n{script}{end}"],
        cwd=ROOT,
        env=os.environ | {store.VARIABLE: str(path)},
        capture_output=True,
        text=True,
        check=not kill,
    )
    assert done.returncode == (-signal.SIGKILL if kill else 0)
    return done.stdout.splitlines()


BEGIN = """
exam = practice.exam("SCS-C03", questions=8, minutes=30, seed=4)
for question in exam.questions[:5]:
    exam.answer(question.id, question.right)
exam.mark(exam.questions[6].id)
exam._used = 600.0  # ten minutes
"""
GO_ON = """
exam = practice.resume_exam("SCS-C03")
print(" ".join(question.id for question in exam.questions))
print(len(exam.answers), len(exam.marked), round(exam.seconds_left / 60), exam.running)
"""


def drawn() -> str:
    return " ".join(q.id for q in practice.exam("SCS-C03", questions=8, seed=4).questions)


def test_a_paused_exam_goes_on_in_another_process(progress_file: Path) -> None:
    kernel(progress_file, BEGIN + "exam.pause()")
    assert kernel(progress_file, GO_ON) == [drawn(), "5 1 20 False"]
    finish = """
for question in exam.questions[5:]:
    exam.resume()
    exam.answer(question.id, question.right)
result = exam.finish()
print(result.right, result.total, round(result.minutes_used))
"""
    assert kernel(progress_file, GO_ON + finish)[2:] == ["8 8 10"]
    with pytest.raises(practice.PracticeError, match="no SCS-C03 exam to go on with"):
        practice.resume_exam("SCS-C03")
    assert len(store.recorded("exam")) == 1


def test_a_killed_kernel_loses_no_answer(progress_file: Path) -> None:
    kernel(progress_file, BEGIN, kill=True)
    found = practice.resume_exam("SCS-C03")
    assert len(found.answers) == 5
    assert all(question.is_right(found.answers[question.id]) for question in found.questions[:5])
    assert not found.running and found.started


def test_every_kind_of_answer_comes_back_as_it_was(progress_file: Path) -> None:
    pool = blueprints.pools("SCS-C03")
    drawn = [
        next((q, d) for d, questions in pool.items() for q in questions if q.kind == kind)
        for kind in bank.KINDS
    ]
    exam = Exam(blueprints.blueprint("SCS-C03"), drawn, 10)
    for question in exam.questions:
        exam.answer(question.id, right_of(question))
    back = practice.resume_exam("SCS-C03")
    assert back.answers == {q.id: q.right for q in exam.questions}
    assert back.domain_of == exam.domain_of
    assert back.minutes == exam.minutes
    assert json.loads(progress_file.read_text())["recorded"]["sitting"]["SCS-C03"]["drawn"]


def test_the_clock_stands_while_no_kernel_runs(progress_file: Path) -> None:
    exam, clock = sitting(minutes=10)
    exam.start()
    clock.seconds += 90
    exam.pause()
    later = Clock()
    later.seconds += 1e6
    kept = sittings.kept("SCS-C03")
    assert kept is not None
    back = Exam.of(kept, later)
    assert back.seconds_left == 510
    with pytest.raises(practice.PracticeError, match=r"resume\(\) first"):
        back.answer(back.questions[0].id, right_of(back.questions[0]))
    back.resume()
    later.seconds += 600
    assert back.finish().minutes_used == 10


def test_each_exam_keeps_one_and_a_finished_one_is_put_away(progress_file: Path) -> None:
    one, other = practice.exam("SCS-C03", 3, seed=1), practice.exam("DVA-C03", 3, seed=1)
    one.start()
    other.start()
    newer = practice.exam("SCS-C03", 4, seed=2)
    assert len(practice.resume_exam("SCS-C03").questions) == 3  # drawn is not begun
    newer.start()
    assert len(practice.resume_exam("SCS-C03").questions) == 4
    one.finish()  # which is no longer the one that is kept
    assert len(practice.resume_exam("SCS-C03").questions) == 4
    newer.finish()
    assert sittings.kept("SCS-C03") is None
    assert len(practice.resume_exam("DVA-C03").questions) == 3


def test_a_rehearsal_leaves_no_trace(progress_file: Path) -> None:
    practice.exam("SCS-C03", 3, seed=1).start()
    before = progress_file.read_text()
    exam = practice.exam("SCS-C03", 4, seed=2, keep=False)
    exam.answer(exam.questions[0].id, right_of(exam.questions[0]))
    exam.pause()
    exam.resume()
    result = exam.finish()
    assert (result.right, result.total, result.history) == (1, 4, ())
    assert "oldest first" not in result.picture().alt
    assert progress_file.read_text() == before


def test_no_paused_exam_is_said_in_words() -> None:
    with pytest.raises(practice.PracticeError, match="no SAA-C03 exam to go on with"):
        practice.resume_exam("SAA-C03")
    with pytest.raises(practice.PracticeError, match="no exam 'SCS-C02'"):
        practice.resume_exam("SCS-C02")


@pytest.mark.parametrize(
    "damage",
    [
        {"drawn": []},
        {"drawn": "x"},
        {"drawn": [["gone", 5]]},
        {"drawn": [["00-sold-disk"]]},
        {"drawn": None},
        {"minutes": "ten"},
        {"minutes": 0},
        {"minutes": float("inf")},
        {"used": -1},
        {"used": 1e9},
        {"answers": None},
        {"marked": 5},
        {"id": None, "on": None, "drawn": [[5, 5]]},
    ],
    ids=str,
)
def test_a_record_that_cannot_be_used_counts_as_none(
    progress_file: Path, damage: dict[str, Any]
) -> None:
    exam = practice.exam("SCS-C03", 3, seed=1)
    exam.start()
    raw = store.recorded("sitting")["SCS-C03"]
    store.record("sitting", "SCS-C03", **raw | damage)
    assert sittings.kept("SCS-C03") is None
    assert "Paused" not in ExamView(practice.exam("SCS-C03", 3, seed=1)).message.value


def test_what_changed_in_the_bank_is_left_out(progress_file: Path) -> None:
    exam = practice.exam("SCS-C03", 4, seed=1)
    for question in exam.questions:
        exam.answer(question.id, right_of(question))
    raw = store.recorded("sitting")["SCS-C03"]
    first, second, *_ = [question.id for question in exam.questions]
    raw["drawn"][0][0] = "00-gone"
    raw["answers"][second] = ["no-such-option"]
    store.record("sitting", "SCS-C03", **raw)
    back = practice.resume_exam("SCS-C03")
    assert first not in [question.id for question in back.questions]
    assert len(back.questions) == 3
    assert second not in back.answers
    assert len(back.answers) == 2


def test_the_form_offers_the_paused_one_and_goes_on_with_it(progress_file: Path) -> None:
    exam = practice.exam("SCS-C03", 6, seed=1)
    for question in exam.questions[:2]:
        exam.answer(question.id, right_of(question))
    exam.pause()
    view = ExamView(practice.exam("SCS-C03", 5, seed=3))
    assert "2 of 6 answered" in view.message.value
    assert view.resume_button in view.row.children
    view.go_on_with_paused()
    assert view.exam.running
    assert "Question 1 of 6" in view.stem.value
    assert view._controls().answer == right_of(exam.questions[0])
    assert view.resume_button not in view.row.children
    assert "of 6 answered" in view.state.value
    view.turn(5)
    view.mark.value = True
    assert sittings.kept("SCS-C03").marked == {exam.questions[5].id}  # type: ignore[union-attr]


def test_the_form_asks_before_a_paused_one_is_lost(progress_file: Path) -> None:
    practice.exam("SCS-C03", 6, seed=1).start()
    view = ExamView(practice.exam("SCS-C03", 5, seed=3))
    view.go_or_pause()
    assert "Press Start again" in view.message.value
    assert not view.exam.started
    assert len(practice.resume_exam("SCS-C03").questions) == 6
    view.go_or_pause()
    assert view.exam.running
    assert len(practice.resume_exam("SCS-C03").questions) == 5


def test_an_answer_taken_back_is_not_kept(progress_file: Path) -> None:
    exam = practice.exam("SCS-C03", 3, seed=1)
    exam.answer(exam.questions[0].id, right_of(exam.questions[0]))
    exam.take_back(exam.questions[0].id)
    assert practice.resume_exam("SCS-C03").answers == {}
    exam.take_back("no-such-question")
