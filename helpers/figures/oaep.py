"""How OAEP fills the number that RSA computes with, and how much of it is left for a plaintext."""

from .picture import (
    BLUE,
    GREEN,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PALE_RED,
    QUIET,
    RED,
    Picture,
    box,
    canvas,
    text,
)

LARGEST_MODULUS = 512


def oaep_room(
    modulus_bytes: int,
    hash_name: str,
    hash_bytes: int,
    plaintext_bytes: int,
    fits: bool,
    kms: str | None,
) -> Picture:
    """Draw the parts of an OAEP block to scale.

    ``fits`` says whether RSA encrypted ``plaintext_bytes``; ``kms`` is KMS's algorithm for this
    hash, None if it has none.
    """
    room = modulus_bytes - 2 * hash_bytes - 2
    bits = 8 * modulus_bytes
    figure, axes = canvas(8.8, 3.3, f"RSA-{bits} with {hash_name}: room for {room} bytes")
    in_kms = f"In KMS: {kms}" if kms else "KMS has no algorithm with this hash"
    text(axes, 3, 81, in_kms, size=9.5, ha="left", color=QUIET)
    step = 94 / LARGEST_MODULUS
    overhead = step * (2 * hash_bytes + 2)
    box(
        axes,
        3,
        52,
        overhead,
        20,
        f"OAEP: {2 * hash_bytes + 2}",
        size=9 if overhead > 10 else 7,
        fill=PALE_ORANGE,
        edge=ORANGE,
    )
    box(
        axes,
        3 + overhead,
        52,
        step * room,
        20,
        f"at most {room} bytes of plaintext",
        size=9.5,
        fill=PALE_BLUE,
        edge=BLUE,
        weight="bold",
    )
    end = 3 + step * modulus_bytes
    text(axes, min(end, 97), 46, f"{modulus_bytes} bytes", size=8.5, ha="right", color=QUIET)
    width = step * plaintext_bytes
    box(
        axes,
        3 + overhead,
        24,
        min(width, 94 - overhead),
        13,
        fill=PALE_GREEN if fits else PALE_RED,
        edge=GREEN if fits else RED,
        hatch=None if fits else "///",
    )
    verdict = "fit: encrypted" if fits else f"do not fit: {plaintext_bytes - room} too many"
    sign = "✓" if fits else "✗"
    words = f"{plaintext_bytes} bytes {verdict}"
    text(axes, 3 + overhead - 0.8, 30.5, "yours", size=8.5, ha="right", color=QUIET)
    text(axes, 3 + overhead, 15, f"{sign} {words}", size=10.5, weight="bold", ha="left")
    return Picture(
        figure,
        f"RSA-{bits} computes with {modulus_bytes} bytes. OAEP with {hash_name} takes "
        f"{2 * hash_bytes + 2} of them: two digests of {hash_bytes} and 2 bytes. At most {room} "
        f"are left for the plaintext. {words}. {in_kms}.",
    )
