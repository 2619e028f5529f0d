"""The exercises: one module a lesson, one checker an exercise."""

from .answers import answer
from .checking import check
from .kit import Call, Exercise, Misconception, all_exercises, exercise

__all__ = ["Call", "Exercise", "Misconception", "all_exercises", "answer", "check", "exercise"]
