from __future__ import annotations

from alcove import op


@op
def list(count: int) -> list[int]:
    return [count]


@op
def float(text: str) -> str:
    return text


@op
def after(
    number: float,
    numbers: list[int],
) -> int:
    return 1
