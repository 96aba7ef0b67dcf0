# /// script
# requires-python = ">=3.10"
# dependencies = ["onnxruntime>=1.17", "scikit-image>=0.22", "tifffile", "imagecodecs", "pillow"]
# ///
"""Makes the pictures of ``examples/README.md``, ``docs/images/example-*.png``: before and after, by the ops themselves.

uv run examples/images/make_pictures.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy
import tifffile
from PIL import Image as Pictures
from PIL import ImageDraw
from skimage import segmentation

EXAMPLES = Path(__file__).resolve().parent.parent
OUTPUT = EXAMPLES.parent / "docs" / "images"
sys.path[:0] = [str(EXAMPLES), str(EXAMPLES / "training"), str(EXAMPLES.parent / "python-worker" / "src")]

import blobs  # noqa: E402
import cells  # noqa: E402
import denoise  # noqa: E402
import flatten  # noqa: E402
import measure  # noqa: E402
import nuclei_unet  # noqa: E402
import spots  # noqa: E402

YELLOW = (255, 217, 0)
GAP = 8
ZOOM = 2


def grey(image: numpy.ndarray, like: numpy.ndarray | None = None) -> numpy.ndarray:
    """The image as one sees it, in three equal colours; with the contrast of another image if one is given."""
    low, high = numpy.percentile(image if like is None else like, (0.5, 99.7))
    values = (255 * (image - low) / (high - low)).clip(0, 255).astype(numpy.uint8)
    return numpy.repeat(values[..., None], 3, axis=-1)


def large(picture: numpy.ndarray) -> numpy.ndarray:
    """Each pixel as a square, so that outlines can be thinner than a pixel."""
    return picture.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)


def outlined(picture: numpy.ndarray, labels: numpy.ndarray) -> numpy.ndarray:
    marked = large(picture)
    marked[segmentation.find_boundaries(large(labels), mode="inner")] = YELLOW
    return marked


def coloured(labels: numpy.ndarray) -> numpy.ndarray:
    """Labels as ImageJ users know them: each number a colour of its own."""
    random = numpy.random.default_rng(7)
    colours = random.integers(70, 255, (int(labels.max()) + 1, 3), dtype=numpy.uint8)
    colours[0] = 0
    return colours[labels]


def circled(picture: numpy.ndarray, points: numpy.ndarray) -> numpy.ndarray:
    drawn = Pictures.fromarray(large(picture))
    pen = ImageDraw.Draw(drawn)
    for y, x in (points + 0.5) * ZOOM:
        pen.ellipse((x - 7, y - 7, x + 7, y + 7), outline=YELLOW)
    return numpy.array(drawn)


def table(columns: dict[str, numpy.ndarray], shape: tuple[int, ...], rows: int = 15) -> numpy.ndarray:
    """The first lines of a table, as a picture of this size."""
    drawn = Pictures.new("RGB", (shape[1], shape[0]), "white")
    pen = ImageDraw.Draw(drawn)
    names = ["label", "area", "x", "y", "mean", "circularity"]
    for column, name in enumerate(names):
        right = (column + 1) * shape[1] / len(names) - 10
        pen.text((right, 8), name, fill="black", anchor="ra", font_size=14)
        for row in range(rows):
            value = float(columns[name][row])
            text = f"{value:.0f}" if name in ("label", "area") else f"{value:.2f}"
            pen.text((right, 34 + 23 * row), text, fill="black", anchor="ra", font_size=14)
    pen.line((0, 29, shape[1], 29), fill="grey")
    return numpy.array(drawn)


def save(name: str, *pictures: numpy.ndarray) -> None:
    """One beside the other."""
    height = pictures[0].shape[0]
    gap = numpy.full((height, GAP, 3), 255, numpy.uint8)
    joined = [part for picture in pictures for part in (picture, gap)][:-1]
    file = OUTPUT / f"example-{name}.png"
    quantized = Pictures.fromarray(numpy.hstack(joined)).quantize(64, dither=Pictures.Dither.NONE)
    quantized.save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


def noisy_stack() -> numpy.ndarray:
    """Five planes of the photograph as a camera sees them that gets few photons."""
    image = tifffile.imread(EXAMPLES / "images" / "nuclei.tif")[300:500].astype(float)
    random = numpy.random.default_rng(11)
    stack = numpy.stack([image[:, 100 - plane : 360 - plane] for plane in range(5)])
    return numpy.asarray(random.poisson(stack / 3) * 10 + random.normal(100, 15, stack.shape), numpy.uint16)


def picture_of_spots() -> numpy.ndarray:
    random = numpy.random.default_rng(5)
    rows, columns = numpy.indices((200, 260))
    image = 15 + 15 * numpy.exp(-((rows - 100) ** 2 + (columns - 120) ** 2) / 8000)
    for y, x, strength in random.uniform((6, 6, 25), (194, 254, 160), (70, 3)):
        image = image + strength * numpy.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * 1.5**2))
    return random.poisson(image).astype(numpy.uint16)


def main() -> None:
    OUTPUT.mkdir(exist_ok=True)
    whole = tifffile.imread(EXAMPLES / "images" / "nuclei.tif")
    part = numpy.s_[300:500, 60:320]
    image = whole[part]
    shown = grey(image)
    save("cells", large(shown), outlined(shown, cells.segment(whole).labels[part]))
    labels = nuclei_unet.segment(whole).labels[part]
    save("nuclei-unet", large(shown), large(grey(nuclei_unet.probability(whole)[part])), outlined(shown, labels))
    save("blobs", large(shown), large(coloured(blobs.blobs(whole, sigma=1.0)[part])))
    save("measure", large(coloured(labels)), table(measure.regions(labels, image, minimum_area=60), (400, 520)))
    stack = noisy_stack()
    save("denoise", large(grey(stack[2])), large(grey(denoise.denoise(stack)[2], stack[2])))
    points = picture_of_spots()
    save("spots", large(grey(points)), circled(grey(points), spots.spots(points).points))
    uneven = (image * numpy.linspace(0.25, 1.75, image.shape[1])).astype(numpy.uint16) * 20
    flat = uneven.copy()
    flatten.flatten(flat, width=120)
    save("flatten", large(grey(uneven)), large(grey(flat, uneven)))


if __name__ == "__main__":
    main()
