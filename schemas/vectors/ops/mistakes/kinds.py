import functools
from collections.abc import AsyncIterator, Iterator

from alcove import Image, op


class Segmenter:
    @op
    def segment(self, image: Image) -> Image:
        return image

    @op
    @staticmethod
    def threshold(image: Image) -> Image:
        return image


@op
class Model:
    pass


@op
async def download(url: str) -> str:
    return url


@op
def frames(image: Image) -> Iterator[Image]:
    yield image


@op
async def stream(image: Image) -> AsyncIterator[Image]:
    yield image


double = op(lambda number: 2 * number)
half = op(functools.partial(round, 0.5))
