"""A toolbox made by the first-use window itself, and one ImageJ that most tests share."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
import pytest
import tifffile
from alcove_program import ROOT, Alcove
from imagej import OPS, DriverFailedError, FirstUse, ImageJ, ImageJFolder, Picture, Starter

PICTURES = ROOT / "python-worker" / "target" / "reports" / "windows"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """A picture of the screen where a test failed."""
    report = yield
    imagej = getattr(item, "funcargs", {}).get("imagej")
    if report.failed and isinstance(imagej, ImageJ):
        PICTURES.mkdir(parents=True, exist_ok=True)
        try:
            report.sections.append(("screen", str(imagej.picture(PICTURES / f"{item.name}.png"))))
        except DriverFailedError:
            pass
    return report


@pytest.fixture(scope="session", autouse=True)
def display() -> None:
    if not os.environ.get("DISPLAY"):
        pytest.skip("needs a display: ./test windows gives one")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alcove]:
    """Data and shared memory of all tests here. At the end no process and no block may be left."""
    base = tmp_path_factory.mktemp("wïndows")
    shared = Path("/dev/shm")
    memory = (shared if shared.is_dir() else base) / f"alcove-test-{uuid.uuid4().hex[:8]}"
    memory.mkdir()
    program = Alcove(base / "dätä", memory, base)
    try:
        yield program
        program.assert_nothing_left()
    finally:
        shutil.rmtree(memory)


@pytest.fixture(scope="session")
def surroundings(home: Alcove) -> dict[str, str]:
    """What every ImageJ here is started with."""
    return {
        "ALCOVE_DATA_DIR": str(home.data_directory),
        "ALCOVE_MEMORY_DIR": str(home.memory_directory),
        "ALCOVE_SETTINGS": str(home.working_directory / "settings.toml"),
        "ALCOVE_TRUSTED_OPS": "",
    }


@pytest.fixture(scope="session")
def first_use(
    home: Alcove, surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FirstUse]:
    """The jar is dropped in, an op file, an image opened, the command chosen; the rest is done by keyboard."""
    base = tmp_path_factory.mktemp("shared")
    folder = ImageJFolder(base / "ImageJ wïth blank").install().add(OPS / "pixels.py")
    imagej = ImageJ(folder, surroundings, base)
    try:
        tifffile.imwrite(base / "small.tif", numpy.zeros((9, 9), "uint8"))
        imagej.open(base / "small.tif")
        imagej.refresh("Plugins>Alcove>Tests>Levels...")
        imagej.choose("Plugins>Alcove>Tests>Levels...")
        question = imagej.wait_read("Alcove: run this op file?")
        imagej.keys("Alcove: run this op file?", "alt R")
        wizard = imagej.wait_read("Alcove: first use")
        files = [path.name for path in home.data_directory.iterdir()]
        imagej.keys("Alcove: first use", "alt D")
        imagej.wait("Levels")
        imagej.keys("Levels", "ESCAPE")
        imagej.wait_gone("Levels")
        imagej.tidy()
        yield FirstUse(imagej, folder, question, wizard, files)
        imagej.quit()
    finally:
        imagej.end()


@pytest.fixture
def imagej(first_use: FirstUse) -> Iterator[ImageJ]:
    """The shared one; after the test nothing is open in it."""
    yield first_use.imagej
    first_use.imagej.tidy()


@pytest.fixture
def folder(first_use: FirstUse) -> ImageJFolder:
    """Where the shared ImageJ lies."""
    return first_use.folder


@pytest.fixture
def start(first_use: FirstUse, surroundings: dict[str, str], tmp_path: Path) -> Iterator[Starter]:
    """Starts ImageJs of the test's own; those that are still there at its end are killed."""
    running: list[ImageJ] = []

    def starter(folder: ImageJFolder, java: str = "java", wrapper: Sequence[str] = (), **variables: str) -> ImageJ:
        scratch = tmp_path / f"scratch {len(running)}"
        scratch.mkdir()
        running.append(ImageJ(folder, {**surroundings, **variables}, scratch, java, wrapper))
        return running[-1]

    yield starter
    for imagej in running:
        imagej.end()


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """Eight bits, every value, not square, calibrated."""
    pixels = numpy.arange(60 * 70, dtype=numpy.uint32).reshape(60, 70).astype("uint8")
    file = tmp_path / "grey lövels.tif"
    tifffile.imwrite(file, pixels, imagej=True, resolution=(4, 4), metadata={"unit": "um"})
    return Picture(file, pixels)
