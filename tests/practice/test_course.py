"""The course file: what README, lesson 00 and later the progress map draw from."""

import re

from helpers import practice
from helpers.practice.course import appendices


def test_lessons_are_numbered_in_order() -> None:
    numbers = [lesson["number"] for lesson in practice.lessons()]
    assert numbers == [f"{number:02}" for number in range(len(numbers))]


def test_every_lesson_serves_exams_that_exist() -> None:
    for lesson in practice.lessons():
        assert lesson["exams"]
        assert set(lesson["exams"]) <= set(practice.EXAMS)
        tasks = [task for tasks in lesson["exams"].values() for task in tasks]
        assert all(re.fullmatch(r"\d\.\d|all", task) for task in tasks)


def test_every_exam_is_served() -> None:
    served = {exam for lesson in practice.lessons() for exam in lesson["exams"]}
    assert served == set(practice.EXAMS)


def test_appendices_are_lettered_and_in_the_index() -> None:
    letters = [appendix["number"] for appendix in appendices()]
    assert letters == list("ABCDEFGH"[: len(letters)])
    shown = practice.index()
    for each in appendices():
        assert each["ready"]
        assert repr(shown).splitlines()[-1].startswith(f"{each['number']} {each['title']}: ")
        assert f'<a href="{each["file"]}">' in shown._repr_html_()
    assert not {each["file"] for each in appendices()} & {x["file"] for x in practice.lessons()}


def test_a_caller_cannot_change_the_course() -> None:
    practice.lessons()[0]["title"] = "changed"
    assert practice.lessons()[0]["title"] == "Start here"
