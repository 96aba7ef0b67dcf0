"""Files are written exactly, appear complete or not at all, and come back as they were."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import imageio.v3 as imageio
import numpy
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import alcove
from alcove import Axis, Cancelled, OpError, files
from alcove.files import _writing

CALIBRATED = {
    "t": Axis("t", "time", "second", 0.2),
    "z": Axis("z", "space", "micrometer", 1.5, -4.5),
    "c": Axis("c", "channel"),
    "y": Axis("y", "space", "micrometer", 0.325, 3.25),
    "x": Axis("x", "space", "micrometer", 0.65),
}


def with_axes(array, names):
    return alcove.set_axes(array, [CALIBRATED[name] for name in names.split()])


def same_axes(image, expected, *, translation=True):
    got = alcove.axes(image)
    assert [(axis.name, axis.type, axis.unit) for axis in got] == [
        (axis.name, axis.type, axis.unit) for axis in expected
    ]
    assert [axis.scale for axis in got] == pytest.approx([axis.scale for axis in expected], rel=1e-8)
    if translation:
        assert [axis.translation for axis in got] == pytest.approx([axis.translation for axis in expected], rel=1e-8)


def refused(path, image, **options):
    with pytest.raises(OpError) as caught:
        files.write(path, image, **options)
    assert caught.value.hint
    assert caught.value.details["path"] == str(path)
    return caught.value


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("names", ["y x", "z y x", "t y x", "c y x", "z c y x", "t z c y x"])
def test_imagej_tiff_keeps_everything(folder, pixels, names, dtype):
    sizes = {"t": 2, "z": 4, "c": 5, "y": 20, "x": 30}
    image = with_axes(pixels(*(sizes[name] for name in names.split()), dtype=dtype), names)
    path = folder / "image.tif"
    written = files.write(path, image)
    assert written == {
        "path": str(path),
        "shape": list(image.shape),
        "dtype": dtype,
        "axes": names,
        "size_bytes": path.stat().st_size,
    }
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_imagej
    back = files.read(path)
    assert back.dtype == image.dtype
    assert numpy.array_equal(back, image)
    same_axes(back, alcove.axes(image))


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint16", "float64", "complex64"])
@pytest.mark.parametrize("name", ["image.tif", "image.ome.tif", "IMAGE.OME.TIFF"])
def test_ome_tiff_keeps_all_but_the_translation(folder, pixels, name, dtype):
    image = with_axes(pixels(2, 3, 2, 20, 30, dtype=dtype), "t z c y x")
    files.write(folder / name, image)
    with tifffile.TiffFile(folder / name) as tiff:
        assert tiff.is_ome or dtype == "uint16"
    back = files.read(folder / name)
    assert back.dtype == image.dtype
    assert numpy.array_equal(back, image)
    same_axes(back, alcove.axes(image), translation=name == "image.tif" and dtype == "uint16")


def test_axes_take_the_order_of_files(folder, pixels):
    image = with_axes(pixels(3, 20, 2, 30), "c y z x")
    assert files.write(folder / "image.tif", image)["axes"] == "z c y x"
    back = files.read(folder / "image.tif")
    assert numpy.array_equal(back.transpose(1, 2, 0, 3), image)


def test_views_are_written_as_they_look(folder, pixels):
    whole = pixels(6, 40, 50)
    view = alcove.set_axes(whole[::2, ::-1, 5:20].transpose(2, 1, 0), "x y z")
    files.write(folder / "view.tif", view)
    assert numpy.array_equal(files.read(folder / "view.tif"), whole[::2, ::-1, 5:20])


def test_colours(folder, pixels):
    for name in ("rgb.tif", "rgb.ome.tif", "rgb.png"):
        image = alcove.set_axes(pixels(20, 30, 3, dtype="uint8"), "y x c")
        assert files.write(folder / name, image)["axes"] == "y x c"
        back = files.read(folder / name)
        assert [axis.name for axis in alcove.axes(back)] == ["y", "x", "c"]
        assert numpy.array_equal(back, image)
    with tifffile.TiffFile(folder / "rgb.tif") as tiff:
        assert tiff.is_imagej
        assert tiff.pages[0].photometric == tifffile.PHOTOMETRIC.RGB


def test_deep_colours_are_channels_in_imagej_and_colours_elsewhere(folder, pixels):
    image = alcove.set_axes(pixels(20, 30, 3), "y x c")
    assert files.write(folder / "deep.tif", image)["axes"] == "c y x"
    assert numpy.array_equal(files.read(folder / "deep.tif"), image.transpose(2, 0, 1))
    for name in ("deep.ome.tif", "deep.png"):
        assert files.write(folder / name, image)["axes"] == "y x c"
        assert numpy.array_equal(files.read(folder / name), image)


def test_a_mask_is_black_and_white(folder, pixels):
    mask = pixels(20, 30, dtype="bool")
    for name in ("mask.tif", "mask.ome.tif", "mask.png"):
        assert files.write(folder / name, mask)["dtype"] == "uint8"
        assert numpy.array_equal(files.read(folder / name), mask * numpy.uint8(255))


@pytest.mark.parametrize(
    ("dtype", "values", "stored"),
    [
        ("int32", [0, 65535], "uint16"),
        ("int64", [0, 7], "uint16"),
        ("uint64", [0, 70_000], "int32"),
        ("int64", [0, 70_000], "int32"),
        ("int64", [-3, 3], "int32"),
        ("int64", [0, 3_000_000_000], "uint32"),
        ("float16", [0.5, -7], "float32"),
    ],
)
def test_wide_integers_get_the_dtype_that_programs_open(folder, dtype, values, stored):
    image = numpy.array([values] * 3, dtype)
    assert files.write(folder / "labels.tif", image)["dtype"] == stored
    back = files.read(folder / "labels.tif")
    assert back.dtype == stored
    assert numpy.array_equal(back, image)


@pytest.mark.parametrize("name", ["image.tif", "image.ome.tif", "image.png", "image.npy"])
def test_big_endian_arrays(folder, pixels, name):
    image = alcove.set_axes(pixels(20, 30).astype(">u2"), "y x")
    files.write(folder / name, image)
    assert numpy.array_equal(files.read(folder / name), image)


@pytest.mark.parametrize("dtype", ["longdouble", "object", "datetime64[s]", "U3"])
def test_dtypes_that_are_no_pixels(folder, dtype):
    error = refused(folder / "odd.tif", numpy.zeros((4, 5)).astype(dtype))
    assert error.details["cause"] == "unsupported"
    assert not list(folder.iterdir())


def test_values_that_no_file_holds_are_refused(folder):
    assert refused(folder / "wide.tif", numpy.array([[0, 1 << 60]])).details["cause"] == "unsupported"
    assert refused(folder / "grey.png", numpy.array([[0, 70_000]])).details["cause"] == "unsupported"
    assert refused(folder / "grey.png", numpy.array([[0.0, 0.5]])).details["cause"] == "unsupported"
    assert refused(folder / "grey.jpg", numpy.array([[0, 256]])).details["cause"] == "unsupported"
    assert not list(folder.iterdir())


@pytest.mark.parametrize("unit", ["nanometer", "millimeter", "inch", "furlong", "Ångström²"])
def test_other_units(folder, pixels, unit):
    image = alcove.set_axes(pixels(3, 20, 30), [Axis(name, "space", unit, 2.5) for name in "zyx"])
    files.write(folder / "unit.tif", image)
    same_axes(files.read(folder / "unit.tif"), alcove.axes(image))


def test_imagej_gets_one_unit_of_length_and_seconds(folder, pixels):
    axes = [Axis("t", "time", "millisecond", 40.0), Axis("z", "space", "micrometer", 0.3)]
    image = alcove.set_axes(pixels(2, 3, 20, 30), [*axes, *(Axis(name, "space", "nanometer", 120.0) for name in "yx")])
    files.write(folder / "mixed.tif", image)
    t, z, y, x = alcove.axes(files.read(folder / "mixed.tif"))
    assert (t.unit, z.unit, y.unit, x.unit) == ("second", "nanometer", "nanometer", "nanometer")
    assert [t.scale, z.scale, y.scale, x.scale] == pytest.approx([0.04, 300, 120, 120])


@pytest.mark.parametrize(
    ("shape", "dtype", "axes"),
    [
        ((20, 30), "uint16", "y x"),
        ((5, 20, 30), "uint16", "z y x"),
        ((20, 30, 3), "uint8", "y x c"),
        ((20, 30, 3), "float32", "z y x"),
        ((2, 5, 20, 30), "uint16", "t z y x"),
        ((3, 2, 5, 20, 30), "uint8", "t z c y x"),
        ((30,), "uint8", "y x"),
    ],
)
def test_arrays_without_axes(folder, pixels, shape, dtype, axes):
    written = files.write(folder / "plain.tif", pixels(*shape, dtype=dtype))
    assert written["axes"] == axes
    assert sorted(files.read(folder / "plain.tif").ravel()) == sorted(pixels(*shape, dtype=dtype).ravel())


def test_png_takes_one_plane(folder, pixels):
    image = alcove.set_axes(pixels(1, 20, 30), "z y x")
    assert files.write(folder / "plane.png", image)["axes"] == "y x"
    assert numpy.array_equal(files.read(folder / "plane.png"), image[0])
    channels = alcove.set_axes(pixels(3, 20, 30, dtype="uint8"), "c y x")
    files.write(folder / "channels.png", channels)
    assert numpy.array_equal(imageio.imread(folder / "channels.png"), channels.transpose(1, 2, 0))
    error = refused(folder / "stack.png", alcove.set_axes(pixels(5, 20, 30), "z y x"))
    assert error.details["cause"] == "unsupported"
    assert "z=5 y=20 x=30" in str(error)


def test_npy_and_jpeg(folder, pixels):
    image = pixels(3, 4, 5, dtype="complex128")
    files.write(folder / "array.npy", image)
    assert numpy.array_equal(numpy.load(folder / "array.npy"), image)
    smooth = numpy.tile(numpy.arange(0, 240, 8, dtype=numpy.uint8), (20, 1))
    files.write(folder / "picture.jpg", smooth)
    assert numpy.abs(files.read(folder / "picture.jpg").astype(int) - smooth).max() <= 4


@pytest.mark.parametrize("name", ["image.xyz", "image", "image.czi"])
def test_unknown_endings(folder, pixels, name):
    error = refused(folder / name, pixels(20, 30))
    assert error.details["cause"] == "unsupported"
    assert ".tif" in error.hint


@pytest.mark.parametrize("shape", [(0, 5), ()])
def test_arrays_without_pixels(folder, shape):
    assert refused(folder / "nothing.tif", numpy.zeros(shape)).details["cause"] == "unsupported"


def test_folders_are_made_and_files_replaced(folder, pixels):
    path = folder / "new" / "newer" / "image.tif"
    files.write(path, pixels(20, 30))
    files.write(path, pixels(4, 5))
    assert files.read(path).shape == (4, 5)
    error = refused(path, pixels(6, 7), overwrite=False)
    assert error.details["cause"] == "exists"
    assert files.read(path).shape == (4, 5)
    assert os.listdir(path.parent) == ["image.tif"]


def test_an_image_is_on_the_disk_before_it_has_its_name_and_its_name_before_the_op_ends(folder, pixels, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(descriptor):
        done.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).suffix or "folder")
        fsync(descriptor)

    def watched_replace(source, target):
        done.append("renamed")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    files.write(folder / "image.tif", pixels(20, 30))
    assert done == [".part", "renamed", "folder"]


def test_a_folder_is_not_replaced(folder, pixels):
    (folder / "image.tif").mkdir()
    assert refused(folder / "image.tif", pixels(20, 30)).details["cause"] == "exists"


def test_a_file_in_the_way_of_a_folder(folder, pixels):
    (folder / "file").touch()
    assert refused(folder / "file" / "image.tif", pixels(20, 30)).details["cause"] == "failed"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_stays_a_link(folder, pixels):
    (folder / "archive").mkdir()
    (folder / "image.tif").symlink_to(folder / "archive" / "image.tif")
    files.write(folder / "image.tif", pixels(20, 30))
    assert (folder / "image.tif").is_symlink()
    assert files.read(folder / "archive" / "image.tif").shape == (20, 30)


@pytest.mark.parametrize("name", ["stack.tif", "stack.ome.tif"])
def test_cancelled_while_writing_leaves_the_old_file(folder, pixels, recorder, name):
    files.write(folder / name, pixels(20, 30))
    before = (folder / name).read_bytes()
    recorder.fractions.clear()
    recorder.cancel_at = 4
    with pytest.raises(Cancelled):
        files.write(folder / name, pixels(8, 20, 30))
    assert len(recorder.fractions) == 4
    assert (folder / name).read_bytes() == before
    assert os.listdir(folder) == [name]


def test_progress_while_writing(folder, pixels, recorder):
    files.write(folder / "stack.tif", pixels(8, 20, 30))
    assert len(recorder.fractions) >= 8
    assert recorder.fractions == sorted(recorder.fractions)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("name", ["big.tif", "big.ome.tif", "big.png", "big.npy", "big.jpg"])
def test_a_full_disk_is_said_and_leaves_nothing(folder, name):
    program = """
        import resource, sys, numpy
        from pathlib import Path
        from alcove import OpError, files
        image = numpy.random.default_rng(1).integers(0, 255, (1000, 1000)).astype(numpy.uint8)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            files.write(Path(sys.argv[1]), image)
        except OpError as error:
            print(error.details["cause"])
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(folder / name)],
        env={**os.environ, "PYTHONPATH": str(Path(alcove.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (result.stdout.strip(), result.stderr) == ("disk_full", "")
    assert not list(folder.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_folder_that_may_not_be_written(folder, pixels, unprivileged):
    files.write(folder / "first.tif", pixels(20, 30))
    os.chmod(folder, 0o555)
    with unprivileged():
        assert refused(folder / "second.tif", pixels(20, 30)).details["cause"] == "permission"
    assert os.listdir(folder) == ["first.tif"]


def test_more_than_a_classic_tiff_holds_becomes_bigtiff(folder, pixels, monkeypatch):
    from alcove.files import _tiff_writing

    monkeypatch.setattr(_tiff_writing, "_CLASSIC_BYTES", 1000)
    image = with_axes(pixels(3, 20, 30), "z y x")
    files.write(folder / "big.tif", image)
    with tifffile.TiffFile(folder / "big.tif") as tiff:
        assert tiff.is_bigtiff
    back = files.read(folder / "big.tif")
    assert numpy.array_equal(back, image)
    same_axes(back, alcove.axes(image), translation=False)


def test_the_ops_are_described_without_the_libraries():
    program = (
        "import sys, alcove.files; print([m for m in ('numpy', 'tifffile', 'imageio', 'PIL') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(alcove.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert result.stdout.strip() == "[]"


@st.composite
def images(draw):
    order = draw(st.permutations("tzcyx"))
    names = [name for name in order if name in "yx" or draw(st.booleans())]
    shape = [draw(st.integers(1 if name in "yx" else 2, 5)) for name in names]
    dtype = draw(st.sampled_from(sorted(set(alcove.arrays.DTYPES) - {"bool", "int64", "uint64"})))
    raw = draw(st.binary(min_size=64, max_size=64))
    count = int(numpy.prod(shape)) * numpy.dtype(dtype).itemsize
    values = numpy.frombuffer((raw * (count // 64 + 1))[:count], dtype).reshape(shape)
    return alcove.set_axes(values, " ".join(names))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(image=images(), name=st.sampled_from(["image.tif", "image.ome.tif", "image.npy"]))
def test_any_image_comes_back(folder, image, name):
    files.write(folder / name, image)
    back = files.read(folder / name)
    if name != "image.npy":
        names = [axis.name for axis in alcove.axes(image)]
        expected = [known for known in "tzcyx" if known in names]
        if alcove.axes(back)[-1].name == "c":
            expected = [known for known in expected if known != "c"] + ["c"]
        assert [axis.name for axis in alcove.axes(back)] == expected
        back = back.transpose([expected.index(known) for known in names])
    assert numpy.array_equal(back, image, equal_nan=image.dtype.kind in "fc")


def test_each_writer_is_named_in_the_hint():
    assert set(_writing._SUFFIXES.split(", ")) >= {".tif", ".ome.tif", ".png", ".jpg", ".npy"}
