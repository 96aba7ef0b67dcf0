"""What the decorator is told, and names that Python has for itself."""

from collections.abc import Callable

from alcove import op


@op(
    name="measure it",
    title="Measure a thing",
    menu="Measure>Thing>Größe & Form",
    version="1.2",
    idempotent=True,
    gpu=True,
    grace=2.5,
    memory=3 * 1024**3,
)
def measure() -> None:
    """Everything at once."""


@op(grace=0, memory=1, menu="Plugins")
def least() -> None: ...


@op(title=None, idempotent=False, version="1e3", grace=1e6)
def said_without_need() -> None: ...


@op()
def nothing_said() -> None: ...


@op(name="class")
def keyword() -> None: ...


@op(name="list")
def builtin() -> None: ...


@op
def print(text: str) -> None: ...


@op
def with_DNA_in_it() -> None: ...


@op(name="größe µ 漢 🔬")
def beyond_ascii() -> None: ...


def made(name: str) -> Callable[[int], int]:
    @op(name=name)
    def function(number: int) -> int:
        """Made by a function."""
        return number

    return function


first, second = made("first"), made("second")
