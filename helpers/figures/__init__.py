"""Drawings for the lessons, made from plain values.

Every drawing is a Picture: shown as the last value of a cell it is a PNG with alt text.
``live`` makes one move, with a ``slider`` or a ``choice`` for each argument.
Nothing here opens the lab or calls AWS.
"""

from .access import access
from .bill import bill
from .blob_layout import blob_layout
from .boundary import boundary
from .capabilities import capabilities
from .clouds import what_crosses
from .course_map import course_map
from .custody import custody, key_materials
from .decision import decision
from .envelopes import frame_orders, message_parts, two_flows
from .exam_result import exam_result
from .exam_weights import exam_weights
from .exchanges import exchanges
from .formats import framed_file, sdk_message
from .hierarchy import key_hierarchy
from .key_life import key_life
from .key_reuse import key_reuse
from .live import choice, live, slider
from .message import gcm_message, pixels, signing_paths
from .oaep import oaep_room
from .outcomes import outcomes
from .picture import Picture
from .progress_map import progress_map
from .quotas import quota_ladder, throttled
from .ratios import ratios
from .rotation import rotation_cost, rotation_timeline
from .s3_bill import s3_bill
from .s3_gates import s3_gates
from .s3_kinds import s3_kinds
from .s3_requests import s3_requests
from .secret_bill import secret_bill
from .signature_forms import signature_forms
from .sizes import sizes
from .storage_plan import storage_plan
from .tampering import flipped_bit
from .trail_alarms import trail_alarms
from .verdicts import verdicts
from .volume_life import volume_life
from .wrapping import hash_matrix, import_attempt, wrapped_parts

__all__ = [
    "Picture",
    "access",
    "bill",
    "blob_layout",
    "boundary",
    "capabilities",
    "choice",
    "course_map",
    "custody",
    "decision",
    "exam_result",
    "exam_weights",
    "exchanges",
    "flipped_bit",
    "frame_orders",
    "framed_file",
    "gcm_message",
    "hash_matrix",
    "import_attempt",
    "key_hierarchy",
    "key_life",
    "key_materials",
    "key_reuse",
    "live",
    "message_parts",
    "oaep_room",
    "outcomes",
    "pixels",
    "progress_map",
    "quota_ladder",
    "ratios",
    "rotation_cost",
    "rotation_timeline",
    "s3_bill",
    "s3_gates",
    "s3_kinds",
    "s3_requests",
    "sdk_message",
    "secret_bill",
    "signature_forms",
    "signing_paths",
    "sizes",
    "slider",
    "storage_plan",
    "throttled",
    "trail_alarms",
    "two_flows",
    "verdicts",
    "volume_life",
    "what_crosses",
    "wrapped_parts",
]
