"""Drawings for the lessons, made from plain values.

Every function returns a Picture: shown as the last value of a cell it is a PNG with alt text.
Nothing here opens the lab or calls AWS.
"""

from .boundary import boundary
from .capabilities import capabilities
from .course_map import course_map
from .decision import decision
from .exam_result import exam_result
from .message import gcm_message, pixels, signing_paths
from .picture import Picture
from .progress_map import progress_map
from .ratios import ratios

__all__ = [
    "Picture",
    "boundary",
    "capabilities",
    "course_map",
    "decision",
    "exam_result",
    "gcm_message",
    "pixels",
    "progress_map",
    "ratios",
    "signing_paths",
]
