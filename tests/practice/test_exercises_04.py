"""The exercises of lesson 04: each mistake that they know, as a learner might make it."""

from tests.practice.learner import checked
from tests.practice.test_exercises import IMPORTS

PARSE = "end = 2 + int.from_bytes(envelope[:2])\n"
DECRYPT = (
    "k = kms.decrypt(CiphertextBlob=envelope[2:end], KeyId=key_id, EncryptionContext=context)"
    "['Plaintext']\n"
)
OPEN = "return AESGCM(k).decrypt(envelope[end:end + 12], envelope[end + 12:], None)"
FRAMES = (
    "out, end = b'', len(frames) - 1\n"
    "if not frames:\n"
    "    raise ValueError('cut off')\n"
    "for n, frame in enumerate(frames):\n"
)
MANY = "sealed = []\nfor n, message in enumerate(messages):\n"
SEAL = (
    "    nonce = os.urandom(12)\n"
    "    secret = AESGCM(k['Plaintext']).encrypt(nonce, message, None)\n"
    "    sealed.append((k['CiphertextBlob'], nonce, secret))\n"
    "return sealed"
)
NEW_KEY = "        k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n"
DUE = "    if n % messages_per_key == 0:\n" + NEW_KEY

# Function -> the misconceptions by name, each with one or more bodies that have it.
WRONG: dict[str, dict[str, list[str]]] = {
    "open_envelope": {
        "KMS refuses the key's part": [
            PARSE.replace("2 + ", "") + DECRYPT + OPEN,
            PARSE + DECRYPT.replace("envelope[2:end]", "envelope[:end]") + OPEN,
            PARSE + DECRYPT.replace(", EncryptionContext=context", "") + OPEN,
            "end = len(envelope) % 5000\n" + DECRYPT + OPEN,
        ],
        "Too much was sent to KMS": [
            "end = 10 ** 6\n" + DECRYPT + OPEN,
        ],
        "AES-GCM refuses the data's part": [
            PARSE + DECRYPT + OPEN.replace("end + 12:]", "end:]"),
            PARSE + DECRYPT + OPEN.replace("end:end + 12", "end:end + 16").replace("12:]", "16:]"),
            PARSE + DECRYPT + OPEN.replace("None", "envelope[:end]"),
        ],
        "Not the data": [
            PARSE + DECRYPT + "return envelope[end + 12:]",
            PARSE + DECRYPT + "return k",
            PARSE + DECRYPT + OPEN + ".strip() + b'!'",
        ],
        "A changed envelope is opened": [
            PARSE + DECRYPT + "nonce = envelope[end:end + 12] + (2).to_bytes(4)\n"
            "opening = Cipher(algorithms.AES(k), modes.CTR(nonce)).decryptor()\n"
            "return opening.update(envelope[end + 12:-16])",
        ],
        "Context tried and left out": [
            PARSE + "try:\n"
            "    " + DECRYPT + "except Exception:\n"
            "    " + DECRYPT.replace(", EncryptionContext=context", "") + OPEN,
        ],
        "The key was not named": [
            PARSE + DECRYPT.replace("KeyId=key_id, ", "") + OPEN,
        ],
    },
    "open_frames": {
        "Counted from 1": [
            FRAMES + "    nonce = prefix + (n + 1).to_bytes(4) + bytes([n == end])\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "Numbers the wrong way round": [
            FRAMES + "    nonce = prefix + n.to_bytes(4, 'little') + bytes([n == end])\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "No frame is the last": [
            FRAMES + "    nonce = prefix + n.to_bytes(4) + b'\\0'\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "The wrong frames are the last": [
            FRAMES + "    nonce = prefix + n.to_bytes(4) + b'\\1'\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
            FRAMES + "    nonce = prefix + n.to_bytes(4) + bytes([n != end])\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "Genuine frames are refused": [
            FRAMES + "    nonce = prefix + bytes([n == end]) + n.to_bytes(4)\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
            "out = b''\n"
            "for frame in frames:\n"
            "    out += AESGCM(data_key).decrypt(frame[:12], frame[12:], None)\n"
            "return out",
        ],
        "Not the data": [
            FRAMES + "    nonce = prefix + n.to_bytes(4) + bytes([n == end])\n"
            "    out = AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "Nothing at all is opened": [
            "out = b''\n"
            "for n, frame in enumerate(frames):\n"
            "    nonce = prefix + n.to_bytes(4) + bytes([n == len(frames) - 1])\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "A cut-off file is opened": [
            FRAMES + "    try:\n"
            "        nonce = prefix + n.to_bytes(4) + b'\\0'\n"
            "        out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "    except Exception:\n"
            "        nonce = prefix + n.to_bytes(4) + b'\\1'\n"
            "        out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "Exchanged frames are opened": [
            FRAMES + "    for place in range(300):\n"
            "        try:\n"
            "            nonce = prefix + place.to_bytes(4) + bytes([n == end])\n"
            "            out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "            break\n"
            "        except Exception:\n"
            "            pass\n"
            "    else:\n"
            "        raise ValueError('no place')\n"
            "return out",
        ],
        "A repeated frame is opened": [
            "frames = list(dict.fromkeys(frames)) if len(frames) < 300 else frames\n"
            + FRAMES
            + "    nonce = prefix + n.to_bytes(4) + bytes([n == end])\n"
            "    out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "return out",
        ],
        "More after the end is opened": [
            FRAMES + "    for flag in (False, True):\n"
            "        try:\n"
            "            nonce = prefix + n.to_bytes(4) + bytes([flag])\n"
            "            out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "            break\n"
            "        except Exception:\n"
            "            if flag:\n"
            "                raise\n"
            "    if flag:\n"
            "        return out\n"
            "raise ValueError('cut off')",
        ],
        "A changed frame is opened": [
            FRAMES + "    nonce = prefix + n.to_bytes(4) + bytes([n == end])\n"
            "    counter = modes.CTR(nonce + (2).to_bytes(4))\n"
            "    opening = Cipher(algorithms.AES(data_key), counter).decryptor()\n"
            "    out += opening.update(frame[:-16])\n"
            "return out",
            FRAMES + "    nonce = prefix + n.to_bytes(4) + bytes([n == end])\n"
            "    try:\n"
            "        out += AESGCM(data_key).decrypt(nonce, frame, None)\n"
            "    except Exception:\n"
            "        print('something is wrong')\n"
            "return out",
        ],
    },
    "seal_many": {
        "A data key is used too often": [
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n" + MANY + SEAL,
            MANY + "    if n % (messages_per_key + 1) == 0:\n" + NEW_KEY + SEAL,
        ],
        "More calls than needed": [
            MANY + "    if True:\n" + NEW_KEY + SEAL,
            "k = kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')\n" + MANY + DUE + SEAL,
        ],
        "Nonce reused": [
            "nonce = os.urandom(12)\n"
            + MANY
            + DUE
            + SEAL.replace("    nonce = os.urandom(12)\n", ""),
        ],
        "Plaintext key stored beside the data": [
            MANY + DUE + SEAL.replace("(k['CiphertextBlob']", "(k['Plaintext']"),
        ],
        "KMS does not open the data key": [
            MANY + DUE.replace("key_id,", "kms.create_key()['KeyMetadata']['KeyId'],") + SEAL,
            MANY + DUE + SEAL.replace("(k['CiphertextBlob']", "(os.urandom(100)"),
        ],
        "KMS encrypted the messages themselves": [
            MANY + "    blob = kms.encrypt(KeyId=key_id, Plaintext=message)['CiphertextBlob']\n"
            "    sealed.append((blob, os.urandom(12), b'-'))\n"
            "return sealed",
        ],
        "A message does not open": [
            MANY + DUE + SEAL.replace("nonce, secret", "os.urandom(12), secret"),
            "messages = messages[::-1]\n" + MANY + DUE + SEAL,
        ],
        "Not one for each message": [
            MANY
            + DUE
            + SEAL.replace("    sealed.append", "    sealed = sealed or []\nsealed.append"),
        ],
        "Not three pieces of bytes": [
            MANY + DUE + SEAL.replace("nonce, secret))", "nonce + secret))"),
            MANY + DUE + SEAL.replace("nonce, secret))", "nonce.hex(), secret))"),
        ],
        "The whole reply": [
            "return kms.generate_data_key(KeyId=key_id, KeySpec='AES_256')",
        ],
    },
}
# Other right answers than the solution.
ALSO_RIGHT = [
    (
        "open_frames",
        "if not frames:\n"
        "    raise EOFError\n"
        "nonces = [prefix + n.to_bytes(4) + b'\\0' for n in range(len(frames) - 1)]\n"
        "nonces.append(prefix + (len(frames) - 1).to_bytes(4) + b'\\1')\n"
        "return b''.join(map(lambda n, f: AESGCM(data_key).decrypt(n, f, None), nonces, frames))",
    ),
    (
        "seal_many",  # Google's way
        "sealed, left = [], 0\n"
        "for message in messages:\n"
        "    if not left:\n"
        "        key, left = os.urandom(32), messages_per_key\n"
        "        wrapped = kms.encrypt(KeyId=key_id, Plaintext=key)['CiphertextBlob']\n"
        "    nonce, left = os.urandom(12), left - 1\n"
        "    sealed.append([wrapped, nonce, AESGCM(key).encrypt(nonce, message, None)])\n"
        "return sealed",
    ),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
