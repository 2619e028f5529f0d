"""What turns pages into a course: quizzes, a practice exam, and what has been passed so far.

from helpers import practice
practice.quiz("01")
practice.exam("SCS-C03", questions=20)
practice.progress()
practice.number("price_key")
"""

from .course import EXAMS, lessons
from .errors import PracticeError
from .exams import exam
from .overview import progress
from .quantities import number, numbers
from .quizzes import quiz
from .store import export_progress, import_progress

__all__ = [
    "EXAMS",
    "PracticeError",
    "exam",
    "export_progress",
    "import_progress",
    "lessons",
    "number",
    "numbers",
    "progress",
    "quiz",
]
