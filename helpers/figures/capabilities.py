"""Which key spec can do what: a table of marks."""

from collections.abc import Mapping, Sequence

from .picture import (
    DARK_BLUE,
    INK,
    PALE_BLUE,
    QUIET,
    RULE,
    Picture,
    box,
    canvas,
    text,
)

WORDS = {
    "ENCRYPT_DECRYPT": "encrypt",
    "SIGN_VERIFY": "sign",
    "GENERATE_VERIFY_MAC": "MAC",
    "KEY_AGREEMENT": "agree",
    "ENCAPSULATE_DECAPSULATE": "encapsulate",
}
REMARKS = {"created": "●", "not in this Region": "China only", "not in the lab": "AWS only"}


def capabilities(outcomes: Mapping[tuple[str, str], str], key_usages: Sequence[str]) -> Picture:
    """Draw the outcome of each (key spec, key usage).

    An outcome is "created", "refused", "not in this Region" or "not in the lab".
    """
    key_specs = list(dict.fromkeys(spec for spec, _ in outcomes))
    figure, axes = canvas(8.2, 0.27 * len(key_specs) + 0.95)
    left, step = 29, 69 / len(key_usages)
    top, row_height = 90, 84 / len(key_specs)
    for column, usage in enumerate(key_usages):
        x = left + step * (column + 0.5)
        text(axes, x, 96.5, WORDS[usage], size=10.5, weight="bold")
        text(axes, x, 92.6, usage, size=5.2, color=QUIET)
    for row, spec in enumerate(key_specs):
        y = top - row_height * (row + 0.5)
        axes.axhline(y + row_height / 2, 0.02, 0.98, color=RULE, linewidth=0.8)
        text(axes, 3, y, spec, size=9.5, ha="left", family="monospace")
        for column, usage in enumerate(key_usages):
            outcome = outcomes[spec, usage]
            x = left + step * (column + 0.5)
            if outcome == "created":
                box(
                    axes,
                    x - 5.6,
                    y - row_height * 0.36,
                    11.2,
                    row_height * 0.72,
                    fill=PALE_BLUE,
                    edge=PALE_BLUE,
                )
                text(axes, x, y, REMARKS[outcome], size=11, color=DARK_BLUE)
            elif outcome in REMARKS:
                text(axes, x, y, REMARKS[outcome], size=8, color=INK, style="italic")
            else:
                text(axes, x, y, "·", size=10, color=QUIET)
    return Picture(figure, _alt(outcomes, key_specs))


def _alt(outcomes: Mapping[tuple[str, str], str], key_specs: Sequence[str]) -> str:
    lines = []
    for spec in key_specs:
        found = {usage: outcome for (s, usage), outcome in outcomes.items() if s == spec}
        can = [WORDS[usage] for usage, outcome in found.items() if outcome == "created"]
        rest = sorted({o for o in found.values() if o in REMARKS and o != "created"})
        lines.append(f"{spec}: {', '.join(can) or ', '.join(rest) or 'nothing'}")
    return "Table of what each key spec can do. " + "; ".join(lines) + "."
