# /// script
# requires-python = ">=3.10"
# dependencies = ["numpy"]
# ///
"""Ops for ``benchmarks/imagej``. Each tells how long it took by itself: the rest of a run is Alcove's and ImageJ's."""

from dataclasses import dataclass
from time import perf_counter
from typing import Annotated

from alcove import Image, Label, Range, Unit, op


@dataclass
class Mean:
    """mean: of all pixels"""

    mean: float
    seconds: float


@dataclass
class Added:
    """image: one brighter"""

    image: Image
    seconds: float


@op(title="Benchmark Mean")
def mean(
    image: Image, sigma: Annotated[float, Range(0, 20), Unit("pixel"), Label("Blur")] = 2.0, fast: bool = True
) -> Mean:
    """Measures the mean of an image.

    sigma: without effect.
    fast: without effect.
    """
    start = perf_counter()
    return Mean(float(image.mean()), perf_counter() - start)


@op(title="Benchmark Add")
def add(image: Image) -> Added:
    """Makes an image brighter."""
    start = perf_counter()
    brighter = image + 1
    return Added(brighter, perf_counter() - start)
