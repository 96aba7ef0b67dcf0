"""Lists and objects."""

# ruff: noqa: B006 (a call gets a copy of a default that could be changed)
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from alcove import Image, Table, op


@op
def lists(
    any_items: list[Any],
    numbers: list[float],
    nested: list[list[int]],
    sparse: list[Optional[int]],
    images: list[Image],
    tables: list[Table],
    objects: list[dict[str, int]],
    maybe: Optional[list[str]] = None,
    empty: list[int] = [],
    texts: list[str] = ["a", "", "no"],
    sequence: Sequence[float] = (1, 2.5),
    paths: Sequence[Path] = (Path("a"), Path("b c")),
    deep: list[list[list[bool]]] = [[[True], []], []],
) -> list[float]:
    """Takes lists."""
    return numbers


@op
def objects(
    options: dict[str, Any],
    counts: dict[str, int] = {},
    nested: dict[str, Any] = {"a": {"": [1, 2.5, None, "x", True]}, "ü µ": {}, "$": 1},
    tagged: dict[str, Any] = {"$type": "float", "value": 5},
    anything: Any = [{"$type": "not one of ours"}, b"\x01", 1j, float("-inf")],
) -> dict[str, Any]:
    """Takes objects, even such as could be taken for tagged values."""
    return options
