"""What a learner reads when practice was asked for something that isn't there."""


class PracticeError(Exception):
    """Bad input. The message says what was wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message alone, not the way through our code."""
        return [f"{type(self).__name__}: {self}"]


def known(name: object, names: list[str], what: str) -> str:
    """``name`` if it is one of ``names``; otherwise an error that says what comes close."""
    from difflib import get_close_matches

    if isinstance(name, str) and name in names:
        return name
    wanted, folded = str(name).casefold(), {each.casefold(): each for each in names}
    hits = [folded[close] for close in get_close_matches(wanted, folded, 3, 0.5)]
    hits = hits or [folded[each] for each in folded if wanted and wanted in each][:5]
    rest = f"did you mean {' or '.join(map(repr, hits))}?" if hits else f"there is {_list(names)}."
    raise PracticeError(f"There is no {what} {name!r}: {rest}")


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "none"
