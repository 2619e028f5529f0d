"""helpers/envelope.py beside a plain copy, the wheel's own limit, and other people's formats.

Everything runs in child processes: ours with this interpreter, the AWS Encryption SDK and Tink
in the environment of the clients. What is compared is CPU seconds, not the clock's: nothing here
waits (tmpfs is memory), and another program on the same core doesn't count.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .measuring import Benchmark, ratio

ROOT = Path(__file__).parent.parent
CLIENTS = ROOT / ".venv" / "clients" / "bin" / "python"
TMPFS = Path("/dev/shm")
FILE_BYTES = 1 << 30
LONG_BYTES = 256 << 20
MEMORY_BYTES = 32 << 20
MEMORY_LIMIT = 10e6
COPY_LIMIT = 1.25

LOOP = """
class Nowhere(io.RawIOBase):
    "Counts what is written and drops it."
    count = 0
    def writable(self):
        return True
    def write(self, data):
        self.count += len(data)
        return len(data)

def resident(name):
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith(name)).split()[1]) * 1024

def peak_from_here():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")

payload = os.urandom(int(sys.argv[1]))

def answer(actions):
    for line in sys.stdin:
        name = json.loads(line)
        if name.startswith("memory of "):
            name = name.removeprefix("memory of ")
            clean(name)
            peak_from_here()
            before = resident("VmRSS")
            actions[name]()
            print(json.dumps(resident("VmHWM") - before), flush=True)
        elif name.startswith("overhead"):
            print(json.dumps(overhead()), flush=True)
        else:
            clean(name)
            start = time.process_time()
            actions[name]()
            print(json.dumps(time.process_time() - start), flush=True)

def clean(name):
    "Before the clock starts."
"""

OURS = (
    """
import io, json, os, shutil, sys, time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from helpers import envelope
"""
    + LOOP
    + """
data_key = os.urandom(32)
members = {
    "data_key": data_key,
    "encrypted_data_key": bytes(184),  # about as long as AWS's
    "encryption_context": {"purpose": "benchmark"},
    "frame_bytes": 1 << 20,  # as Tink's
}
unwrap = lambda *_: data_key
sealed = envelope.seal(payload, **members)
aead = AESGCM(data_key)

def limit():
    source, target = memoryview(payload), bytearray(16384 + 16)
    for at in range(0, len(payload), 16384):
        aead.encrypt_into(at.to_bytes(12), source[at : at + 16384], None, target)

def overhead():
    return len(sealed) - len(payload)

answer({
    "limit": limit,
    "seal": lambda: envelope.seal_stream(io.BytesIO(payload), Nowhere(), **members),
    "open": lambda: envelope.open_stream(io.BytesIO(sealed), Nowhere(), unwrap),
})
"""
)

FILES = (
    """
import io, json, os, shutil, sys, time
from helpers import envelope
"""
    + LOOP
    + """
folder, size = sys.argv[2], int(sys.argv[3])
plain, sealed, copied = (os.path.join(folder, name) for name in ("plain", "sealed", "copied"))
data_key = os.urandom(32)
members = {
    "data_key": data_key,
    "encrypted_data_key": bytes(184),  # about as long as AWS's
    "encryption_context": {"purpose": "benchmark"},
}

def through(source, target, action):
    with open(source, "rb", buffering=0) as read, open(target, "wb", buffering=0) as write:
        action(read, write)

def loop(read, write):
    memory = memoryview(bytearray(1 << 20))
    while count := read.readinto(memory):
        write.write(memory[:count])

def clean(name):
    # The memory of a file that is written anew belongs to neither side.
    target = sealed if name == "seal" else copied
    if os.path.exists(target):
        os.remove(target)

actions = {
    "copy": lambda: through(plain, copied, loop),
    "copyfile": lambda: shutil.copyfile(plain, copied),
    "seal": lambda: through(plain, sealed, lambda r, w: envelope.seal_stream(r, w, **members)),
    "open": lambda: through(
        sealed, copied, lambda r, w: envelope.open_stream(r, w, lambda *_: data_key)
    ),
}
with open(plain, "wb") as file:
    for _ in range(size // len(payload)):
        file.write(payload)

def overhead():
    return os.path.getsize(sealed) - os.path.getsize(plain)

answer(actions)
"""
)

SMALL = (
    """
import contextlib, io, json, os, sys, time
import boto3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from helpers import envelope, lab
"""
    + LOOP
    + """
with contextlib.redirect_stdout(io.StringIO()):
    lab.open()
kms = boto3.client("kms", region_name="us-east-1")
key_id = kms.create_key()["KeyMetadata"]["KeyId"]
context = {"purpose": "benchmark"}

def new():
    reply = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
    return reply["Plaintext"], reply["CiphertextBlob"]

def decrypt(encrypted_data_key, context):
    reply = kms.decrypt(CiphertextBlob=encrypted_data_key, EncryptionContext=context)
    return reply["Plaintext"]

def seal():
    data_key, encrypted = new()
    return envelope.seal(
        payload, data_key=data_key, encrypted_data_key=encrypted, encryption_context=context
    )

def one_shot():
    data_key, encrypted = new()
    nonce = os.urandom(12)
    return encrypted, nonce, AESGCM(data_key).encrypt(nonce, payload, None)

def open_one_shot():
    encrypted, nonce, ciphertext = parts
    return AESGCM(decrypt(encrypted, context)).decrypt(nonce, ciphertext, None)

sealed, parts = seal(), one_shot()

def overhead():
    return len(sealed) - len(payload)

def often(action):
    return lambda: [action() for _ in range(50)]

answer({
    "seal": often(seal),
    "open": often(lambda: envelope.open(sealed, decrypt)),
    "one-shot seal": often(one_shot),
    "one-shot open": often(open_one_shot),
})
"""
)

SDK = (
    """
import io, json, os, sys, time
import aws_encryption_sdk
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import AesWrappingAlg, CreateRawAesKeyringInput
"""
    + LOOP
    + """
# A keyring without KMS: the payload is what is measured. Suite and frame are the SDK's defaults.
keyring = AwsCryptographicMaterialProviders(
    config=MaterialProvidersConfig()
).create_raw_aes_keyring(
    input=CreateRawAesKeyringInput(
        key_namespace="benchmark",
        key_name="benchmark",
        wrapping_key=os.urandom(32),
        wrapping_alg=AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16,
    )
)
sdk = aws_encryption_sdk.EncryptionSDKClient()
sealed, _ = sdk.encrypt(source=payload, keyring=keyring)

def overhead():
    return len(sealed) - len(payload)

def stream(mode, data):
    target = Nowhere()
    with sdk.stream(mode=mode, source=io.BytesIO(data), keyring=keyring) as pieces:
        for piece in pieces:
            target.write(piece)

answer({"seal": lambda: stream("e", payload), "open": lambda: stream("d", sealed)})
"""
)

TINK = (
    """
import io, json, os, sys, time
import tink
from tink import streaming_aead
"""
    + LOOP
    + """
class Kept(io.BytesIO):
    def close(self):
        "So that what was written can be had."

streaming_aead.register()
template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
primitive = tink.new_keyset_handle(template).primitive(streaming_aead.StreamingAead)

def seal(target):
    with primitive.new_encrypting_stream(target, b"benchmark") as stream:
        for at in range(0, len(payload), 1 << 20):
            stream.write(payload[at : at + (1 << 20)])

def unseal():
    target = Nowhere()
    with primitive.new_decrypting_stream(io.BytesIO(sealed), b"benchmark") as stream:
        while piece := stream.read(1 << 20):
            target.write(piece)

kept = Kept()
seal(kept)
sealed = kept.getvalue()

def overhead():
    return len(sealed) - len(payload)

answer({"seal": lambda: seal(Nowhere()), "open": unseal})
"""
)


class Child:
    """A process that measures on request."""

    def __init__(self, script: str, *arguments: object, python: Path | str = sys.executable):
        if not Path(python).exists():
            raise RuntimeError("the clients are not installed: make .venv/clients/.installed")
        self._process = subprocess.Popen(
            [str(python), "-c", script, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, action: str) -> float:
        """CPU seconds of an action; bytes for "memory of" an action, and for "overhead"."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(action) + "\n")
        self._process.stdin.flush()
        answer: Any = json.loads(self._process.stdout.readline())
        return float(answer)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


@contextmanager
def files() -> Iterator[tuple[Child, int]]:
    """A child with a file in memory, and the file's size: 1 GiB, or less where it has no room."""
    with tempfile.TemporaryDirectory(dir=TMPFS if TMPFS.is_dir() else None) as folder:
        room = shutil.disk_usage(folder).free // 4
        size = min(FILE_BYTES, room >> 20 << 20)
        with Child(FILES, 1 << 20, folder, size) as child:
            yield child, size


def over_copy(action: str, note: Callable[[str], None]) -> float:
    """Sealing or opening a file over copying it by a loop of readinto and write."""
    with files() as (child, size):
        child.ask("seal")  # there must be something to open
        measured = ratio(lambda: child.ask(action), lambda: child.ask("copy"), rounds=7)
        copyfile = child.ask(action) / child.ask("copyfile")
        note(
            f"{size >> 20} MiB, {child.ask('overhead'):,.0f} bytes more;"
            f" {copyfile:.2f} of shutil.copyfile, which never leaves the kernel"
        )
        return measured


def memory(note: Callable[[str], None]) -> float:
    with files() as (child, _):
        sealing, opening = child.ask("memory of seal"), child.ask("memory of open")
    note(f"{sealing / 1e6:.1f} and {opening / 1e6:.1f} MB")
    return max(sealing, opening) / MEMORY_LIMIT


def over_limit(action: str, note: Callable[[str], None]) -> float:
    with Child(OURS, LONG_BYTES) as ours:
        note(f"{LONG_BYTES >> 20} MiB, {ours.ask('overhead'):,.0f} bytes more")
        return ratio(lambda: ours.ask(action), lambda: ours.ask("limit"), rounds=9)


def over_other(script: str, action: str, note: Callable[[str], None]) -> float:
    with Child(OURS, MEMORY_BYTES) as ours, Child(script, MEMORY_BYTES, python=CLIENTS) as other:
        measured = ratio(lambda: ours.ask(action), lambda: other.ask(action), rounds=5)
        note(
            f"{1 / measured:.1f} times the speed;"
            f" {ours.ask('overhead'):,.0f} bytes more, not {other.ask('overhead'):,.0f}"
        )
        return measured


def small(action: str, note: Callable[[str], None]) -> float:
    with Child(SMALL, 1024) as child:
        note(f"{child.ask('overhead'):,.0f} bytes more")
        return ratio(lambda: child.ask(action), lambda: child.ask(f"one-shot {action}"), rounds=7)


def _benchmark(what: str, target: float, measure: Callable[..., float], *given: str) -> Benchmark:
    notes: list[str] = []
    return Benchmark(what, target, partial(measure, *given, notes.append), notes)


BENCHMARKS = {
    "envelope-file-seal": _benchmark(
        "CPU time of sealing a file on tmpfs over a copy by readinto and write",
        COPY_LIMIT,
        over_copy,
        "seal",
    ),
    "envelope-file-open": _benchmark(
        "CPU time of opening it over the same copy", COPY_LIMIT, over_copy, "open"
    ),
    "envelope-memory": _benchmark(
        "growth of memory while it is sealed and opened, over 10 MB", 1.0, memory
    ),
    "envelope-limit-seal": _benchmark(
        "sealing in memory over encrypt_into on the same bytes, 16 KiB at a time",
        1 / 0.9,
        over_limit,
        "seal",
    ),
    "envelope-limit-open": _benchmark(
        "opening in memory over the same", 1 / 0.9, over_limit, "open"
    ),
    "envelope-sdk-seal": _benchmark(
        "sealing in memory over the AWS Encryption SDK's", 1 / 20, over_other, SDK, "seal"
    ),
    "envelope-sdk-open": _benchmark(
        "opening in memory over the AWS Encryption SDK's", 1 / 20, over_other, SDK, "open"
    ),
    "envelope-tink-seal": _benchmark(
        "sealing in memory over Tink's streaming AEAD", 1 / 1.5, over_other, TINK, "seal"
    ),
    "envelope-tink-open": _benchmark(
        "opening in memory over Tink's streaming AEAD", 1 / 1.5, over_other, TINK, "open"
    ),
    "envelope-small-seal": _benchmark(
        "1 KiB: GenerateDataKey and sealing over the same and AES-GCM in one call",
        1.5,
        small,
        "seal",
    ),
    "envelope-small-open": _benchmark(
        "1 KiB: Decrypt and opening over the same and AES-GCM in one call", 1.5, small, "open"
    ),
}
