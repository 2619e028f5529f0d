"""What turns pages into a course. For now: the map of the lessons and the exams they serve."""

from .course import EXAMS, lessons

__all__ = ["EXAMS", "lessons"]
