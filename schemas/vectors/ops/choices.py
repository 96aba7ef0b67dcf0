"""Choices: of texts, integers and truth values, and the names of an Enum's members."""

import enum
from typing import Annotated, Literal, Optional

from alcove import Label, op


class Method(enum.Enum):
    OTSU = "otsu's"
    LI = 2
    MEAN = OTSU  # another name of the first, no member


class Größe(enum.Enum):
    KLEIN = 1
    GROẞ = 2


@op
def of_texts(
    method: Literal["otsu", "li", "mean of all"],
    only: Literal["one"] = "one",
    confusing: Literal["no", "null", "~", "1", "1.0", "true", "", " ", "a, b"] = "no",
    symbols: Annotated[Literal["<", ">=", "&", "µm²", '"', "'"], Label("Comparison")] = ">=",
) -> Literal["yes", "no"]:
    """Takes one of several texts."""
    return "yes"


@op
def of_numbers(
    level: Literal[1, 2, -3, 4000000000] = -3,
    switch: Literal[True, False] = False,
    mixed: Literal["auto", 1, True] = 1,
) -> None:
    """Takes one of several numbers."""


@op
def of_enums(
    method: Method, size: Größe = Größe.GROẞ, alias: Method = Method.MEAN, maybe: Optional[Method] = None
) -> Method:
    """Takes and returns the names of members."""
    return method


@op
def nullable(level: Literal[1, 2, None] = None, methods: list[Literal["a", "b"]] = ["a"]) -> list[Method]:  # noqa: B006
    """A choice may be null, and stand in a list."""
    return []
