"""One example of every drawing, and words that its alt text must have."""

from collections.abc import Callable
from datetime import UTC, datetime

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

MATERIALS = [
    {
        "key_material_id": "a1" * 32,
        "state": "NON_CURRENT",
        "since": datetime(2026, 1, 1, tzinfo=UTC),
    },
    {"key_material_id": "b2" * 32, "state": "CURRENT", "since": datetime(2027, 1, 1, tzinfo=UTC)},
]
WHY = [
    {**material, "why": why}
    for material, why in zip(MATERIALS, ("created", "AUTOMATIC"), strict=True)
]
FIELDS = [("version", 0, b"v"), ("key ID", 1, b"k" * 16), ("nonce", 17, b"n" * 8),
          ("ciphertext", 25, b"c" * 20), ("tag", 45, b"t" * 16)]  # fmt: skip

DECISION = {
    "action": "kms:Decrypt",
    "allowed": False,
    "words": "a Deny in an IAM policy: nothing outweighs it",
    "statements": [
        {"source": "key policy", "policy": "p", "sid": "Account", "index": 0, "effect": "Allow",
         "matched": True, "reach": "account", "decided": False,
         "why": "matches; it names the whole account, so IAM policies decide"},
        {"source": "key policy", "policy": "p", "sid": "", "index": 1, "effect": "Allow",
         "matched": False, "reach": "", "decided": False,
         "why": "Action kms:A or kms:B or kms:C or kms:D* or kms:E does not cover kms:Decrypt; "
         "Principal arn:aws:iam::123456789012:role/b does not name "
         "arn:aws:sts::123456789012:assumed-role/a/session"},
        {"source": "identity policy", "policy": "q", "sid": "No", "index": 0, "effect": "Deny",
         "matched": True, "reach": "", "decided": True, "why": "matches"},
    ],
}  # fmt: skip

DRAWINGS: dict[str, Callable[[], figures.Picture]] = {
    "access": lambda: figures.access("ada", DECISION, "tenant=a"),
    "blob_layout": lambda: figures.blob_layout(FIELDS, {"nonce", "tag"}, 18, "Invalid"),
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
    "exchanges": lambda: figures.exchanges(
        [
            {
                "name": "ECDH",
                "sent": [("Ada", "public key", 91), ("Bob", "public key", 1200)],
                "both": "32 bytes",
            },
            {"name": "KEM", "sent": [("Bob", "ciphertext", 1088)], "both": "a secret"},
        ],
        "Ada",
        "Bob",
        "Two ways",
    ),
    "exam_weights": lambda: figures.exam_weights(
        {
            "X-1": [
                {"number": 1, "name": "Design of a very long name", "weight": 60, "named": True},
                {"number": 2, "name": "Data", "weight": 40, "named": False},
            ]
        }
    ),
    "flipped_bit": lambda: figures.flipped_bit(
        {"nonce": b"n" * 12, "text": b"t" * 5}, 13, 7, None, "Pay \x8000"
    ),
    "frame_orders": lambda: figures.frame_orders(
        [
            ("as sealed", "12", {"plain": True, "STREAM": True}),
            ("cut off", "1", {"plain": True, "STREAM": False}),
        ],
        whole="12",
    ),
    "framed_file": lambda: figures.framed_file(
        [("magic", 0, b"KMSE"), ("encrypted_data_key_length", 4, b"\0\x88")], [1016, 516]
    ),
    "gcm_message": lambda: figures.gcm_message(b"n" * 12, b"c" * 30, b"t" * 16, b"order=1"),
    "hash_matrix": lambda: figures.hash_matrix(
        {("SHA-1", "SHA-1"): "OK", ("SHA-1", "SHA-256"): "InvalidCiphertextException"}, "T"
    ),
    "import_attempt": lambda: figures.import_attempt(
        "RSA_2048", 1218, "RSA_4096", "RSAES_OAEP_SHA_256", "SHA-256", TOO_LONG
    ),
    "key_materials": lambda: figures.key_materials(MOMENTS, {"a": "first", "b": "2nd", "c": "3rd"}),
    "key_reuse": lambda: figures.key_reuse([(1, 120.5, 1), (100, 0.001, 100)], 100, "A month"),
    "message_parts": lambda: figures.message_parts(
        "Envelope", [("length", 2, "form", "of the key"), ("data key", 184, "key", "encrypted")]
    ),
    "key_hierarchy": lambda: figures.key_hierarchy(
        "us-east-1",
        [{"name": "alias/a", "key_id": "1234abcd-12", "materials": MATERIALS}],
        [
            {"key_material_id": "a1" * 32, "holds": "text, 9 bytes"},
            {"key_material_id": "b2" * 32, "holds": "data key, 32 bytes", "below": "a film"},
        ],
    ),
    "key_life": lambda: figures.key_life(
        MOVES, [("DisableKey", "Disabled"), ("DisableKey", "KMSInvalidStateException")]
    ),
    "oaep_room": lambda: figures.oaep_room(256, "SHA-256", 32, 191, False, "RSAES_OAEP_SHA_256"),
    "outcomes": lambda: figures.outcomes(
        {("Encrypt", "an\nalias"): "OK", ("DisableKey", "an\nalias"): "InvalidArnException"},
        {"Use": ["Encrypt"], "Manage": ["DisableKey"]},
        ["an\nalias"],
        "Which name works where",
    ),
    "pixels": lambda: figures.pixels({"a": [[0, 255]], "b": [[255, 0]]}, alt="Two pictures."),
    "progress_map": lambda: figures.progress_map(PROGRESS, [("X-1", "5 Data", 1, 2)]),
    "quota_ladder": lambda: figures.quota_ladder(
        {"symmetric": 10_000, "RSA": 1_000, "CreateKey": 5}, 5_000, "A load"
    ),
    "ratios": lambda: figures.ratios(
        {"time": {"AES": 1e-6, "RSA": 5e-4}}, yardstick="AES", title="T", alt="Bars."
    ),
    "s3_bill": lambda: figures.s3_bill(1_000_000, 0, True, 0.99, 0.03, 20_000, 1.0),
    "s3_gates": lambda: figures.s3_gates(
        [
            {"who": "ada", "gates": [("s3:GetObject", False)], "gets": "AccessDenied"},
            {
                "who": "bob",
                "gates": [("s3:GetObject", True), ("kms:Decrypt", True)],
                "gets": "plaintext",
            },
            {"who": "eve", "gates": [("s3:GetObject", True)], "gets": "plaintext"},
        ]
    ),
    "s3_kinds": lambda: figures.s3_kinds(
        [
            {"name": "SSE-C", "note": "KMS: never", "chains": [[("your key", "you")]]},
            {
                "name": "DSSE-KMS",
                "note": "KMS: twice",
                "chains": [
                    [("KMS key", "KMS"), ("data key", "S3")],
                    [("root key", "S3"), ("object key", "S3")],
                ],
            },
        ]
    ),
    "s3_requests": lambda: figures.s3_requests(
        [
            {
                "request": "PutObject",
                "asked": [{"event": "Encrypt", "context": "a=b", "reply": "blob"}],
                "inside": "encrypts",
                "answer": "200",
            }
        ]
    ),
    "secret_bill": lambda: figures.secret_bill(
        {
            "Secrets Manager": [("kept", 8.0), ("requests", 0.1), ("KMS", 1.0)],
            "KMS alone": [("kept", 0.0), ("requests", 0.0), ("KMS", 1.0)],
        },
        "20 secrets, a month",
    ),
    "sdk_message": lambda: figures.sdk_message(
        [
            ("version", b"\2"),
            ("algorithm suite", b"\x04\x78"),
            ("key ARN", b"arn" * 20),
            ("tag", b"t" * 9000),
        ]
    ),
    "rotation_cost": lambda: figures.rotation_cost(4, 365, [1, 2, 3], [1, 2, 3]),
    "rotation_timeline": lambda: figures.rotation_timeline(
        WHY,
        datetime(2027, 6, 1, tzinfo=UTC),
        None,
        [("x", datetime(2026, 2, 1, tzinfo=UTC), "a1" * 32)],
    ),
    "signature_forms": lambda: figures.signature_forms(
        bytes.fromhex("3044 0221 00" + "9c" * 32 + "021f" + "11" * 31),
        bytes.fromhex("9c" * 32 + "00" + "11" * 31),
    ),
    "signing_paths": lambda: figures.signing_paths(
        [{"name": "once", "steps": ["film", "SHA-256"], "verifies": False}]
    ),
    "sizes": lambda: figures.sizes(
        {
            "old": {"EC": {"public key": 91, "signature": 72}, "AES": {"public key": 0}},
            "new": {"ML-DSA": {"public key": 1974, "signature": 3309}},
        },
        "What it costs",
    ),
    "throttled": lambda: figures.throttled([(3, 3), (12, 7), (0, 0)], 5, "Three seconds"),
    "what_crosses": lambda: figures.what_crosses(
        {
            "AWS": {
                "write": [
                    {
                        "operation": "GenerateDataKey",
                        "sent": {},
                        "back": {"data key": 32, "wrapped key": 136},
                    }
                ],
                "move": [{"operation": "ReEncrypt", "sent": {"wrapped key": 136}, "back": {}}],
            },
            "Other": {"write": [], "move": []},
        }
    ),
    "volume_life": lambda: figures.volume_life(
        [
            {"step": "attach", "key": "Enabled", "grant": True, "in_memory": True, "disk": "OK"},
            {"step": "detach", "key": "Disabled", "grant": False, "in_memory": False, "disk": ""},
            {
                "step": "try\nagain",
                "key": "Disabled",
                "grant": False,
                "in_memory": False,
                "disk": "DisabledException",
            },
        ],
        "A volume",
    ),
    "storage_plan": lambda: figures.storage_plan(
        [("ada", "GetObject", "Decrypt"), ("bob", "", "manages")],
        {"default": "SSE-KMS"},
        {"alias": "alias/a", "rotates": "365 days"},
    ),
    "trail_alarms": lambda: figures.trail_alarms(
        [("2026-11-23", "CreateKey"), ("2026-11-24", "PutKeyPolicy")],
        [("a policy changes", [1]), ("a key is deleted", [])],
    ),
    "wrapped_parts": lambda: figures.wrapped_parts([("RSA", 384, 1224), ("EC", 384, 152)], "T"),
    "two_flows": lambda: figures.two_flows(
        {"One": [("program", "think"), ("KMS", "GenerateDataKey")], "Two": [("program", "think")]}
    ),
    "verdicts": lambda: figures.verdicts(
        [("Sky is blue", "true"), ("Sea is red", "false"), ("Later", "")],
        {"true": "✓", "false": "✗", "opinion": "○"},
    ),
}
WORDS = {
    "access": [
        "ada asks for kms:Decrypt, tenant=a.",
        "key policy: leaves it to IAM (Allow: Account, matched",
        "Allow: statement 2, no match: Action kms:A and 4 more does not cover kms:Decrypt; "
        "Principal role/b in 123456789012 does not name role/a in 123456789012",
        "IAM policy: denies (Deny: No, decided: matches); grant: none there. Denied: a Deny in",
    ],
    "blob_layout": [
        "61 bytes",
        "version 1, key ID 16, nonce 8, ciphertext 20, tag 16",
        "Byte 18, in the nonce, is changed. Decrypt answers: Invalid",
    ],
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
    "exam_weights": ["X-1: 1 Design of a very long name 60 % (named), 2 Data 40 %"],
    "flipped_bit": ["17 bytes: nonce 12, text 5", "byte 1 of the text", "✗ InvalidTag", "Pay ·00"],
    "frame_orders": ["cut off (1): plain opens, STREAM refuses", "as sealed (1 2): plain opens"],
    "framed_file": [
        "1,538 bytes",
        "data key length 2 bytes (136)",
        "(500 of ciphertext, 16 of tag, th",
    ],
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
    "key_reuse": ["100 messages per data key: USD under 0.01", "USD 120 and 1 to", "100 opened"],
    "message_parts": ["Envelope, 186 bytes", "data key 184 bytes (encrypted)"],
    "key_hierarchy": [
        "alias/a, key 1234abcd…",
        "a1a1a1a1… (NON_CURRENT), under it text, 9 bytes",
        "b2b2b2b2… (CURRENT), under it data key, 32 bytes that encrypts a film",
    ],
    "key_life": ["DisableKey: Disabled", "refused, KMSInvalidStateException", "ends Disabled"],
    "oaep_room": ["66 of them", "At most 190", "191 bytes do not fit: 1 too many", "In KMS: RSAES"],
    "outcomes": ["Encrypt: OK with an alias", "DisableKey: InvalidArnException with an alias"],
    "pixels": ["Two pictures."],
    "progress_map": ["00 One: 1 of 2 exercises, 3 of 3 questions", "X-1 5 Data: 1 of 2"],
    "quota_ladder": [
        "A load: 5,000 requests per second",
        "symmetric, 10,000: fits; RSA, 1,000: 5.0 times it; CreateKey, 5: 1,000 times it",
    ],
    "ratios": ["Bars."],
    "s3_bill": ["1,000,000 objects put", "10,000 requests", "USD 0.00", "key off: USD 3.94"],
    "s3_gates": ["ada: s3:GetObject denied, gets AccessDenied", "kms:Decrypt allowed"],
    "s3_kinds": ["SSE-C, KMS: never: the object is under your key (you)", "under object key (S3)"],
    "s3_requests": ["PutObject: S3 asks KMS Encrypt with a=b", "gets back: blob", "encrypts"],
    "two_flows": ["One, 1 call to KMS: 1 program: think; 2 KMS: GenerateDataKey", "Two, 0 calls"],
    "secret_bill": [
        "Secrets Manager: USD 9.10 (kept 8.00, requests 0.10, KMS 1.00)",
        "KMS alone: USD 1.00 (kept 0.00",
    ],
    "sdk_message": ["version 1 byte (2)", "suite 2 bytes (0x0478: ", "key ARN 60 bytes (…"],
    "rotation_cost": [
        "every 365 days, after 4 years",
        "3 rotations, 4 materials, USD 3.00 a month now, USD 108.00 paid in all, USD 48.00 without",
    ],
    "rotation_timeline": [
        "1 a1a1a1a1… since 2026-01-01 (created); 2 b2b2b2b2… since 2027-01-01 (AUTOMATIC)",
        "Blob x of 2026-02-01 belongs to a1a1a1a1…",
    ],
    "exchanges": [
        "ECDH: Ada sends public key, 91 bytes; Bob sends public key, 1,200 bytes; "
        "1,291 bytes on the wire; both hold 32 bytes",
        "KEM: Bob sends ciphertext, 1,088 bytes; 1,088 bytes on the wire; both hold a secret",
    ],
    "signature_forms": [
        "DER, from KMS: 70 bytes (type and length 2, type and length 2, zero 1, r 32, "
        "type and length 2, s 31)",
        "ES256: 64 bytes (r 32, zero 1, s 31)",
    ],
    "sizes": [
        "old, bytes: EC public key 91 and signature 72; AES public key 0",
        "new, bytes: ML-DSA public key 1,974 and signature 3,309",
    ],
    "signing_paths": ["once: film then SHA-256, the partner refuses"],
    "throttled": [
        "Quota 5 per second",
        "3 of 3, 7 of 12, 0 of 0. Together 10 of 15; 5 ended in ThrottlingException",
    ],
    "what_crosses": [
        "write: GenerateDataKey sends no key and gets a data key in the clear of 32 bytes and a "
        "wrapped key of 136 bytes back",
        "move: ReEncrypt sends a wrapped key of 136 bytes and gets none back",
        "Other: write: no call; move: no call",
    ],
    "volume_life": [
        "1 attach: the key is Enabled, a grant, a plaintext data key in the host, the disk works",
        "2 detach: the key is Disabled, no grant, no plaintext data key in the host, the disk is "
        "detached",
        "3 try again: the key is Disabled, no grant, no plaintext data key in the host, the disk "
        "does not work: DisabledException",
    ],
    "storage_plan": [
        "ada: in S3 GetObject, with the key Decrypt; bob: in S3 nothing, with the key manages",
        "The bucket: default SSE-KMS; The key: alias alias/a, rotates 365 days",
    ],
    "trail_alarms": [
        "2 events of the trail, 2 rules",
        "a policy changes: PutKeyPolicy on 2026-11-24; a key is deleted: silent",
    ],
    "wrapped_parts": ["EC: first the AES key wrapped under RSA, 384 bytes", "about 1,200 bytes"],
    "verdicts": [
        "Verdicts on 3 claims: true 1 (1 Sky is blue), false 1 (2 Sea is red). 1 not run yet."
    ],
}
