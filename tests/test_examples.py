"""The op files in ``examples/``: each loads, and does what it says, on data whose answer is known."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy
import pytest
import tifffile
from alcove_program import EXAMPLES, NUCLEI, ROOT, SECONDS_TO_FINISH, Alcove

sys.path += [str(EXAMPLES / "training"), str(ROOT / "python-worker" / "tests")]

from accuracy import dice, matches
from file_server import FileServer, file_server

OP_FILES = sorted(EXAMPLES.glob("*.py"))
TRUTH = NUCLEI.with_name("nuclei-truth.tif")
NETWORK = EXAMPLES / "nuclei_unet.py"
RIGHT_HALF = numpy.s_[:, 256:]  # the network never saw it


@pytest.fixture
def python(alcove: Alcove) -> Path:
    """The interpreter of the network's environment, which has all that the other examples need."""
    found = [file for file in _interpreters(alcove) if file.exists()]
    if not found:
        alcove.run("run", f"{NETWORK}:probability", f"image={NUCLEI}", check=True)
    return next(_interpreters(alcove))


def _interpreters(alcove: Alcove) -> Iterator[Path]:
    return alcove.data_directory.glob("environments/nuclei_unet-*/**/bin/python")


def run(alcove: Alcove, python: Path, op: str, *inputs: object) -> tuple[Path, str]:
    """Where the results are, and what was printed."""
    finished = alcove.run("run", EXAMPLES / op, *inputs, "--python", python, "-o", "öut", check=True)
    return alcove.working_directory / "öut", finished.out + finished.err


def spots_of(centres: numpy.ndarray, shape: tuple[int, ...], random: numpy.random.Generator) -> numpy.ndarray:
    """An image of spots as a microscope shows them, with the noise of counted photons."""
    image = numpy.full(shape, 20.0)
    grid = numpy.indices(shape)
    for centre in centres:
        squared = sum((places - place) ** 2 for places, place in zip(grid, centre, strict=True))
        image += 200 * numpy.exp(-squared / (2 * 1.5**2))
    return random.poisson(image).astype(numpy.uint16)


def test_every_example_loads_without_its_environment(alcove: Alcove) -> None:
    shown = alcove.run("validate", *OP_FILES, check=True)
    assert len(OP_FILES) >= 11
    assert [line.partition(" (")[0] for line in shown.out.splitlines()] == [f"valid: {file}" for file in OP_FILES]


def test_the_first_plugin_has_eight_lines(alcove: Alcove, python: Path, tmp_path: Path) -> None:
    code, documentation, more = (EXAMPLES / "blobs.py").read_text().split('"""')
    assert "sigma" in documentation
    assert len([line for line in (code + more).splitlines() if line.strip() and not line.startswith("#")]) == 8
    rows, columns = numpy.indices((100, 160))
    centres = [(20 + 30 * row, 20 + 30 * column) for row in range(3) for column in range(5)]
    image = sum(200.0 * (numpy.hypot(rows - row, columns - column) < 9) for row, column in centres)
    tifffile.imwrite(tmp_path / "discs.tif", numpy.asarray(image + 20, numpy.uint8))
    out, _ = run(alcove, python, "blobs.py:blobs", "image=discs.tif")
    labels = tifffile.imread(out / "labels.tif")
    assert sorted({int(labels[centre]) for centre in centres}) == list(range(1, 16))
    assert labels.max() == 15
    assert labels[0, 0] == 0


def test_the_network_finds_nuclei_that_it_never_saw(alcove: Alcove) -> None:
    done = alcove.run("run", f"{NETWORK}:segment", f"image={NUCLEI}", "-o", "out", "--json", check=True)
    assert "looking at tile 1 of 1" in done.err
    labels = tifffile.imread(alcove.working_directory / "out" / "labels.tif")
    assert done.json["outputs"]["count"] == labels.max() == len(numpy.unique(labels)) - 1
    truth = tifffile.imread(TRUTH)[RIGHT_HALF]
    assert dice(labels[RIGHT_HALF] > 0, truth > 0) > 0.93  # examples/README.md says 0.95
    found, there, objects = matches(labels[RIGHT_HALF], truth)
    assert found / there > 0.9
    assert found / objects > 0.85


IN_TILES = """
import nuclei_unet
from generated_nuclei import generate

image, _ = generate(seed=5_000_000, size=173)
whole = nuclei_unet.probability(image)
nuclei_unet._TILE = 64
assert abs(nuclei_unet.probability(image) - whole).max() < 1e-3
assert whole.shape == image.shape and whole.dtype == numpy.float32
double = numpy.kron(image, numpy.ones((2, 2)))
once, twice = nuclei_unet.segment(image).count, nuclei_unet.segment(double, diameter=48).count
assert abs(once - twice) < 0.1 * once, (once, twice)
"""

ODD_IMAGES = """
import blobs, cells, denoise, flatten, measure, nuclei_unet, spots

random = numpy.random.default_rng(1)
black = numpy.zeros((40, 30), numpy.uint8)
for image in (
    *(black, black + 7, numpy.arange(50, dtype=numpy.uint16)[None], numpy.ones((1, 1), numpy.float32)),
    *(-random.random((40, 30)).astype(numpy.float32), random.integers(-300, 300, (40, 30)).astype(numpy.int16)),
):
    image.flags.writeable = False
    for segment in (blobs.blobs, cells.segment, nuclei_unet.segment, spots.spots):
        segment(image)
    for method in ("median", "non-local means", "total variation"):
        assert denoise.denoise(image, method).dtype == image.dtype
    flatten.flatten(image.copy())
    labels = numpy.where(image > image.mean(), 5, 0)
    assert measure.regions(labels, image).rows == labels.any()
assert nuclei_unet.segment(black).count == cells.segment(black).count == spots.spots(black).count == 0
"""


@pytest.mark.parametrize("program", [IN_TILES, ODD_IMAGES], ids=["large images", "odd images"])
def test_as_plain_functions_without_a_warning(python: Path, program: str) -> None:
    folders = [EXAMPLES, EXAMPLES / "training", ROOT / "python-worker" / "src"]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    command = [python, "-W", "error", "-c", f"import numpy\n{program}"]
    subprocess.run(command, env=variables, check=True, timeout=240)


def test_a_network_that_was_left_behind_is_missed(example: Any) -> None:
    with pytest.raises(Exception, match=r"no .*nuclei\.onnx") as failure:
        example("nuclei_unet").load_network("left/nuclei.onnx")
    assert "Copy the folder models" in getattr(failure.value, "hint", "")


def test_measures_regions_in_their_unit(alcove: Alcove, python: Path, tmp_path: Path) -> None:
    rows, columns = numpy.indices((120, 150))
    turned = numpy.radians(30)  # anticlockwise, as one sees it: rows go down
    along = (columns - 70) * numpy.cos(turned) - (rows - 50) * numpy.sin(turned)
    across = (columns - 70) * numpy.sin(turned) + (rows - 50) * numpy.cos(turned)
    labels = numpy.zeros(rows.shape, numpy.uint16)
    labels[(along / 30) ** 2 + (across / 12) ** 2 < 1] = 7
    labels[100:102, 100:102] = 3
    image = (100 + columns).astype(numpy.uint8)
    for name, array in (("labels.tif", labels), ("image.tif", image)):
        tifffile.imwrite(tmp_path / name, array, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    out, _ = run(alcove, python, "measure.py:regions", "labels=labels.tif", "image=image.tif", "minimum_area=5")
    with open(out / "table.csv", newline="") as file:
        (row,) = ({name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file))
    pixels = (labels == 7).sum()
    assert row["label"] == 7
    assert row["area"] == pytest.approx(pixels / 4)
    assert (row["x"], row["y"]) == pytest.approx((70.5 / 2, 50.5 / 2), abs=0.02)
    assert row["mean"] == pytest.approx(image[labels == 7].mean())
    assert (row["minimum"], row["maximum"]) == (image[labels == 7].min(), image[labels == 7].max())
    assert (row["major axis"], row["minor axis"]) == pytest.approx((30, 12), rel=0.02)
    assert row["angle"] == pytest.approx(30, abs=0.5)
    assert 0.6 < row["circularity"] < row["solidity"] <= 1
    tifffile.imwrite(tmp_path / "other.tif", image[:50])
    wrong = alcove.run(
        "run", EXAMPLES / "measure.py:regions", "labels=labels.tif", "image=other.tif", "--python", python
    )
    wrong.assert_failed("150 x 50 pixels", "150 x 120", "Choose the image")


def test_denoises_a_stack_and_tells_how_far_it_is(alcove: Alcove, python: Path, tmp_path: Path) -> None:
    random = numpy.random.default_rng(3)
    rows, columns = numpy.indices((192, 192))
    truth = numpy.stack([200.0 + 800 * (numpy.hypot(rows - 96, columns - 90 - plane) < 50) for plane in range(6)])
    noisy = (truth + random.normal(0, 60, truth.shape)).clip(0).astype(numpy.uint16)
    tifffile.imwrite(tmp_path / "stack.tif", noisy, imagej=True, metadata={"axes": "ZYX"})
    finished = alcove.run(
        *("run", EXAMPLES / "denoise.py:denoise", "image=stack.tif", "--python", python, "-o", "out"),
        *("--progress", "json"),
        check=True,
    )
    told = [json.loads(line) for line in finished.err.splitlines() if "plane by plane" in line]
    assert any(0 < line["fraction"] < 1 for line in told)
    result = tifffile.imread(tmp_path / "out" / "image.tif")
    assert (result.dtype, result.shape) == (noisy.dtype, noisy.shape)
    before, after = (numpy.sqrt(((array - truth) ** 2).mean()) for array in (noisy.astype(float), result))
    assert after < before / 4


@pytest.mark.parametrize("shape", [(240, 200), (20, 100, 100)], ids=["image", "stack"])
def test_finds_spots_to_a_fraction_of_a_pixel(
    alcove: Alcove, python: Path, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    random = numpy.random.default_rng(4)
    places = numpy.stack(numpy.meshgrid(*(numpy.arange(10, size - 9, 20) for size in shape), indexing="ij"), -1)
    centres = places.reshape(-1, len(shape)) + random.uniform(-2, 2, (places.size // len(shape), len(shape)))
    metadata = {"axes": "ZYX"[-len(shape) :]}
    tifffile.imwrite(tmp_path / "spots.tif", spots_of(centres, shape, random), imagej=True, metadata=metadata)
    out, printed = run(alcove, python, "spots.py:spots", "image=spots.tif")
    found = numpy.loadtxt(out / "points.csv", delimiter=",", skiprows=1)
    assert f"count: {len(centres)}" in printed
    distances = numpy.linalg.norm(found[:, None] - centres[None], axis=2)
    assert sorted(distances.argmin(axis=1)) == list(range(len(centres)))
    assert numpy.sqrt((distances.min(axis=1) ** 2).mean()) < 0.1


def test_flattens_illumination_in_place(alcove: Alcove, python: Path, tmp_path: Path) -> None:
    rows, columns = numpy.indices((200, 300))
    pattern = (rows // 5 + columns // 5) % 2
    lit = (1000 * (1 + 0.5 * pattern) * (0.4 + columns / 300)).astype(numpy.uint16)
    tifffile.imwrite(tmp_path / "lit.tif", lit)
    out, _ = run(alcove, python, "flatten.py:flatten", "image=lit.tif")
    flat = tifffile.imread(out / "image.tif")
    assert flat.dtype == numpy.uint16
    assert flat.mean() == pytest.approx(lit.mean(), rel=0.1)
    left, right = (flat[:, part][pattern[:, part] == 1].mean() for part in (slice(30, 60), slice(240, 270)))
    assert right / left < 1.2  # it was 2.4
    dark, bright = (flat[pattern == number].mean() for number in (0, 1))
    assert bright / dark == pytest.approx(1.5, rel=0.05)


CONTENT = os.urandom(1_024_000)  # nobody has fetched it yet
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def test_weights_are_fetched_once_and_found_without_network(alcove: Alcove, python: Path) -> None:
    command = ("run", EXAMPLES / "fetch_weights.py:fetch", "--python", python)
    with file_server() as server:
        server.content = CONTENT
        server.hold, server.held_after = True, 512_000
        address = f"url={server.address}/net%20ü.pt"
        with alcove.start(*command, address, f"sha256={DIGEST}") as first:
            alcove.wait_for_line(first, "Downloading net ü.pt: 0.5 of 1.0 MB")
            server.go_on.set()
            printed, _ = first.communicate(timeout=SECONDS_TO_FINISH)
        wrong = alcove.run(*command, address, f"sha256={'0' * 64}")
    wrong.assert_failed("net ü.pt is not the file that was expected", "SHA-256")
    downloads = alcove.data_directory / "cache" / "downloads"
    assert not (downloads / ("0" * 64) / "net ü.pt").exists()
    file = downloads / DIGEST / "net ü.pt"
    assert file.read_bytes() == CONTENT
    assert f"file: {file}" in printed
    again = alcove.run(*command, address, f"sha256={DIGEST}", check=True)  # nobody serves it any more
    assert f"file: {file}" in again.out
    assert "Downloading" not in again.err


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Imports an op file into this process, with a data directory of its own, and stand-ins for what it imports."""
    monkeypatch.setenv("ALCOVE_DATA_DIR", str(tmp_path / "dätä"))
    for folder in (EXAMPLES, ROOT / "python-worker" / "src"):
        monkeypatch.syspath_prepend(str(folder))

    def load(name: str, **packages: Any) -> ModuleType:
        for package, contents in packages.items():
            for module, names in {package: {}, **contents}.items():
                monkeypatch.setitem(sys.modules, module, SimpleNamespace(**names))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return __import__(name)

    yield load
    for name in ("stardist_nuclei", "cellpose_cells", "nuclei_unet"):
        sys.modules.pop(name, None)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with file_server() as served:
        yield served


def test_stardist_gets_its_weights(example: Any, server: FileServer, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.writestr("config.json", "{}")
    server.content = (tmp_path / "packed.zip").read_bytes()
    image = numpy.ones((20, 30), numpy.uint16)
    outline = numpy.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])  # y, then x
    opened: list[Path] = []

    class Network:
        def __init__(self, config: None, name: str, basedir: str) -> None:
            opened.append(Path(basedir, name))

        def predict_instances(self, normalized: numpy.ndarray, **options: Any) -> Any:
            assert options["n_tiles"] == (1, 1)
            assert options["prob_thresh"] is None
            return normalized.astype(int), {"coord": outline}

    stardist = example(
        "stardist_nuclei",
        stardist={"stardist.models": {"StarDist2D": Network}},
        csbdeep={"csbdeep.utils": {"normalize": lambda image, low, high: image * 1.0}},
    )
    stardist.ADDRESS = server.address + "/python_{}.zip"
    stardist.SHA256 = {"2D_versatile_fluo": hashlib.sha256(server.content).hexdigest()}
    for _ in range(2):
        nuclei = stardist.segment(image)
    assert server.paths == ["/python_2D_versatile_fluo.zip"]
    assert [folder.name for folder in opened] == ["python_2D_versatile_fluo"]
    assert [file.name for file in opened[0].iterdir()] == ["config.json"]
    assert nuclei.count == 1
    assert nuclei.labels.dtype == numpy.uint16
    assert nuclei.outlines[0]["vertices"].tolist() == [[1, 4], [2, 5], [3, 6]]
    archive = opened[0].with_suffix(".zip")
    assert stardist.unpacked(archive) == opened[0]
    assert sorted(file.name for file in archive.parent.iterdir()) == [
        *(archive.stem, archive.name, archive.name + ".lock"),
    ]


def test_cellpose_gets_its_weights(example: Any, server: FileServer) -> None:
    server.content = CONTENT
    weights: list[bytes] = []
    axes: list[int | None] = []

    class Network:
        def __init__(self, gpu: bool, pretrained_model: str) -> None:
            assert gpu  # which Cellpose takes for: if there is one
            weights.append(Path(pretrained_model).read_bytes())

        def eval(self, image: numpy.ndarray, **options: Any) -> Any:
            axes.append(options["channel_axis"])
            assert options["diameter"] is None
            return numpy.ones(image.shape[-2:], numpy.int64), [], None

    cellpose = example("cellpose_cells", cellpose={"cellpose": {"models": SimpleNamespace(CellposeModel=Network)}})
    assert len(cellpose.SHA256) == 64
    cellpose.WEIGHTS, cellpose.SHA256 = f"{server.address}/cpsam", DIGEST
    for shape in ((20, 30), (2, 20, 30)):
        cells = cellpose.segment(numpy.ones(shape, numpy.uint8))
        assert (cells.count, cells.labels.dtype, cells.labels.shape) == (1, numpy.uint16, (20, 30))
    assert axes == [None, 0]
    assert weights == [CONTENT]
    assert server.paths == ["/cpsam"]
    with pytest.raises(Exception, match="4 channels"):
        cellpose.segment(numpy.ones((4, 20, 30)))
