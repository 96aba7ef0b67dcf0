import enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

from alcove import Image, Range, Table, op


class Method(enum.Enum):
    OTSU = 1


@op
def wrong_defaults(
    none: int = None,
    fraction: int = 1.0,
    switch: int = True,
    number: str = 1,
    text: float = "1",
    path: Path = 5,
    too_large: Annotated[int, Range(0, 5)] = 6,
    too_small: Annotated[float, Range(0, 5)] = -0.1,
    no_number: Annotated[float, Range(0, 5)] = float("nan"),
    choice: Literal["a", "b"] = "c",
    truth: Literal[1, 2] = True,
    member: Method = "LI",
    value: Method = 1,
    items: list[int] = ["x"],
    nested: list[list[int]] = [[1], [None]],
    unencodable: Any = {1},
    function: Any = print,
    key: dict[str, int] = {1: 2},
    long: int = 10**1001,
    control: str = "a\x00b",
    surrogate: Path = Path("\udc80"),
    deep: dict[str, Any] = {"a": [{"b": "\uffff"}]},
    key_of: Any = {"\x1b": 1},
    image: Optional[Image] = [[0]],
    table: Table = {"area": [1]},
    list_of: list[Annotated[float, Range(0, 1)]] = [0.5, 2],
    much: list[str] = ["a" * 50, "b" * 50, 3],
) -> None: ...
