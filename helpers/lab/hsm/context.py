"""The encryption context as bytes: the same for the same pairs, and for no others.

AWS binds the context to the ciphertext as additional authenticated data: an exact,
case-sensitive match of every pair, in any order. Joining names and values with a
separator would let two different contexts share bytes, so each is preceded by its length.
Source: AWS KMS Developer Guide, "Encryption context".
"""

from collections.abc import Mapping

LENGTH_BYTES = 4


def canonical_context(encryption_context: Mapping[str, str] | None) -> bytes:
    """Serialise ``encryption_context``: a count, then each pair, sorted by its UTF-8 name."""
    pairs = sorted(
        (_utf8(name), _utf8(value)) for name, value in (encryption_context or {}).items()
    )
    parts = [len(pairs).to_bytes(LENGTH_BYTES)]
    for pair in pairs:
        for field in pair:
            parts += [len(field).to_bytes(LENGTH_BYTES), field]
    return b"".join(parts)


def _utf8(text: str) -> bytes:
    # JSON can carry a lone surrogate; it has to become bytes too, and no other string's bytes.
    return text.encode("utf-8", "surrogatepass")
