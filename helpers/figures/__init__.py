"""Drawings for the lessons, made from plain values.

Every drawing is a Picture: shown as the last value of a cell it is a PNG with alt text.
``live`` makes one move, with a ``slider`` or a ``choice`` for each argument.
Nothing here opens the lab or calls AWS.
"""

from .bill import bill
from .boundary import boundary
from .capabilities import capabilities
from .course_map import course_map
from .custody import custody, key_materials
from .decision import decision
from .exam_result import exam_result
from .key_life import key_life
from .live import choice, live, slider
from .message import gcm_message, pixels, signing_paths
from .oaep import oaep_room
from .outcomes import outcomes
from .picture import Picture
from .progress_map import progress_map
from .ratios import ratios
from .tampering import flipped_bit
from .wrapping import hash_matrix, import_attempt, wrapped_parts

__all__ = [
    "Picture",
    "bill",
    "boundary",
    "capabilities",
    "choice",
    "course_map",
    "custody",
    "decision",
    "exam_result",
    "flipped_bit",
    "gcm_message",
    "hash_matrix",
    "import_attempt",
    "key_life",
    "key_materials",
    "live",
    "oaep_room",
    "outcomes",
    "pixels",
    "progress_map",
    "ratios",
    "signing_paths",
    "slider",
    "wrapped_parts",
]
