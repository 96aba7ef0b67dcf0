"""Ops that change arrays of the host's."""

from typing import Annotated, Literal

from alcove import Axes, DTypes, Image, InOut, Labels, Unit, op


@op(idempotent=True, title="Clip in place")
def clip(image: InOut[Image], low: float = 0.0, high: float = 1.0) -> None:
    """Clips an image.

    Args:
        image: is changed
        low: what is below becomes this
        high (float): what is above becomes this
    """
    image.clip(low, high, out=image)


@op
def both(
    image: InOut[Annotated[Image, Axes("c? y x"), DTypes("float32"), Unit("photon")]],
    labels: InOut[Labels],
    order: Literal["ascending", "descending"] = "ascending",
) -> None:
    """Changes two arrays."""
