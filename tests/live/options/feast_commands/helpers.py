FACTOR = 2


def double(value: float) -> float:
    return FACTOR * value
