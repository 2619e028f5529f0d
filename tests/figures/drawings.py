"""One example of every drawing, and words that its alt text must have."""

from collections.abc import Callable

from helpers import figures

OUTCOMES = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): "created",
    ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"): "refused",
    ("SM2", "ENCRYPT_DECRYPT"): "not in this Region",
    ("SM2", "SIGN_VERIFY"): "refused",
}
LESSONS = [
    {"number": "00", "title": "One", "minutes": 5, "ready": True, "exams": {"A": ["1.1"]}},
    {"number": "01", "title": "Two", "minutes": 5, "ready": False, "exams": {"B": ["2.2", "3"]}},
]
MOVES = [
    ("no key yet", "CreateKey", "Enabled"),
    ("Enabled", "DisableKey", "Disabled"),
    ("Disabled", "EnableKey", "Enabled"),
    ("Enabled", "ScheduleKeyDeletion", "PendingDeletion"),
]
PROGRESS = [
    {"number": "00", "title": "One", "ready": True, "questions": (3, 3), "exercises": (1, 2)},
    {"number": "01", "title": "Two", "ready": True, "questions": (0, 0), "exercises": (0, 0)},
    {"number": "02", "title": "Three", "ready": False, "questions": (0, 0), "exercises": (0, 0)},
]
IMPORT_STEPS = [
    {
        "step": "ask",
        "sent": "token",
        "to": "you",
        "you": [("material", "secret"), ("public key", "public")],
        "kms": [],
        "state": "PendingImport",
    },
    {
        "step": "send",
        "sent": "wrapped",
        "to": "KMS",
        "you": [("material", "secret"), ("wrapped\nmaterial", "sealed")],
        "kms": [("its copy", "sealed")],
        "state": "Enabled",
    },
]
IMPORTED, ABSENT = {"ImportState": "IMPORTED"}, {"ImportState": "PENDING_IMPORT"}
MOMENTS = [
    {
        "when": "at first",
        "state": "Enabled",
        "rotations": [{"KeyMaterialId": "a", "KeyMaterialState": "CURRENT", **IMPORTED}],
    },
    {
        "when": "later",
        "state": "PendingImport",
        "rotations": [
            {"KeyMaterialId": "a", "KeyMaterialState": "NON_CURRENT", **ABSENT},
            {"KeyMaterialId": "b", "KeyMaterialState": "CURRENT", **IMPORTED},
            {"KeyMaterialId": "c", "KeyMaterialState": "PENDING_ROTATION", **IMPORTED},
        ],
    },
]
TOO_LONG = ("GetParametersForImport", "UnsupportedOperationException", "It is too long.")


DRAWINGS: dict[str, Callable[[], figures.Picture]] = {
    "bill": lambda: figures.bill(
        [("keys", 3.0, "3 keys"), ("requests", 0.06, "40,000 requests")], "A month"
    ),
    "boundary": lambda: figures.boundary([("Blob", "yours")], [("Key material", "never")]),
    "capabilities": lambda: figures.capabilities(OUTCOMES, ["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
    "course_map": lambda: figures.course_map(LESSONS, ["A", "B"]),
    "custody": lambda: figures.custody(IMPORT_STEPS),
    "decision": lambda: figures.decision([("Is it?", "Take it", "why")], ("Other", "so"), "Which?"),
    "exam_result": lambda: figures.exam_result(
        "X-1", {"5 Data": (2, 3)}, [("2026-11-01", 0, 3), ("2026-11-24", 2, 3)]
    ),
    "flipped_bit": lambda: figures.flipped_bit(
        {"nonce": b"n" * 12, "text": b"t" * 5}, 13, 7, None, "Pay \x8000"
    ),
    "gcm_message": lambda: figures.gcm_message(b"n" * 12, b"c" * 30, b"t" * 16, b"order=1"),
    "hash_matrix": lambda: figures.hash_matrix(
        {("SHA-1", "SHA-1"): "OK", ("SHA-1", "SHA-256"): "InvalidCiphertextException"}, "T"
    ),
    "import_attempt": lambda: figures.import_attempt(
        "RSA_2048", 1218, "RSA_4096", "RSAES_OAEP_SHA_256", "SHA-256", TOO_LONG
    ),
    "key_materials": lambda: figures.key_materials(MOMENTS, {"a": "first", "b": "2nd", "c": "3rd"}),
    "key_life": lambda: figures.key_life(
        MOVES, [("DisableKey", "Disabled"), ("DisableKey", "KMSInvalidStateException")]
    ),
    "oaep_room": lambda: figures.oaep_room(256, "SHA-256", 32, 191, False, "RSAES_OAEP_SHA_256"),
    "outcomes": lambda: figures.outcomes(
        {("Encrypt", "alias"): "OK", ("DisableKey", "alias"): "InvalidArnException"},
        {"Use": ["Encrypt"], "Manage": ["DisableKey"]},
        ["alias"],
        "Which name works where",
    ),
    "pixels": lambda: figures.pixels({"a": [[0, 255]], "b": [[255, 0]]}, alt="Two pictures."),
    "progress_map": lambda: figures.progress_map(PROGRESS, [("X-1", "5 Data", 1, 2)]),
    "ratios": lambda: figures.ratios(
        {"time": {"AES": 1e-6, "RSA": 5e-4}}, yardstick="AES", title="T", alt="Bars."
    ),
    "signing_paths": lambda: figures.signing_paths(
        [{"name": "once", "steps": ["film", "SHA-256"], "verifies": False}]
    ),
    "wrapped_parts": lambda: figures.wrapped_parts([("RSA", 384, 1224), ("EC", 384, 152)], "T"),
}
WORDS = {
    "bill": ["keys: USD 3.00, 3 keys", "requests: USD 0.06", "Together USD 3.06 a month"],
    "boundary": ["Blob (yours)", "Key material (never)"],
    "capabilities": ["SYMMETRIC_DEFAULT: encrypt", "SM2: not in this Region"],
    "course_map": ["2 lessons", "A, B", "Ready now: 00 One"],
    "custody": [
        "1 ask: you hold material and public key, KMS holds nothing, the key is PendingImport",
        "2 send: you hold material and wrapped material, KMS holds its copy, the key is Enabled",
    ],
    "decision": ["Is it? Yes: Take it", "otherwise Other"],
    "exam_result": ["5 Data 2 of 3", "oldest first: 2026-11-01 0 of 3; 2026-11-24 2 of 3"],
    "flipped_bit": ["17 bytes: nonce 12, text 5", "byte 1 of the text", "✗ InvalidTag", "Pay ·00"],
    "gcm_message": ["nonce of 12 bytes", "ciphertext of 30 bytes", "tag of 16 bytes", "order=1"],
    "hash_matrix": ["OAEP SHA-1, MGF1 SHA-256: ✗ InvalidCiphertextException"],
    "import_attempt": [
        "RSA_2048 under RSA_4096, RSAES_OAEP_SHA_256, MGF1 with SHA-256",
        "room for 446 bytes and carries the material itself: about 1,200 bytes",
        "✗ UnsupportedOperationException: It is too long.",
    ],
    "key_materials": [
        "at first: first CURRENT, encrypts, decrypts; the key is Enabled",
        "later: first NON_CURRENT, not there; 2nd CURRENT, there, of no use now; "
        "3rd PENDING_ROTATION, there, of no use now; the key is PendingImport",
    ],
    "key_life": ["DisableKey: Disabled", "refused, KMSInvalidStateException", "ends Disabled"],
    "oaep_room": ["66 of them", "At most 190", "191 bytes do not fit: 1 too many", "In KMS: RSAES"],
    "outcomes": ["Use. Encrypt: OK with alias", "DisableKey: InvalidArnException with alias"],
    "pixels": ["Two pictures."],
    "progress_map": ["00 One: 1 of 2 exercises, 3 of 3 questions", "X-1 5 Data: 1 of 2"],
    "ratios": ["Bars."],
    "signing_paths": ["once: film then SHA-256, the partner refuses"],
    "wrapped_parts": ["EC: first the AES key wrapped under RSA, 384 bytes", "about 1,200 bytes"],
}
