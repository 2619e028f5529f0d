"""What turns pages into a course: exercises, predictions, quizzes, an exam, and what was passed.

practice.predict("01-question", "What will happen?", ["this", "that"])
practice.check(my_function)
practice.quiz("01")
practice.exam("SCS-C03", questions=20)
practice.weaknesses()
practice.progress()
practice.number("price_key")
"""

from .articles import article
from .capstone import incident, report, verify
from .course import EXAMS, index, lessons
from .errors import PracticeError
from .exams import exam, resume_exam
from .exercises import answer, check
from .glossary import glossary
from .guides import exam_guides
from .messages import Message
from .overview import progress
from .predictions import happened, predict
from .quantities import number, numbers
from .quizzes import quiz
from .store import export_progress, import_progress
from .weakness import weaknesses

__all__ = [
    "EXAMS",
    "Message",
    "PracticeError",
    "answer",
    "article",
    "check",
    "exam",
    "exam_guides",
    "export_progress",
    "glossary",
    "happened",
    "import_progress",
    "incident",
    "index",
    "lessons",
    "number",
    "numbers",
    "predict",
    "progress",
    "quiz",
    "report",
    "resume_exam",
    "verify",
    "weaknesses",
]
