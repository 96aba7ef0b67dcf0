"""A Python host that shares arrays until it is killed: it says "calling" once it does."""

from __future__ import annotations

import itertools
import random
import sys

sys.path.insert(0, sys.argv[1])

import numpy

import alcove

chosen = random.Random(int(sys.argv[2]))
shared = []
with alcove.StreamWriter("film") as film:
    for number in itertools.count():
        rows = chosen.randrange(1, 2000)
        shared.append(alcove.share(numpy.zeros((rows, 512), numpy.uint16)))
        film.write(numpy.zeros((rows, 512), numpy.uint16))
        if len(shared) > 3:
            shared.pop(chosen.randrange(4)).close()
        if number == 0:
            print("calling", flush=True)
