def refused(requests: list, rate: float, size: float) -> dict:
    tokens, last = size, 0.0
    counts = {}
    for time, caller in requests:
        tokens = min(size, tokens + (time - last) * rate)
        last = time
        if tokens >= 1:
            tokens -= 1
        else:
            counts[caller] = counts.get(caller, 0) + 1
    return counts
