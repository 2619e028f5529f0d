"""Key material on its way to KMS: how it is wrapped, and where an import fails."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from .picture import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_GREY,
    PALE_ORANGE,
    PALE_RED,
    QUIET,
    RED,
    Picture,
    arrow,
    box,
    canvas,
    text,
)

STATIONS = ("GetParametersForImport", "wrap, with your tool", "ImportKeyMaterial")


def hash_matrix(outcomes: Mapping[tuple[str, str], str], title: str) -> Picture:
    """Draw what came of each (OAEP hash, MGF1 hash): "OK" or the code of an error."""
    oaep = list(dict.fromkeys(pair[0] for pair in outcomes))
    mgf1 = list(dict.fromkeys(pair[1] for pair in outcomes))
    figure, axes = canvas(7.6, 0.82 * len(oaep) + 1.35, title)
    step, height = 72 / len(mgf1), 58 / len(oaep)
    for column, name in enumerate(mgf1):
        x = 25 + step * (column + 0.5)
        text(axes, x, 72, f"MGF1 with {name}", size=10, weight="bold")
    told = []
    for row, first in enumerate(oaep):
        y = 64 - height * (row + 1)
        text(axes, 3, y + height / 2, f"OAEP with {first}", size=10, ha="left", weight="bold")
        for column, second in enumerate(mgf1):
            outcome = outcomes[first, second]
            good = outcome == "OK"
            words = "✓ imported" if good else f"✗ {outcome}"
            box(axes, 25.5 + step * column, y + height * 0.1, step - 1, height * 0.8, words,
                size=9, fill=PALE_GREEN if good else PALE_RED, edge=GREEN if good else RED,
                weight="bold" if good else "normal")  # fmt: skip
            told.append(f"OAEP {first}, MGF1 {second}: {words}")
    return Picture(figure, f"{title}. {'; '.join(told)}.")


def wrapped_parts(blobs: Sequence[tuple[str, int, int]], title: str) -> Picture:
    """Draw blobs of RSA_AES_KEY_WRAP to scale: (name, bytes of the first part, of the second).

    From 1,000 on a number is rounded to hundreds: the length of an RSA private key varies by a
    byte or two.
    """
    figure, axes = canvas(8.8, 0.98 * len(blobs) + 0.75, title)
    longest = max(first + second for _, first, second in blobs)
    step, height = 94 / longest, 84 / len(blobs)
    told = []
    for row, (name, first, second) in enumerate(blobs):
        y = 86 - height * (row + 1)
        text(axes, 3, y + height * 0.83, name, size=9.5, ha="left", weight="bold")
        one, two = step * first, step * second
        box(axes, 3, y + height * 0.2, one, height * 0.45, f"AES key, under RSA\n{rounded(first)}",
            size=8, fill=PALE_ORANGE, edge=ORANGE)  # fmt: skip
        words = f"private key, under the AES key\n{rounded(second)}"
        outside = two < 22
        box(axes, 3 + one, y + height * 0.2, two, height * 0.45, "" if outside else words,
            size=8, fill=PALE_BLUE, edge=BLUE, dashes="-", line=2)  # fmt: skip
        if outside:
            text(axes, 4.5 + one + two, y + height * 0.42, words, size=8, ha="left")
        told.append(
            f"{name}: first the AES key wrapped under RSA, {rounded(first)}, then the private key "
            f"wrapped under the AES key, {rounded(second)}"
        )
    return Picture(figure, f"{title}. {'; '.join(told)}.")


def rounded(count: int) -> str:
    """A length in words: exact when short, about when it varies from key to key."""
    return f"{count} bytes" if count < 1000 else f"about {round(count, -2):,} bytes"


def import_attempt(
    material: str,
    material_bytes: int,
    wrapping_key: str,
    algorithm: str,
    mgf1_hash: str,
    outcome: tuple[str, str, str],
) -> Picture:
    """Draw one choice of wrapping: room and need to scale, and how far the import gets.

    ``outcome`` is (operation that refuses or "", error code or "OK", why).
    """
    operation, code, why = outcome
    title = f"{material} under {wrapping_key}, {algorithm}"
    figure, axes = canvas(8.8, 4.1, title)
    modulus, digest = int(wrapping_key[4:]) // 8, 20 if algorithm.endswith("_1") else 32
    direct = algorithm.startswith("RSAES_OAEP")
    need = material_bytes if direct else 32
    if algorithm.startswith("RSAES_PKCS1"):
        sizes = "RSA's old padding, PKCS #1 v1.5: not taken any more"
    else:
        room = modulus - 2 * digest - 2
        what = "the material itself" if direct else "a fresh AES key, which wraps the material"
        sizes = f"RSA has room for {room} bytes and carries {what}: {rounded(need)}"
        _room(axes, room, need)
    text(axes, 3, 82, sizes, size=9.5, ha="left")
    reached = STATIONS.index(operation) if operation else len(STATIONS)
    for place, station in enumerate(STATIONS):
        x = 3 + place * 33
        sign, fill, edge, dashes = ("✓", PALE_GREEN, GREEN, "-")
        if place == reached:
            sign, fill, edge = "✗", PALE_RED, RED
        elif place > reached:
            sign, fill, edge, dashes = "not reached:", PALE_GREY, QUIET, "--"
        words = f"{sign} {station}"
        if place == 1:
            words += f"\nMGF1 with {mgf1_hash}"
        box(axes, x, 34, 28, 17, words, size=8.6, fill=fill, edge=edge, dashes=dashes)
        if place:
            arrow(axes, (x - 5, 42.5), (x, 42.5), color=INK if place <= reached else QUIET)
    verdict = "✓ imported" if code == "OK" else f"✗ {code}"
    text(axes, 3, 22, verdict, size=11.5, weight="bold", ha="left")
    text(axes, 3, 11, why, size=9.5, ha="left")
    return Picture(figure, f"{title}, MGF1 with {mgf1_hash}. {sizes}. {verdict}: {why}")


def _room(axes: Axes, room: int, need: int) -> None:
    """The room in RSA's number, and what shall go in, to the same scale."""
    step = 94 / max(room, need)
    fits = need <= room
    look = {"fill": PALE_GREEN, "edge": GREEN} if fits else {"fill": PALE_RED, "edge": RED}
    box(axes, 3, 67, step * room, 8, fill=PALE_BLUE, edge=BLUE)
    box(axes, 3, 57, step * need, 8, hatch=None if fits else "///", line=1.6, **look)
    if not fits:  # a plain ground for the words
        box(axes, 3.6, 58, 25, 6, fill=PALE_RED, edge=PALE_RED, line=0)
    for y, width, words in (
        (71, step * room, f"room: {room} bytes"),
        (61, step * need, f"goes in: {rounded(need)}"),
    ):
        beside = 4.2 if width > 26 else 4.2 + width
        text(axes, beside, y, words, size=8.4, ha="left")
