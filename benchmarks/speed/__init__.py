"""The command ``./benchmark``: what Alcove costs, beside floors and peers, in one interleaved run.

Runs on any CPython from 3.10 on with the standard library alone; only ``plots`` needs the environment that it makes.
"""
