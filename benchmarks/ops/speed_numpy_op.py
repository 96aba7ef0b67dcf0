"""An op whose file imports numpy, as most do: how long a worker takes to its first reply then."""

import numpy

from alcove import op


@op
def add_with_numpy(a: int, b: int) -> int:
    """The smallest call that says something, by numpy."""
    return int(numpy.add(a, b))
