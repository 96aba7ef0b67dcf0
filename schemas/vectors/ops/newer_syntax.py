# /// script
# requires-python = ">=3.10"
# ///
# ruff: noqa: FA102, RUF036 (what Python 3.9 cannot evaluate is what this is about)
"""What Python 3.9 cannot evaluate."""

from typing import Annotated

from alcove import Image, Labels, Range, op


@op
def unions(
    image: Image | None,
    sigma: float | None = None,
    sizes: list[int | None] | None = None,
    limit: Annotated[float | None, Range(0, 1)] = 0.5,
    quoted: "None | str" = None,
) -> Labels | None:
    return image
