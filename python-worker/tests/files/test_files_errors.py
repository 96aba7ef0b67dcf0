"""What cannot be read is one clear error, whatever is wrong with the file; nothing comes back incomplete."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import numpy
import pytest
import tifffile

from alcove import OpError, files


def error_of(path: Path, series: int = 0) -> OpError:
    with pytest.raises(OpError) as caught:
        files.read(path, series)
    error = caught.value
    assert str(path) in str(error)
    assert error.hint
    assert error.details["path"] == str(path)
    assert "\n" not in str(error)
    return error


def image_or_cause(path: Path) -> tuple[Any, str | None]:
    try:
        return files.read(path), None
    except OpError as error:
        return None, error.details["cause"]


def cause_of(path: Path) -> str:
    return error_of(path).details["cause"]


def test_missing_file_and_missing_folder(folder):
    assert cause_of(folder / "nothing.tif") == "not_found"
    assert "no folder" in error_of(folder / "nowhere" / "nothing.tif").hint


def test_folder_and_empty_file(folder):
    (folder / "empty.tif").touch()
    assert cause_of(folder) == "not_an_image"
    assert "folder" in str(error_of(folder))
    assert cause_of(folder / "empty.tif") == "not_an_image"
    assert "empty" in str(error_of(folder / "empty.tif"))


@pytest.mark.parametrize(
    "name", ["notes.tif", "notes.png", "notes.txt", "notes", "notes.mp4", "notes.zip", "notes.dcm"]
)
@pytest.mark.parametrize(
    "content", [b"x", b"This is a text about nuclei.\n" * 40, bytes(300), b"PK\x03\x04" + bytes(90)]
)
def test_something_else_under_an_image_name(folder, name, content):
    (folder / name).write_bytes(content)
    assert cause_of(folder / name) == "not_an_image"


@pytest.mark.parametrize("content", [b"II*\0", b"MM\0*", b"II+\0", b"II*\0" + b"junk" * 50, b"MM\0+" + bytes(60)])
def test_nothing_but_the_start_of_a_tiff(folder, content):
    path = folder / "start.tif"
    path.write_bytes(content)
    assert cause_of(path) in ("damaged", "not_an_image")


@pytest.mark.parametrize(
    "options",
    [
        {"imagej": True, "metadata": {"axes": "ZYX"}},
        {"ome": True, "metadata": {"axes": "ZYX"}},
        {},
        {"metadata": None},
        {"bigtiff": True},
        {"metadata": None, "compression": "lzw"},
        {"ome": True, "compression": "deflate"},
        {"imagej": True, "compression": "deflate"},
        {"metadata": None, "rowsperstrip": 9},
        {"metadata": None, "tile": (16, 16)},
        {"metadata": None, "tile": (16, 16), "compression": "zstd"},
    ],
    ids=str,
)
def test_a_file_cut_anywhere_is_never_a_part_of_the_image(folder, options):
    stack = numpy.random.default_rng(5).integers(0, 60_000, (4, 40, 50)).astype(numpy.uint16)
    whole = folder / "whole.tif"
    tifffile.imwrite(whole, stack, photometric="minisblack", **options)
    content = whole.read_bytes()
    cut = folder / "cut.tif"
    for length in range(1, len(content), max(1, len(content) // 60)):
        cut.write_bytes(content[:length])
        image, cause = image_or_cause(cut)
        if image is None:
            assert cause in ("damaged", "not_an_image")
        else:  # what was cut off was no pixel
            assert image.size == stack.size, length
            assert numpy.array_equal(image.reshape(stack.shape), stack), length


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".bmp"])
def test_a_picture_cut_short(folder, suffix):
    noise = numpy.random.default_rng(5).integers(0, 255, (80, 90, 3)).astype(numpy.uint8)
    whole = folder / f"whole{suffix}"
    imageio.imwrite(whole, noise)
    content = whole.read_bytes()
    cut = folder / f"cut{suffix}"
    for part in (0.1, 0.5, 0.9):
        cut.write_bytes(content[: int(len(content) * part)])
        assert cause_of(cut) in ("damaged", "not_an_image")


def test_an_array_file_cut_short_or_with_objects(folder, pixels):
    numpy.save(folder / "whole.npy", pixels(20, 30))
    (folder / "cut.npy").write_bytes((folder / "whole.npy").read_bytes()[:500])
    numpy.save(folder / "objects.npy", numpy.array([{}, None], object), allow_pickle=True)
    numpy.save(folder / "number.npy", numpy.array(5))
    assert cause_of(folder / "cut.npy") == "damaged"
    assert cause_of(folder / "objects.npy") == "unsupported"
    assert cause_of(folder / "number.npy") == "not_an_image"


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_a_small_file_that_claims_to_be_huge(folder, pixels, compression):
    path = folder / "huge.tif"
    tifffile.imwrite(path, pixels(16, 16), compression=compression, metadata=None)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for tag in ("ImageWidth", "ImageLength", "RowsPerStrip"):
            tiff.pages[0].tags[tag].overwrite(400_000, dtype=4 if tag != "RowsPerStrip" else None)
    assert cause_of(path) == "damaged"


def test_flipped_bytes_never_escape(folder, pixels):
    path = folder / "whole.tif"
    tifffile.imwrite(path, pixels(3, 20, 30), imagej=True, compression="lzw", metadata={"axes": "ZYX", "unit": "um"})
    content = path.read_bytes()
    random = numpy.random.default_rng(11)
    broken = folder / "broken.tif"
    for _ in range(150):
        changed = bytearray(content)
        for place in random.integers(4, min(len(changed), 700), 3):
            changed[place] = random.integers(0, 256)
        broken.write_bytes(changed)
        image, cause = image_or_cause(broken)
        assert (image is None) == (cause is not None)


def test_series_that_does_not_exist(folder, pixels):
    tifffile.imwrite(folder / "one.tif", pixels(20, 30))
    imageio.imwrite(folder / "one.png", pixels(20, 30, dtype="uint8"))
    for name in ("one.tif", "one.png"):
        error = error_of(folder / name, series=3)
        assert error.details["cause"] == "not_found"
        assert "series 3" in str(error)


def test_unknown_compression_is_named(folder, pixels):
    path = folder / "compressed.tif"
    tifffile.imwrite(path, pixels(20, 30), compression="lzw")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["Compression"].overwrite(34661)
    error = error_of(path)
    assert error.details["cause"] == "unsupported"
    assert "JBIG" in str(error)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_file_that_may_not_be_read(folder, pixels, unprivileged):
    tifffile.imwrite(folder / "secret.tif", pixels(20, 30))
    os.chmod(folder / "secret.tif", 0)
    with unprivileged():
        assert cause_of(folder / "secret.tif") == "permission"
