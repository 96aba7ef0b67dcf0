"""Values that are no arrays, with and without defaults."""

from pathlib import Path
from typing import Any, Optional

from alcove import op


@op
def required(
    flag: bool, count: int, size: float, factor: complex, name: str, data: bytes, path: Path, anything: Any
) -> None:
    """Takes one of each."""


@op
def with_defaults(
    flag: bool = False,
    count: int = -3,
    size: float = 0.1,
    whole: float = 2,
    factor: complex = 1 - 2j,
    real: complex = 1.5,
    name: str = "",
    data: bytes = b"\x00\xff",
    nothing: bytes = b"",
    path: Path = Path("folder/image.tif"),
    anything: Any = None,
    something: Any = "text",
) -> None:
    """Takes one of each, or none."""


@op
def nullable(
    flag: Optional[bool],
    count: Optional[int] = None,
    size: Optional[float] = 1.5,
    name: Optional[str] = "",
    path: Optional[Path] = None,
) -> Optional[float]:
    """May be given null, and may return it."""
    return size


@op
def nothing() -> None:
    pass
