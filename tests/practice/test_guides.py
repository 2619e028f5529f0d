"""The exams as their guides describe them, and which domains the lessons name."""

from helpers import practice
from helpers.practice import blueprints, guides


def test_every_exam_is_in_the_table_with_its_numbers() -> None:
    shown = practice.exam_guides()
    page = shown._repr_html_()
    for exam, name in practice.EXAMS.items():
        plan = blueprints.blueprint(exam)
        assert f"{exam} | {name} | {plan.questions} | {plan.scored} | " in repr(shown)
        assert f"<td>{name}</td>" in page
        assert 0 < plan.scored < plan.questions
    assert "Opens on 1 December 2026" in repr(shown)
    assert "not said" in repr(shown)  # how long DVA-C03 takes


def test_the_picture_has_every_domain_with_its_weight() -> None:
    alt = practice.exam_guides().picture().alt
    for exam in practice.EXAMS:
        for number, domain in blueprints.blueprint(exam).domains.items():
            named = " (named)" if number in guides.named(exam) else ""
            assert f"{number} {domain.name} {domain.weight} %{named}" in alt


def test_domains_are_named_by_the_lessons_tasks() -> None:
    assert 5 in guides.named("SCS-C03")
    assert guides.named("CLF-C02") == {2, 4}  # lesson 12, which serves all, names none
