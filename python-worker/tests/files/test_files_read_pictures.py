"""PNG, JPEG, GIF, BMP and .npy."""

from __future__ import annotations

import imagecodecs
import imageio.v3 as imageio
import numpy
import pytest
from PIL import Image as Pillow

import alcove
from alcove import files


def names(image):
    return " ".join(axis.name for axis in alcove.axes(image))


@pytest.mark.parametrize(
    ("shape", "dtype", "axes"),
    [
        ((20, 30), "uint8", "y x"),
        ((20, 30), "uint16", "y x"),
        ((20, 30, 2), "uint8", "y x c"),
        ((20, 30, 3), "uint8", "y x c"),
        ((20, 30, 4), "uint8", "y x c"),
        ((20, 30, 3), "uint16", "y x c"),
        ((20, 30, 4), "uint16", "y x c"),
    ],
)
def test_png(folder, pixels, shape, dtype, axes):
    values = pixels(*shape, dtype=dtype)
    (folder / "picture.png").write_bytes(imagecodecs.png_encode(values))
    image = files.read(folder / "picture.png")
    assert image.dtype == values.dtype
    assert numpy.array_equal(image, values)
    assert names(image) == axes
    assert image.flags.c_contiguous
    assert image.dtype.isnative


def test_png_with_one_bit_and_with_a_palette(folder, pixels):
    mask, indices = pixels(20, 30, dtype="bool"), pixels(20, 30, dtype="uint8")
    Pillow.fromarray(mask).save(folder / "mask.png")
    colours = numpy.random.default_rng(1).integers(0, 256, (256, 3)).astype(numpy.uint8)
    picture = Pillow.fromarray(indices, "L").convert("P")
    picture.putpalette(colours.tobytes())
    picture.save(folder / "palette.png")
    assert numpy.array_equal(files.read(folder / "mask.png"), mask)
    assert numpy.array_equal(files.read(folder / "palette.png"), colours[indices])


def test_grey_gif_is_grey_and_an_animation_has_time(folder, pixels):
    grey = pixels(20, 30, dtype="uint8")
    Pillow.fromarray(grey).save(folder / "blobs.gif")
    assert numpy.array_equal(files.read(folder / "blobs.gif"), grey)
    assert names(files.read(folder / "blobs.gif")) == "y x"
    frames = numpy.zeros((3, 20, 30, 3), numpy.uint8)
    frames[0, ..., 0], frames[1, ..., 1], frames[2, ..., 2] = 255, 255, 255
    imageio.imwrite(folder / "film.gif", frames)
    film = files.read(folder / "film.gif")
    assert names(film) == "t y x c"
    assert numpy.array_equal(film[..., :3], frames)


def test_bmp_and_jpeg(folder, pixels):
    colours = pixels(20, 30, 3, dtype="uint8")
    imageio.imwrite(folder / "picture.bmp", colours)
    assert numpy.array_equal(files.read(folder / "picture.bmp"), colours)
    smooth = numpy.tile(numpy.arange(0, 240, 8, dtype=numpy.uint8), (20, 1))
    Pillow.fromarray(smooth).save(folder / "grey.jpg", quality=95)
    Pillow.fromarray(smooth).convert("CMYK").save(folder / "print.jpg", quality=95)
    grey, printed = files.read(folder / "grey.jpg"), files.read(folder / "print.jpg")
    assert names(grey) == "y x"
    assert numpy.abs(grey.astype(int) - smooth).max() <= 4
    assert printed.shape == (20, 30, 3)
    assert numpy.abs(printed[..., 1].astype(int) - smooth).max() <= 8


@pytest.mark.parametrize("order", ["C", "F"])
def test_npy(folder, pixels, order):
    values = numpy.asarray(pixels(4, 20, 30).astype(">u2"), order=order)
    numpy.save(folder / "stack.npy", values)
    image = files.read(folder / "stack.npy")
    assert names(image) == "z y x"
    assert image.dtype.isnative
    assert image.flags.c_contiguous
    assert numpy.array_equal(image, values)


def test_a_wrong_ending_does_no_harm(folder, pixels):
    values = pixels(20, 30, dtype="uint8")
    imageio.imwrite(folder / "picture.png", values)
    (folder / "picture.png").rename(folder / "picture.tif")
    assert numpy.array_equal(files.read(folder / "picture.tif"), values)
