from typing import Annotated

from alcove import Axes, DTypes, Image, Label, Range, Unit, op


@op
def ranges(
    reversed: Annotated[float, Range(5, 0)],
    of_text: Annotated[str, Range(0, 5)],
    of_texts: Annotated[float, Range("a", "b")],
    endless: Annotated[float, Range(0, float("inf"))],
    no_step: Annotated[float, Range(0, 1, step=0)],
    fraction: Annotated[int, Range(0, 1, step=0.5)],
    of_list: Annotated[list[float], Range(0, 1)],
    uncalled: Annotated[float, Range],
) -> None: ...


@op
def texts(
    unit: Annotated[float, Unit(5)],
    label: Annotated[float, Label(b"x")],
    control: Annotated[float, Label("a\x00b")],
    surrogate: Annotated[float, Unit("\udc80")],
    no_character: Annotated[float, Unit("\uffff")],
) -> None: ...


@op
def arrays(
    not_an_array: Annotated[float, Axes("y x")],
    neither: Annotated[str, DTypes("uint8")],
    capitals: Annotated[Image, Axes("YX")],
    commas: Annotated[Image, Axes("y,x")],
    nothing: Annotated[Image, Axes("")],
    twice: Annotated[Image, Axes("y y?")],
    number: Annotated[Image, Axes(5)],
    unknown: Annotated[Image, DTypes("uint8 float128")],
    no_dtype: Annotated[Image, DTypes("")],
    repeated: Annotated[Image, DTypes("uint8 uint8")],
    uncalled: Annotated[Image, Axes],
) -> None: ...
