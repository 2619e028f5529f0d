def monthly_bill(keys: list, requests: int, prices: dict) -> float:
    for_keys = sum(
        min(prices["key"] + rotations * prices["rotation"], prices["key_most"])
        for rotations in keys
    )
    charged = max(0, requests - prices["free"])
    return for_keys + charged / 10_000 * prices["per_10000"]
