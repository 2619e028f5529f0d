"""Pictures that move: how long the reader waits after moving a control."""

from itertools import count

from helpers import figures

from .measuring import Benchmark, ratio, seconds

LIMIT_SECONDS = 0.150
PARTS = {"nonce": bytes(12), "ciphertext": bytes(44), "tag": bytes(16)}


def redraw_over_limit() -> float:
    def draw(byte: int) -> figures.Picture:
        return figures.flipped_bit(PARTS, byte % 72, 3, None, "Pay 900 euros to the account of A.")

    live = figures.live(draw, byte=figures.slider("byte", 0, 10_000, 16))
    places = count()

    def move() -> None:
        live.widget.values = {"byte": next(places)}

    return ratio(lambda: seconds(move), lambda: LIMIT_SECONDS, rounds=15)


BENCHMARKS = {
    "redraw": Benchmark("redraw of a live picture over 150 ms", 1.0, redraw_over_limit),
}
