"""TIFF files as microscopy software writes them come out with the right numbers, axes and calibration."""

from __future__ import annotations

import re

import numpy
import pytest
import tifffile
from PIL import Image as Pillow

import alcove
from alcove import Axis, Cancelled, files
from alcove.files import _tiff_reading


def names(image):
    return " ".join(axis.name for axis in alcove.axes(image))


def axis_of(image, name):
    return next(axis for axis in alcove.axes(image) if axis.name == name)


def test_imagej_z_stack_keeps_values_axes_and_calibration(folder, pixels):
    stack = pixels(5, 40, 30)
    path = folder / "z stack.tif"
    tifffile.imwrite(
        path,
        stack,
        imagej=True,
        resolution=(1 / 0.325, 1 / 0.65),
        metadata={"axes": "ZYX", "spacing": 1.5, "unit": "um", "xorigin": 10, "zorigin": 2},
    )
    image = files.read(path)
    assert image.dtype == numpy.uint16
    assert numpy.array_equal(image, stack)
    assert names(image) == "z y x"
    z, y, x = alcove.axes(image)
    assert z == Axis("z", "space", "micrometer", 1.5, -3.0)
    assert (y.unit, y.translation) == ("micrometer", 0.0)
    assert (x.unit, x.type) == ("micrometer", "space")
    assert [y.scale, x.scale, x.translation] == pytest.approx([0.65, 0.325, -3.25])


def test_imagej_hyperstack_has_time_and_channels(folder, pixels):
    stack = pixels(3, 2, 4, 20, 10, dtype="float32")
    path = folder / "hyperstack.tif"
    tifffile.imwrite(
        path, stack, imagej=True, metadata={"axes": "TZCYX", "finterval": 0.25, "unit": "nm", "spacing": 90}
    )
    image = files.read(path)
    assert numpy.array_equal(image, stack)
    assert names(image) == "t z c y x"
    assert axis_of(image, "t") == Axis("t", "time", "second", 0.25, 0.0)
    assert axis_of(image, "z") == Axis("z", "space", "nanometer", 90.0, 0.0)
    assert axis_of(image, "c").type == "channel"


@pytest.mark.parametrize("unit", ["um", "micron", "microns", "µm", "\\u00B5m", "\\u00b5m", "micrometer", "Micrometre"])
def test_every_spelling_of_a_micrometer(folder, pixels, unit):
    path = folder / "unit.tif"
    description = f"ImageJ=1.54p\nimages=2\nslices=2\nunit={unit}\nspacing=0.5\n"
    tifffile.imwrite(
        path,
        pixels(2, 8, 9),
        description=description.encode("latin1"),
        metadata=None,
        photometric="minisblack",
        resolution=(4, 4),
        resolutionunit="NONE",
    )
    image = files.read(path)
    assert [(axis.name, axis.unit) for axis in alcove.axes(image)] == [(name, "micrometer") for name in "zyx"]
    assert [axis.scale for axis in alcove.axes(image)] == [0.5, 0.25, 0.25]


@pytest.mark.parametrize("unit", ["pixel", "pixels", ""])
def test_uncalibrated_imagej_image_has_no_unit(folder, pixels, unit):
    path = folder / "pixels.tif"
    tifffile.imwrite(path, pixels(8, 9), imagej=True, metadata={"unit": unit})
    assert alcove.axes(files.read(path)) == (Axis("y"), Axis("x"))


def test_signed_values_that_imagej_stores_shifted(folder):
    signed = numpy.array([[-32768, -5, 0], [1, 7, 32767]], numpy.int16)
    path = folder / "signed.tif"
    stored = (signed.astype(numpy.int32) + 32768).astype(numpy.uint16)
    tifffile.imwrite(path, stored, imagej=True, metadata={"cf": 0, "c0": -32768, "c1": 1, "vunit": "Gray Value"})
    image = files.read(path)
    assert image.dtype == numpy.int16
    assert numpy.array_equal(image, signed)


def test_colours_are_the_last_axis(folder, pixels):
    picture, stack = pixels(20, 30, 3, dtype="uint8"), pixels(4, 20, 30, 3, dtype="uint8")
    tifffile.imwrite(folder / "rgb.tif", picture, photometric="rgb")
    tifffile.imwrite(folder / "rgb stack.tif", stack, imagej=True, metadata={"axes": "ZYXS"})
    for path, expected, axes in (("rgb.tif", picture, "y x c"), ("rgb stack.tif", stack, "z y x c")):
        image = files.read(folder / path)
        assert names(image) == axes
        assert numpy.array_equal(image, expected)


def test_colours_in_separate_planes_and_beside_channels(folder, pixels):
    planes = pixels(3, 20, 30, dtype="uint8")
    tifffile.imwrite(folder / "planar.tif", planes, photometric="rgb", planarconfig="separate")
    both = pixels(2, 20, 30, 3, dtype="uint8")
    tifffile.imwrite(folder / "both.ome.tif", both, photometric="rgb", metadata={"axes": "CYXS"})
    image = files.read(folder / "planar.tif")
    assert names(image) == "c y x"
    assert numpy.array_equal(image, planes)
    image = files.read(folder / "both.ome.tif")
    assert names(image) == "c y x s"
    assert numpy.array_equal(image, both)


def test_pages_of_a_plain_tiff_are_z(folder, pixels):
    stack = pixels(6, 20, 30)
    frames = [Pillow.fromarray(plane) for plane in stack]
    frames[0].save(folder / "pages.tif", save_all=True, append_images=frames[1:])
    tifffile.imwrite(folder / "four.tif", stack.reshape(2, 3, 20, 30), photometric="minisblack")
    assert names(files.read(folder / "pages.tif")) == "z y x"
    assert numpy.array_equal(files.read(folder / "pages.tif"), stack)
    assert names(files.read(folder / "four.tif")) == "t z y x"


def test_axes_of_length_one_are_left_out(folder, pixels):
    tifffile.imwrite(folder / "thin.tif", pixels(1, 1, 9, 1, dtype="float32"), metadata={"axes": "TZYX"})
    image = files.read(folder / "thin.tif")
    assert names(image) == "y x"
    assert image.shape == (9, 1)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzw"},
        {"compression": "lzw", "predictor": True},
        {"compression": "deflate", "predictor": True},
        {"compression": "zstd"},
        {"compression": "packbits"},
        {"compression": "deflate", "tile": (16, 32)},
        {"tile": (16, 16)},
        {"rowsperstrip": 7},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"byteorder": ">", "compression": "lzw", "predictor": True},
        {"byteorder": ">", "tile": (16, 16)},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_storage_does_not_matter(folder, pixels, options, dtype):
    stack = pixels(3, 50, 70, dtype=dtype)
    path = folder / "stored.tif"
    tifffile.imwrite(path, stack, photometric="minisblack", **options)
    image = files.read(path)
    assert numpy.array_equal(image, stack)
    assert image.dtype == stack.dtype
    assert image.dtype.isnative
    assert image.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint32", "float16", "float64", "int64", "complex64", "complex128"])
def test_other_dtypes(folder, pixels, dtype):
    stack = pixels(20, 30, dtype=dtype)
    tifffile.imwrite(folder / "dtype.tif", stack, byteorder=">")
    image = files.read(folder / "dtype.tif")
    assert image.dtype == stack.dtype
    assert numpy.array_equal(image, stack)


def test_twelve_bits_packed(folder, pixels):
    values = pixels(20, 30) % 4096
    first, second = values.ravel()[::2], values.ravel()[1::2]
    packed = numpy.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1).astype(numpy.uint8)
    tifffile.imwrite(
        folder / "12 bit.tif",
        iter([packed.tobytes()]),
        shape=values.shape,
        dtype=values.dtype,
        bitspersample=12,
        rowsperstrip=20,
        photometric="minisblack",
    )
    assert numpy.array_equal(files.read(folder / "12 bit.tif"), values)


@pytest.mark.parametrize("compression", ["raw", "packbits"])
def test_one_bit_is_bool_and_white_is_true(folder, pixels, compression):
    mask = pixels(21, 30, dtype="bool")
    picture = Pillow.fromarray(mask)
    picture.save(folder / "mask.tif", compression=compression)
    picture.save(folder / "inverted.tif", compression=compression, tiffinfo={262: 0})
    assert numpy.array_equal(files.read(folder / "mask.tif"), mask)
    inverted = numpy.asarray(Pillow.open(folder / "inverted.tif"))
    assert numpy.array_equal(files.read(folder / "inverted.tif"), inverted)


def test_one_bit_of_tifffile_comes_back_as_it_was(folder, pixels):
    mask = pixels(21, 30, dtype="bool")
    tifffile.imwrite(folder / "mask.tif", mask)
    assert numpy.array_equal(files.read(folder / "mask.tif"), mask)


def test_white_is_high_in_plain_files_and_values_stay_in_imagej_files(folder, pixels):
    values = pixels(20, 30, dtype="uint8")
    tifffile.imwrite(folder / "plain.tif", values, photometric="miniswhite", metadata=None)
    tifffile.imwrite(folder / "imagej.tif", values, photometric="miniswhite", imagej=True)
    assert numpy.array_equal(files.read(folder / "plain.tif"), 255 - values)
    assert numpy.array_equal(files.read(folder / "imagej.tif"), values)


def test_palette_gives_colours_in_plain_files_and_is_display_in_imagej_files(folder, pixels):
    values = pixels(20, 30, dtype="uint8")
    colours = numpy.random.default_rng(3).integers(0, 256, (3, 256)).astype(numpy.uint16)
    grey = numpy.tile(numpy.arange(255, -1, -1, dtype=numpy.uint16) * 257, (3, 1))
    tifffile.imwrite(folder / "colours.tif", values, colormap=colours * 257, photometric="palette", metadata=None)
    tifffile.imwrite(folder / "grey.tif", values, colormap=grey, photometric="palette", metadata=None)
    tifffile.imwrite(folder / "imagej.tif", values, colormap=colours * 257, imagej=True)
    image = files.read(folder / "colours.tif")
    assert names(image) == "y x c"
    assert image.dtype == numpy.uint8
    assert numpy.array_equal(image, colours.T[values])
    assert numpy.array_equal(files.read(folder / "grey.tif"), 255 - values)
    assert numpy.array_equal(files.read(folder / "imagej.tif"), values)


def test_ome_calibration(folder, pixels):
    stack = pixels(2, 3, 4, 20, 30)
    path = folder / "stack.ome.tif"
    metadata = {
        "axes": "TCZYX",
        "PhysicalSizeX": 120.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.12,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 0.3,
        "TimeIncrement": 40.0,
        "TimeIncrementUnit": "ms",
    }
    tifffile.imwrite(path, stack, photometric="minisblack", metadata=metadata)
    image = files.read(path)
    assert numpy.array_equal(image, stack)
    assert alcove.axes(image) == (
        Axis("t", "time", "millisecond", 40.0),
        Axis("c", "channel"),
        Axis("z", "space", "micrometer", 0.3),
        Axis("y", "space", "micrometer", 0.12),
        Axis("x", "space", "nanometer", 120.0),
    )


def test_series_of_one_file_have_their_own_size_and_calibration(folder, pixels):
    path = folder / "two.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(pixels(20, 30), metadata={"axes": "YX", "PhysicalSizeX": 0.5})
        tiff.write(pixels(4, 8, 9), photometric="minisblack", metadata={"axes": "ZYX", "PhysicalSizeX": 2.0})
    assert files.read(path).shape == (20, 30)
    second = files.read(path, series=1)
    assert numpy.array_equal(second, pixels(4, 8, 9))
    assert names(second) == "z y x"
    assert axis_of(second, "x").scale == 2.0


def test_largest_level_of_a_pyramid(folder, pixels):
    path = folder / "pyramid.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(pixels(64, 64), subifds=1, tile=(32, 32), metadata={"axes": "YX"})
        tiff.write(pixels(32, 32), subfiletype=1, tile=(32, 32))
    assert numpy.array_equal(files.read(path), pixels(64, 64))


def test_planes_that_were_never_recorded_are_zero_and_said(folder, pixels):
    path = folder / "stopped early.ome.tif"
    tifffile.imwrite(path, pixels(3, 20, 30), photometric="minisblack", metadata={"axes": "TYX"})
    recorded = tifffile.TiffFile(path)
    with recorded:
        xml = recorded.ome_metadata
    planned = xml.replace('SizeT="3"', 'SizeT="5"').replace('PlaneCount="3"', 'PlaneCount="2"')
    assert planned.count('SizeT="5"') == 1
    assert planned.count('PlaneCount="2"') == 1
    tifffile.tiffcomment(path, planned.encode())
    with pytest.warns(UserWarning, match="3 of 5 planes are not in the file"):
        image = files.read(path)
    assert numpy.array_equal(image[:2], pixels(3, 20, 30)[:2])
    assert not image[2:].any()


def test_one_image_in_several_files(folder, pixels):
    stack = pixels(4, 20, 30)
    for index, part in enumerate((stack[:2], stack[2:])):
        tifffile.imwrite(folder / f"part {index}.ome.tif", part, photometric="minisblack", metadata={"axes": "ZYX"})
    xml, identity = [], []
    for index in (0, 1):
        with tifffile.TiffFile(folder / f"part {index}.ome.tif") as tiff:
            xml.append(tiff.ome_metadata)
            identity.append(re.search('UUID="(urn:uuid:[^"]+)"', xml[index])[1])
    places = "".join(
        f'<TiffData IFD="{z % 2}" FirstZ="{z}" FirstC="0" FirstT="0" PlaneCount="1">'
        f'<UUID FileName="part {z // 2}.ome.tif">{identity[z // 2]}</UUID></TiffData>'
        for z in range(4)
    )
    whole = re.sub("<TiffData.*?/>", places, xml[0].replace('SizeZ="2"', 'SizeZ="4"'))
    tifffile.tiffcomment(folder / "part 0.ome.tif", whole.encode())
    image = files.read(folder / "part 0.ome.tif")
    assert names(image) == "z y x"
    assert numpy.array_equal(image, stack)


def test_resolution_in_centimeters_is_calibration_and_dots_per_inch_are_not(folder, pixels):
    tifffile.imwrite(folder / "cm.tif", pixels(8, 9), resolution=(20000, 40000), resolutionunit="CENTIMETER")
    tifffile.imwrite(folder / "dpi.tif", pixels(8, 9), resolution=(300, 300), resolutionunit="INCH")
    y, x = alcove.axes(files.read(folder / "cm.tif"))
    assert (y.unit, x.unit) == ("micrometer", "micrometer")
    assert [y.scale, x.scale] == pytest.approx([0.25, 0.5])
    assert alcove.axes(files.read(folder / "dpi.tif")) == (Axis("y"), Axis("x"))


def test_the_name_does_not_matter(folder, pixels):
    tifffile.imwrite(folder / "picture.tif", pixels(8, 9))
    (folder / "picture.tif").rename(folder / "picture.dat")
    assert numpy.array_equal(files.read(folder / "picture.dat"), pixels(8, 9))


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_pixels_land_in_the_memory_that_is_returned(folder, pixels, monkeypatch, compression):
    tifffile.imwrite(folder / "stack.tif", pixels(3, 50, 70), compression=compression, photometric="minisblack")
    made = []

    def empty(shape, dtype):
        made.append(numpy.zeros(shape, dtype))
        return made[-1]

    monkeypatch.setattr(_tiff_reading, "empty", empty)
    image = files.read(folder / "stack.tif")
    assert [array is image for array in made] == [True]


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_progress_and_cancel(folder, pixels, monkeypatch, recorder, compression):
    monkeypatch.setattr(_tiff_reading, "_CHUNK_BYTES", 50 * 70 * 2)
    path = folder / "stack.tif"
    tifffile.imwrite(path, pixels(8, 50, 70), compression=compression, photometric="minisblack")
    assert numpy.array_equal(files.read(path), pixels(8, 50, 70))
    assert len(recorder.fractions) >= 8
    assert recorder.fractions == sorted(recorder.fractions)
    recorder.fractions.clear()
    recorder.cancel_at = 4
    with pytest.raises(Cancelled):
        files.read(path)
    assert len(recorder.fractions) == 4
