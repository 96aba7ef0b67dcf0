"""An op that needs memory of its own."""

from __future__ import annotations

import resource

import numpy

from alcove import op


@op
def scratch(mebibytes: int) -> int:
    """How many pages had to be fetched from the system for an array of that size."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    array = numpy.zeros(mebibytes << 20, numpy.uint8)
    array += 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
