"""What was done, kept as long as this process lives."""

_kept: dict[str, dict[str, dict]] = {}


def record(kind: str, item_id: str, **result: object) -> None:
    """Keep the latest ``result`` of an item; ``kind`` is "exercise", "prediction", ..."""
    _kept.setdefault(kind, {})[item_id] = dict(result)


def recorded(kind: str) -> dict[str, dict]:
    """Item id -> its latest result."""
    return {item_id: dict(result) for item_id, result in _kept.get(kind, {}).items()}
