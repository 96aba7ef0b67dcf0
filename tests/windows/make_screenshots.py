#!/usr/bin/env python3
"""Makes the pictures of docs/images that show ImageJ and the windows: every one of a real run, none drawn.

Wants a display (``./test`` starts one with Xvfb and openbox) and what ``./test java`` has built:

    DISPLAY=:7 .venv-development/bin/python tests/windows/make_screenshots.py --data FOLDER [--only NAME ...]

FOLDER keeps toolbox and environments from one run to the next.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy
import tifffile
from imagej import ROOT, ImageJ, ImageJFolder
from PIL import Image

EXAMPLES = ROOT / "examples"
NUCLEI = EXAMPLES / "images" / "nuclei.tif"
BLOBS = "Plugins>Alcove>Segmentation>Find blobs..."
FAILING = '''# /// script
# dependencies = ["numpy"]
# ///
from alcove import Image, Table, op


@op(title="Measure brightest")
def brightest(image: Image, count: int = 3) -> Table:
    """Measures the brightest pixels."""
    import numpy

    order = numpy.argsort(image, axis=None)[::-1]
    values = image[order[:count]]
    return Table({"value": values})
'''


class Pictures:
    """One ImageJ, and pictures of what is in it."""

    def __init__(self, imagej: ImageJ, folder: ImageJFolder, data: Path, target: Path) -> None:
        self.imagej = imagej
        self.folder = folder
        self.data = data
        self.target = target

    def shoot(self, name: str, title: str, *corners: int) -> None:
        """A window or a part of it, once everything in it is drawn."""
        self.imagej.ask("front", title)
        self.imagej.ask("settle")
        self.keep(self.imagej.picture(self.target / f"{name}.png", title), *corners)

    def keep(self, file: Path, *corners: int) -> None:
        """The part between two corners, in few colours: the files are small then."""
        with Image.open(file) as picture:
            part = picture.crop(corners) if corners else picture.copy()
        part.convert("RGB").quantize(200, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file.name}: {file.stat().st_size // 1000} kB")

    def ready(self, entry: str) -> str:
        """Chooses a command, and answers what is asked the first time. Gives the dialog's title."""
        dialog = entry.split(">")[-1].removesuffix("...")
        self.imagej.choose(entry)
        while True:
            self.imagej.until(lambda: self._asked(dialog), dialog)
            asked = self._asked(dialog)
            if asked == dialog:
                return dialog
            self.imagej.click(asked, "Run It" if asked == "Alcove: run this op file?" else "Download")
            self.imagej.wait_gone(asked)

    def _asked(self, dialog: str) -> str:
        known = ("Alcove: run this op file?", "Alcove: first use", dialog)
        return next((title for title in self.imagej.windows() if title in known), "")

    # ---- The pictures ----------------------------------------------------------------------------------------------

    def menu(self) -> None:
        self.imagej.ask("place", "ImageJ", 60, 40)
        self.imagej.ask("front", "ImageJ")
        self.imagej.keys("ImageJ", "F10", *["RIGHT"] * 7, "UP", "RIGHT", "DOWN", "DOWN", "RIGHT")
        self.keep(self.imagej.picture(self.target / "imagej-menu.png"), 60, 40, 860, 420)
        self.imagej.keys("ImageJ", "ESCAPE", "ESCAPE", "ESCAPE")

    def trust(self) -> None:
        self.imagej.open(NUCLEI)
        self.imagej.choose(BLOBS)
        self.imagej.wait("Alcove: run this op file?")
        self.shoot("imagej-trust", "Alcove: run this op file?")
        self.imagej.click("Alcove: run this op file?", "Don*")

    def first_use(self) -> None:
        if (self.data / "toolbox").exists():
            return
        self.imagej.open(NUCLEI)
        self.imagej.choose(BLOBS)
        self.imagej.click(self.imagej.wait("Alcove: run this op file?"), "Run It")
        self.imagej.wait("Alcove: first use")
        self.shoot("imagej-first-use", "Alcove: first use")
        self.imagej.click("Alcove: first use", "Not Now")

    def dialog(self) -> None:
        self.imagej.open(NUCLEI)
        self.imagej.record()
        dialog = self.ready(BLOBS)
        self.shoot("first-plugin-dialog", dialog)
        self.imagej.click(dialog, "OK")
        self.imagej.image("Find blobs of nuclei.tif")
        self.shoot("first-plugin-result", "Find blobs of nuclei.tif")
        self.imagej.until(lambda: "run(" in self.imagej.recorded(), "the recorded command")
        self.imagej.ask("place", "Recorder", 100, 400, 900, 180)
        self.shoot("imagej-recorder", "Recorder")
        self.imagej.macro('close("Find blobs of nuclei.tif"); selectWindow("nuclei.tif");')
        dialog = self.ready(BLOBS)
        self.imagej.set(dialog, "labels_as", "overlay")
        self.imagej.click(dialog, "OK")
        self.imagej.until(lambda: self.imagej.overlay("nuclei.tif"), "the overlay")
        self.shoot("imagej-overlay", "nuclei.tif", 0, 0, 524, 290)

    def preview(self) -> None:
        self.imagej.open(NUCLEI)
        dialog = self.ready(BLOBS)
        self.imagej.set(dialog, "preview", True)
        self.imagej.until(lambda: self.imagej.overlay("nuclei.tif"), "the preview")
        self.imagej.ask("place", "nuclei.tif", 40, 120)
        self.imagej.ask("place", dialog, 420, 320)
        self.keep(self.imagej.picture(self.target / "imagej-preview.png"), 40, 120, 720, 545)
        self.imagej.click(dialog, "Cancel")

    def running(self) -> None:
        numbers = numpy.random.default_rng(0).normal(100, 20, (40, 400, 400)).clip(0, 255)
        tifffile.imwrite(
            self.folder.directory / "stack.tif", numbers.astype("uint8"), imagej=True, metadata={"axes": "ZYX"}
        )
        self.imagej.open(self.folder.directory / "stack.tif")
        entry = next(path for path in self.imagej.menus() if "Denoise" in path)
        dialog = self.ready(entry)
        self.shoot("imagej-stack-dialog", dialog)
        self.imagej.click(dialog, "OK")
        self.imagej.wait_text(dialog, "plane")
        self.shoot("imagej-running", dialog)
        self.imagej.click(dialog, "Stop Now")
        self.imagej.wait_gone(dialog)

    def failure(self) -> None:
        self.imagej.open(NUCLEI)
        dialog = self.ready("Plugins>Alcove>Measure brightest...")
        self.imagej.click(dialog, "OK")
        self.imagej.wait("Measure brightest failed")
        self.shoot("imagej-failure", "Measure brightest failed")

    def environments(self) -> None:
        self.imagej.choose("Plugins>Alcove>Environments...")
        window = self.imagej.wait("Alcove environments")
        self.imagej.wait_text(window, "ready")
        self.imagej.ask("place", window, 60, 60, 980, 620)
        self.imagej.ask("row", window, "environments", "blobs*")
        self.imagej.wait_text(window, "scikit-image")
        self.shoot("environments-window", window)
        self.imagej.ask("tab", window, "Workers")
        self.shoot("environments-workers", window)
        self.imagej.ask("tab", window, "Settings")
        self.shoot("environments-settings", window)
        self.imagej.ask("tab", window, "Environments")
        self.imagej.click(window, "Create*")
        self.shoot("environments-create", self.imagej.wait("Create*"))


def main() -> None:
    helpers = ("shoot", "keep", "ready")
    names = [name for name in vars(Pictures) if not name.startswith("_") and name not in helpers]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data directory, kept")
    parser.add_argument("--target", type=Path, default=ROOT / "docs" / "images", help="where the pictures go")
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    options = parser.parse_args()
    # A short path: it is to be read in the pictures.
    base = Path(tempfile.mkdtemp(prefix="alcove-"))
    folder = ImageJFolder(base / "ImageJ").install().add(EXAMPLES / "blobs.py", EXAMPLES / "denoise.py")
    folder.write("brightest.py", FAILING)
    imagej = ImageJ(folder, {"ALCOVE_DATA_DIR": str(options.data)}, base)
    try:
        imagej.refresh(BLOBS)
        pictures = Pictures(imagej, folder, options.data, options.target)
        for name in options.only:
            step: Callable[[], None] = getattr(pictures, name)
            step()
            imagej.tidy()
    finally:
        imagej.end()
        shutil.rmtree(base)


if __name__ == "__main__":
    os.environ.setdefault("DISPLAY", ":0")
    main()
