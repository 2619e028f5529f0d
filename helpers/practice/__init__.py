"""What turns pages into a course: the map of the lessons, exercises, predictions."""

from .course import EXAMS, lessons
from .exercises import check
from .messages import Message
from .predictions import happened, predict

__all__ = ["EXAMS", "Message", "check", "happened", "lessons", "predict"]
