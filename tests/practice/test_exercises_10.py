"""Lesson 10's exercises: wrong answers, and the title that each must get."""

from tests.practice.learner import checked

IMPORTS = """
import os
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

def oaep(main=hashes.SHA256, mgf1=hashes.SHA256):
    return padding.OAEP(mgf=padding.MGF1(mgf1()), algorithm=main(), label=None)

def walk(requests, rate, size, tokens=None, refill=True, cap=True, pay=False, floor=False,
         apart=False, passed=False):
    start = size if tokens is None else tokens
    state, counts = {}, {}
    for time, caller in requests:
        time = int(time) if floor else time
        own = caller if apart else None
        tokens, last = state.get(own, (start, 0))
        tokens += (time - last) * rate if refill else 0
        tokens = min(size, tokens) if cap else tokens
        through = tokens >= 1
        tokens -= 1 if through or pay else 0
        if through == passed:
            counts[caller] = counts.get(caller, 0) + 1
        state[own] = tokens, time
    return counts
"""
UNWRAP = "data_key = old_key.decrypt(envelope['wrapped_key'], oaep())\n"
EACH = "min(prices['key'] + n * prices['rotation'], prices['key_most'])"
CHARGED = "max(0, requests - prices['free']) / 10000 * prices['per_10000']"

WRONG: dict[str, dict[str, list[str]]] = {
    "rewrap": {
        "The data key lies in the open": [
            UNWRAP + "return envelope | {'kid': new_kid, 'wrapped_key': data_key}",
            UNWRAP + "return envelope | {'kid': new_kid, 'data_key': data_key,\n"
            "    'wrapped_key': new_key.encrypt(data_key, oaep())}",
        ],
        "Other members than before": [
            UNWRAP + "return {'kid': new_kid, 'wrapped_key': new_key.encrypt(data_key, oaep())}",
            UNWRAP + "return envelope | {'new_kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(data_key, oaep())}",
            "return {}",
        ],
        "The wrapped key is not bytes": [
            UNWRAP + "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(data_key, oaep()).hex()}",
        ],
        "Still under the old key": [
            "return envelope | {'kid': new_kid}",
            "return dict(envelope)",
            UNWRAP + "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': old_key.public_key().encrypt(data_key, oaep())}",
        ],
        "Not RSA-OAEP-256": [
            "data_key = old_key.decrypt(envelope['wrapped_key'], oaep(hashes.SHA1, hashes.SHA1))\n"
            "return envelope | {'wrapped_key': new_key.encrypt(data_key, oaep())}",
            UNWRAP + "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(data_key, oaep(hashes.SHA1, hashes.SHA1))}",
            UNWRAP + "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(data_key, oaep(hashes.SHA256, hashes.SHA1))}",
            UNWRAP + "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(data_key, padding.PKCS1v15())}",
        ],
        "The new key does not open it": [
            "return envelope | {'kid': new_kid, 'wrapped_key': os.urandom(384)}",
            UNWRAP + "return envelope | {'kid': new_kid, 'wrapped_key': data_key[::-1]}",
        ],
        "Wrapped twice": [
            "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(envelope['wrapped_key'], oaep())}",
        ],
        "The data was encrypted again": [
            UNWRAP + "data = AESGCM(data_key).decrypt(envelope['nonce'], envelope['ciphertext'],"
            " None)\n"
            "data_key, nonce = os.urandom(32), os.urandom(12)\n"
            "return {'kid': new_kid, 'wrapped_key': new_key.encrypt(data_key, oaep()),\n"
            "    'nonce': nonce, 'ciphertext': AESGCM(data_key).encrypt(nonce, data, None)}",
            UNWRAP + "return envelope | {'kid': new_kid, 'nonce': os.urandom(12),\n"
            "    'wrapped_key': new_key.encrypt(data_key, oaep())}",
        ],
        "Another data key": [
            "return envelope | {'kid': new_kid,\n"
            "    'wrapped_key': new_key.encrypt(os.urandom(32), oaep())}",
        ],
        "The name of the old key is left": [
            UNWRAP + "return envelope | {'wrapped_key': new_key.encrypt(data_key, oaep())}",
        ],
        "An argument was changed": [
            UNWRAP + "envelope['kid'] = new_kid\n"
            "envelope['wrapped_key'] = new_key.encrypt(data_key, oaep())\n"
            "return envelope",
        ],
        "It returns bytes": [UNWRAP + "return new_key.encrypt(data_key, oaep())"],
    },
    "refused": {
        "A bucket for each caller": ["return walk(requests, rate, size, apart=True)"],
        "No tokens come in": ["return walk(requests, rate, size, refill=False)"],
        "The bucket grows without end": ["return walk(requests, rate, size, cap=False)"],
        "Refused requests take tokens": ["return walk(requests, rate, size, pay=True)"],
        "Empty at the start": ["return walk(requests, rate, size, tokens=0)"],
        "Tokens only at whole seconds": ["return walk(requests, rate, size, floor=True)"],
        "Counted by calendar second": [
            f"seen, counts = {{}}, {{}}\n"
            f"for time, caller in requests:\n"
            f"    seen[int(time)] = seen.get(int(time), 0) + 1\n"
            f"    if seen[int(time)] > {most}:\n"
            f"        counts[caller] = counts.get(caller, 0) + 1\n"
            f"return counts"
            for most in ("rate", "size")
        ],
        "It counts what got through": ["return walk(requests, rate, size, passed=True)"],
        "Not by caller": ["return {'refused': sum(walk(requests, rate, size).values())}"],
        "Other requests are refused": ["return {}", "return {'app': 1}"],
        "It returns int": ["return sum(walk(requests, rate, size).values())"],
    },
    "monthly_bill": {
        "Every rotation is billed": [
            f"return sum(prices['key'] + n * prices['rotation'] for n in keys) + {CHARGED}",
        ],
        "The cap is for all keys together": [
            "each = sum(prices['key'] + n * prices['rotation'] for n in keys)\n"
            f"return min(each, prices['key_most']) + {CHARGED}",
        ],
        "Rotations cost nothing": [f"return len(keys) * prices['key'] + {CHARGED}"],
        "The free requests are forgotten": [
            f"return sum({EACH} for n in keys) + requests / 10000 * prices['per_10000']",
        ],
        "Less than nothing": [
            f"return sum({EACH} for n in keys)"
            " + (requests - prices['free']) / 10000 * prices['per_10000']",
        ],
        "Each request costs as much as ten thousand": [
            f"return sum({EACH} for n in keys)"
            " + max(0, requests - prices['free']) * prices['per_10000']",
        ],
        "Whole ten thousands only": [
            f"return sum({EACH} for n in keys) + max(0, requests - prices['free']) // 10000"
            " * prices['per_10000']",
            f"return sum({EACH} for n in keys) - (-max(0, requests - prices['free']) // 10000)"
            " * prices['per_10000']",
        ],
        "The keys themselves are missing": [
            "return sum(min(n * prices['rotation'], prices['key_most']) for n in keys)"
            f" + {CHARGED}",
        ],
        "The requests are missing": [f"return sum({EACH} for n in keys)"],
        "Prices written into the function": [
            "return sum(min(1 + n, 3) for n in keys) + max(0, requests - 20000) / 10000 * 0.03",
        ],
        "Another sum": ["return 0", f"return {CHARGED}", f"return 2 * ({CHARGED})"],
        "It returns str": [f"return str(sum({EACH} for n in keys) + {CHARGED})"],
        "It returns nothing": [f"total = sum({EACH} for n in keys) + {CHARGED}"],
    },
}
# Other right answers than the solutions.
ALSO_RIGHT = [
    (
        "rewrap",
        UNWRAP + "moved = dict(envelope)\n"
        "moved['kid'] = new_kid\n"
        "moved['wrapped_key'] = new_key.encrypt(data_key, oaep())\n"
        "return moved",
    ),
    ("refused", "return {'app': 0, 'S3': 0} | walk(requests, rate, size)"),
    (
        "refused",
        "full_at, counts = 0.0, {}\n"  # the time at which the bucket would be full again
        "for time, caller in requests:\n"
        "    full_at = max(full_at, time)\n"
        "    if size - (full_at - time) * rate >= 1:\n"
        "        full_at += 1 / rate\n"
        "    else:\n"
        "        counts[caller] = counts.get(caller, 0) + 1\n"
        "return counts",
    ),
    ("monthly_bill", f"return round(sum({EACH} for n in keys) + {CHARGED}, 2)"),
]


test_a_misconception_is_told_by_name, test_another_right_answer = checked(
    WRONG, ALSO_RIGHT, IMPORTS
)
