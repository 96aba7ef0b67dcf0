"""From an op file in a folder to pixels on the screen: menus, the question of trust, dialogs, macros."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import numpy
import tifffile
from imagej import OPS, FirstUse, ImageJ, ImageJFolder, Picture

TESTS = "Plugins>Alcove>Tests>"


def in_plain_python(op: str, *arguments: Any) -> Any:
    """What the author's function returns when it is called as the function it is."""
    specification = importlib.util.spec_from_file_location("pixels", OPS / "pixels.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return getattr(module, op)(*arguments)


def test_first_use(first_use: FirstUse) -> None:
    assert "pixels.py is new here" in first_use.question
    assert "numpy" in first_use.question
    assert "about " in first_use.wizard
    assert " MB" in first_use.wizard
    assert "dätä" in first_use.wizard
    # Before somebody has agreed, there is what Alcove brings itself, and no toolbox.
    assert "toolbox" not in first_use.before_agreeing
    assert "environments" not in first_use.before_agreeing


def test_dialog_filled_and_result_by_pixel_recorded_and_replayed(imagej: ImageJ, picture: Picture) -> None:
    imagej.open(picture.file)
    imagej.record()
    imagej.choose(TESTS + "Levels...")
    dialog = imagej.wait("Levels")
    imagej.set(dialog, "Lowest value (grey)", 77)
    imagej.set(dialog, "Doubled", False)
    imagej.fill(dialog, Side="below", Number="3", Note="a b")
    imagej.click(dialog, "OK")

    result = imagej.image(f"Levels of {picture.title}")

    expected = in_plain_python("threshold", picture.pixels, 77, "below", 3.0, False)
    numpy.testing.assert_array_equal(result.pixels, expected.labels)
    assert result.facts["pixel"][:2] == [0.25, 0.25]
    assert result.facts["unit"] in ("micron", "µm", "um")
    assert imagej.table("Results of Levels")["count"] == [str(expected.count)]
    imagej.until(lambda: "run(" in imagej.recorded(), "the recorded command")
    recorded = imagej.recorded()
    assert 'run("Levels...", "' in recorded
    for word in ("level=77", "side=below", "number=3", "note=[a b]"):
        assert word in recorded

    imagej.tidy()
    imagej.open(picture.file)
    imagej.macro(recorded)
    numpy.testing.assert_array_equal(imagej.image(f"Levels of {picture.title}").pixels, expected.labels)


def test_macro_in_batch_mode(imagej: ImageJ, picture: Picture, tmp_path: Path) -> None:
    out = tmp_path / "out.tif"

    answer = imagej.macro(
        f'setBatchMode(true); open("{picture.file}"); '
        'run("Levels...", "level=200 side=above number=2 doubled=true"); '
        f'title = getTitle(); saveAs("tiff", "{out}"); return title + " " + nImages;'
    )

    assert answer == f"Levels of {picture.title} 2"
    expected = in_plain_python("threshold", picture.pixels, 200, "above", 2.0, True)
    numpy.testing.assert_array_equal(tifffile.imread(out), expected.labels)

    imagej.open(picture.file)
    imagej.start_macro('run("Levels...", "level=200 sigma=2"); print("went on");')
    message = imagej.wait_read("Macro Error")
    assert "sigma" in message
    assert "level" in message
    imagej.click("Macro Error", "OK")
    imagej.wait_gone("Macro Error")
    assert "went on" not in imagej.log()


def test_stack_runs_on_each_slice_or_on_the_visible_one(imagej: ImageJ, tmp_path: Path) -> None:
    stack = numpy.arange(4 * 6 * 7, dtype=numpy.uint8).reshape(4, 6, 7)
    tifffile.imwrite(tmp_path / "stack.tif", stack, imagej=True, metadata={"axes": "ZYX"})
    imagej.open(tmp_path / "stack.tif")
    imagej.choose(TESTS + "Brightest...")
    dialog = imagej.wait("Brightest")
    assert "each slice: 4" in imagej.texts(dialog)
    imagej.fill(dialog, Highest=90)
    imagej.click(dialog, "OK")
    numpy.testing.assert_array_equal(imagej.image("Brightest of stack.tif").pixels, stack.clip(0, 90))

    imagej.macro('close("Brightest of stack.tif"); selectWindow("stack.tif"); setSlice(3);')
    imagej.macro('run("Brightest...", "image=stack.tif highest=90 stack=false");')
    numpy.testing.assert_array_equal(imagej.image("Brightest of stack.tif").pixels, stack[2].clip(0, 90))


def test_masks_points_tables_and_images_changed_in_place(imagej: ImageJ, picture: Picture) -> None:
    title = imagej.open(picture.file)

    imagej.macro('run("Mark Bright...", "mask_as=image");')
    mask = imagej.image(f"Mark Bright of {title}")
    numpy.testing.assert_array_equal(mask.pixels, numpy.where(picture.pixels > 100, 255, 0))

    imagej.macro(f'selectWindow("{title}"); run("Peaks...", "count=4 points_as=overlay");')
    (points,) = imagej.overlay(title)
    assert (points["type"], points["size"]) == ("Point", 4)

    imagej.macro(f'selectWindow("{title}"); run("Rows...", "count=2");')
    means = [float(mean) for mean in imagej.table("Rows of " + title)["mean"]]
    numpy.testing.assert_allclose(means, picture.pixels[:2].mean(axis=1), atol=0.001)

    imagej.macro(f'selectWindow("{title}"); run("Brighten...", "by=5");')
    numpy.testing.assert_array_equal(imagej.image(title).pixels, in_brighter(picture.pixels, 5))


def in_brighter(pixels: Any, by: int) -> Any:
    changed = pixels.copy()
    in_plain_python("brighten", changed, by)
    return changed


def test_no_image_and_one_that_does_not_fit(imagej: ImageJ, picture: Picture) -> None:
    imagej.choose(TESTS + "Brightest...")
    assert "no image is open" in imagej.wait_read("Brightest")
    imagej.keys("Brightest", "ENTER")
    imagej.wait_gone("Brightest")

    imagej.open(picture.file)
    imagej.choose(next(path for path in imagej.menus() if path.startswith(TESTS + "Depth")))
    message = imagej.wait_read("Depth")
    assert "slices" in message
    assert picture.title in message


def test_new_broken_and_changed_op_files(imagej: ImageJ, folder: ImageJFolder) -> None:
    text = (OPS / "answer.py").read_text(encoding="utf-8")
    folder.write("Sub_menu/answer.py", text)
    broken = folder.write("broken.py", "from alcove import op\n\n\n@op\ndef f(x) -> int:\n    return 1\n")
    try:
        imagej.refresh("Plugins>Alcove>Sub menu>Answer...")
        imagej.choose("Plugins>Alcove>Sub menu>Answer...")
        imagej.click(imagej.wait("Alcove: run this op file?"), "Run It")
        imagej.click(imagej.wait("Answer"), "OK")
        assert imagej.table("Results of Answer")["answer"] == ["42"]

        folder.write("Sub_menu/answer.py", text.replace("42", "43"))
        imagej.choose("Plugins>Alcove>Sub menu>Answer...")
        assert "has changed" in imagej.wait_read("Alcove: run this op file?")
        imagej.click("Alcove: run this op file?", "Run It")
        imagej.click(imagej.wait("Answer"), "OK")
        imagej.until(lambda: imagej.table("Results of Answer")["answer"][-1] == "43", "the new answer")

        imagej.choose("Plugins>Alcove>F...")
        imagej.click(imagej.wait("Alcove: run this op file?"), "Run It")
        explained = imagej.wait_read("broken.py (does not load)")
        assert "broken.py, line 5" in explained
        assert "parameter x has no type" in explained
        assert "def f(x)" in imagej.wait_read("broken.py")  # in ImageJ's own editor
        imagej.until(lambda: "Plugins>Alcove>broken.py (does not load)" in imagej.menus(), "the broken file's entry")
    finally:
        broken.unlink()
        shutil.rmtree(folder.ops / "Sub_menu")
