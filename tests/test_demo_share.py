"""``demo share`` and ``demo receive``: one image in two programs, in both directions."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import tifffile
from alcove_program import EXAMPLES, NUCLEI, ROOT, Alcove
from demo_programs import SOURCES, Demo, java, paste, python, variables

COLON = EXAMPLES / "images" / "colon.png"
GUIDE = (ROOT / "docs" / "sharing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The guide's fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def run_python(alcove: Alcove, program: str) -> str:
    """In a Python process without this package."""
    return subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=alcove.working_directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def numpy_lines(demo: Demo) -> list[str]:
    """The three that a sharing program prints."""
    first = demo.seen.index("any Python with numpy:") + 1
    return [line.strip() for line in demo.seen[first : first + 3]]


def java_line(demo: Demo) -> str:
    """What to paste for Java. The launcher stands in quotes where its path needs them."""
    return next(line.strip() for line in demo.seen if re.search("alcove'? demo receive", line))


def name_of(demo: Demo) -> str:
    """The block's file, as the receiving programs are given it."""
    return shlex.split(java_line(demo))[3]


def test_imagej_in_python_shares_and_java_sees_the_same_pixels(alcove: Alcove, tmp_path: Path) -> None:
    stack = numpy.arange(3 * 2 * 4 * 30 * 40, dtype=numpy.uint16).reshape(3, 4, 2, 30, 40) * 2
    metadata = {"axes": "TZCYX", "unit": "micron", "spacing": 0.5, "finterval": 2.0, "hyperstack": True}
    file = tmp_path / "hyper stack.tif"
    tifffile.imwrite(file, stack, imagej=True, resolution=(5, 5), metadata=metadata)
    with python(alcove, "share", file, "--reader", "imagej") as sharer:
        sharer.wait_for("Waiting for changes")
        assert "in numpy:             t 3, z 4, c 2, y 30, x 40" in "\n".join(sharer.seen)
        assert "in ImageJ, ImgLib2:   x 40, y 30, c 2, z 4, t 3" in "\n".join(sharer.seen)
        numpy.testing.assert_array_equal(numpy.memmap(name_of(sharer), "uint16", "r", 0, stack.shape), stack)

        receive = java_line(sharer).replace("--watch", "")
        facts = paste(alcove, f"{receive} --json --set 2,3,1,29,39=9").json
        assert facts == {
            "dtype": "uint16",
            "shape": list(stack.shape),
            "min": int(stack.min()),
            "max": int(stack.max()),
            "mean": stack.mean(),
        }
        assert sharer.wait_for("image") == f"image[2, 3, 1, 29, 39]  {stack.max()} -> 9   (x 39, y 29, c 1, z 3, t 2)"

        sharer.process.send_signal(signal.SIGINT)
        assert sharer.end().code == 0
    assert alcove.memory_files() == []


# One Java a process, so one process for all of them.
COMPARE = """
import sys
import numpy
from alcove import axes, files
from alcove.demo._images import open_image
from pathlib import Path
for file in map(Path, sys.argv[1:]):
    picture = open_image(file, "imagej")
    image = numpy.empty(picture.shape, picture.dtype)
    picture.fill(image)
    expected = files.read(file)
    numpy.testing.assert_array_equal(image, expected, file.name, strict=True)
    assert tuple(picture.axes) == tuple(axes(expected)), file.name
    print(file.name, *[axis.name for axis in picture.axes])
"""


def test_imagej_in_python_opens_all_kinds_of_images_as_our_own_readers_do(alcove: Alcove, tmp_path: Path) -> None:
    random = numpy.random.default_rng(5)
    grey = random.integers(0, 65535, (2, 3, 2, 20, 30), dtype=numpy.uint16)
    colours = random.integers(0, 255, (4, 20, 30, 3), dtype=numpy.uint8)

    def save(name: str, image: numpy.ndarray, **options: object) -> Path:
        tifffile.imwrite(tmp_path / name, image, imagej=True, **options)
        return tmp_path / name

    calibrated = {"unit": "um", "spacing": 0.5, "finterval": 2.5, "xorigin": 3.0, "hyperstack": True}
    files = {
        save("8.tif", colours[0, ..., 0]): "y x",
        save("16.tif", grey, resolution=(5, 4), metadata={"axes": "TZCYX", **calibrated}): "t z c y x",
        save("32.tif", grey[0, 0].astype("f4"), metadata={"axes": "CYX", "mode": "composite"}): "c y x",
        save("signed.tif", grey[0, 0, 0], metadata={"cf": 0, "c0": -32768, "c1": 1, "vunit": "grey"}): "y x",
        save("colours.tif", colours, photometric="rgb", metadata={"axes": "ZYXS"}): "z y x c",
        COLON: "y x c",
        NUCLEI: "y x",
    }
    done = subprocess.run(
        [sys.executable, "-c", COMPARE, *map(str, files)],
        env=variables(alcove),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{file.name} {axes}" for file, axes in files.items()]


def test_a_receiver_watches_until_the_sharer_takes_the_memory_away(alcove: Alcove, tmp_path: Path) -> None:
    numpy.save(tmp_path / "image.npy", numpy.zeros((4, 5), numpy.float32))
    for share, receive in ((java, python), (python, java)):
        with share(alcove, "share", tmp_path / "image.npy") as sharer:
            sharer.wait_for("Waiting for changes")
            arguments = [name_of(sharer), "float32", "4,5"]
            with receive(alcove, "receive", *arguments, "--watch") as watcher:
                watcher.wait_for("Waiting for changes")
                pixels = numpy.memmap(name_of(sharer), "float32", "r+", 0, (4, 5))
                pixels[1, 2] = numpy.nan
                assert re.fullmatch(r"image\[1, 2\]  0\.0 -> (nan|NaN)   .*", watcher.wait_for("image.1"))
                sharer.wait_for(r"image\[1, 2\]")
                pixels[2:] = 2  # ten pixels, five of which are shown
                watcher.wait_for(r"\.\.\. and 5 more pixels")
                del pixels
                sharer.process.send_signal(signal.SIGTERM)
                sharer.end()
                assert "has taken it away" in watcher.end().out
                assert watcher.process.returncode == 0


LOOK = """
import sys
import numpy
pixels = numpy.memmap(sys.argv[1], "float32", "r+", 0, (4, 5))
print(pixels.sum(), flush=True)
sys.stdin.readline()
print(pixels.sum())
"""


def test_who_looks_on_after_the_sharer_has_ended_is_not_killed(alcove: Alcove, tmp_path: Path) -> None:
    numpy.save(tmp_path / "image.npy", numpy.ones((4, 5), numpy.float32))
    for share in (java, python):
        with share(alcove, "share", tmp_path / "image.npy") as sharer:
            sharer.wait_for("Waiting for changes")
            command = [sys.executable, "-c", LOOK, name_of(sharer)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as looker:
                assert looker.stdout is not None
                assert looker.stdout.readline() == "20.0\n"
                sharer.process.send_signal(signal.SIGTERM)
                sharer.end()
                assert not Path(name_of(sharer)).exists()
                assert looker.communicate("\n", timeout=60)[0] == "20.0\n"
                assert looker.returncode == 0


def test_what_a_killed_sharer_left_goes_with_the_next(alcove: Alcove, tmp_path: Path) -> None:
    numpy.save(tmp_path / "image.npy", numpy.zeros((4, 5), numpy.uint8))
    with python(alcove, "share", tmp_path / "image.npy") as sharer:
        sharer.wait_for("Waiting for changes")
        sharer.process.kill()
    assert Path(name_of(sharer)).exists()
    with python(alcove, "share", tmp_path / "image.npy", "--for", "0") as following:
        assert following.end().code == 0
    assert alcove.memory_files() == []


def test_a_python_that_opens_it_as_shared_memory_deletes_it_as_the_guide_says(alcove: Alcove, tmp_path: Path) -> None:
    if not Path("/dev/shm").is_dir():
        pytest.skip("SharedMemory(name) finds blocks in /dev/shm alone, and there is none")
    numpy.save(tmp_path / "image.npy", numpy.zeros(6, numpy.uint8))
    arguments = [sys.executable, "-m", "alcove.demo", "share", str(tmp_path / "image.npy")]
    command = ["env", "--unset=ALCOVE_MEMORY_DIR", *arguments]
    sharer = Demo(alcove, command)
    with sharer.process:
        sharer.wait_for("Waiting for changes")
        (line,) = [line.strip() for line in sharer.seen if "SharedMemory(" in line]
        name = line.split('"')[1]
        assert name_of(sharer) == name  # found by its name, since the folder is where everybody looks
        tracked = sys.version_info < (3, 13)
        opened = line.replace(", track=False", "") if tracked else line
        program = f"from multiprocessing.shared_memory import SharedMemory\n{opened}\nmemory.buf[2] = 7\nmemory.close()"
        run_python(alcove, program)
        sharer.wait_for("has taken it away" if tracked else r"image\[2\]  0 -> 7")
        sharer.process.send_signal(signal.SIGINT)
        sharer.end()
    assert not (Path("/dev/shm") / name).exists()


def test_every_mistake_is_explained(alcove: Alcove, tmp_path: Path) -> None:
    numpy.save(tmp_path / "image.npy", numpy.zeros((4, 5), numpy.uint8))
    (tmp_path / "no image.tif").write_bytes(b"no")
    with python(alcove, "share", tmp_path / "image.npy") as sharer:
        sharer.wait_for("Waiting for changes")
        name = name_of(sharer)
        mistakes = {
            "there is no file nowhere.tif": ["share", "nowhere.tif"],
            "no image.tif": ["share", "no image.tif"],
            "has 20 bytes": ["receive", name, "uint8", "400,500"],
            "there is no image.4, 0.": ["receive", name, "uint8", "4,5", "--set", "4,0=1"],
            "'300' is no value of uint8": ["receive", name, "uint8", "4,5", "--set", "3,0=300"],
            "3 names of axes for 2 sizes": ["receive", name, "uint8", "4,5", "--axes", "z y x"],
            "uint9": ["receive", name, "uint9", "4,5"],
            "alcove-none": ["receive", "alcove-none", "uint8", "4,5"],
        }
        for message, arguments in mistakes.items():
            for program in (java, python):
                with program(alcove, *arguments) as demo:
                    out = demo.end().out
                assert re.search(f"error: .*({message})", out), out
                assert "hint: " in out
                assert "mistake in Alcove" not in out
                assert "Traceback" not in out
                assert demo.process.returncode == 1, out
        assert numpy.memmap(name, "uint8", "r", 0, (4, 5)).max() == 0
        sharer.process.send_signal(signal.SIGINT)
        sharer.end()


def test_the_guide_word_by_word_while_java_shares(alcove: Alcove, tmp_path: Path) -> None:
    for folder in ("examples", "python-worker", "alcove"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    share, share_in_python, receive, play = blocks("sh")
    image = tifffile.imread(NUCLEI)
    with java(alcove, *shlex.split(share)[2:]) as sharer:
        sharer.wait_for("Waiting for changes")
        assert "in numpy:             y 512, x 512" in "\n".join(sharer.seen)
        assert "in ImageJ, ImgLib2:   x 512, y 512" in "\n".join(sharer.seen)
        name = name_of(sharer)

        in_python, in_java = (re.sub("alcove-[0-9a-f]{8}-h-0", name, line) for line in receive.splitlines())
        # The lines of the guide are those that were printed, but for the name.
        assert sharer.line_with("-m alcove.demo receive").endswith(in_python.replace("--set 10,20=65535", "--watch"))
        assert java_line(sharer).replace("'", "").endswith(in_java[2:].replace("--set 11,20=65535", "--watch"))
        received = paste(alcove, with_package(in_python))
        assert f"min {image.min()}, max {image.max()}, mean {image.mean():.6g}" in received.out, received.err
        assert f"image[256, 256] is {image[256, 256]}" in received.out
        assert f"`{sharer.wait_for('image')}`" in GUIDE
        assert "max 65535" in paste(alcove, in_java).out
        assert sharer.wait_for("image") == f"image[11, 20]  {image[11, 20]} -> 65535   (x 20, y 11)"

        run_python(alcove, re.sub("/dev/shm/alcove-[0-9a-f]{8}-h-0", name, blocks("python")[0]))
        assert sharer.wait_for("image") == f"image[12, 20]  {image[12, 20]} -> 65535   (x 20, y 12)"
        run_python(alcove, "\n".join(numpy_lines(sharer)))
        assert sharer.wait_for("image") == f"image[256, 256]  {image[256, 256]} -> 1   (x 256, y 256)"
        run_java_snippet(alcove, tmp_path, blocks("java")[0], name)
        assert sharer.wait_for("image") == f"image[0, 0]  {image[0, 0]} -> 42   (x 0, y 0)"

        sharer.process.send_signal(signal.SIGINT)
        assert "mistake" not in sharer.end().out
    shared = paste(alcove, share_in_python.rstrip() + " --for 0")
    assert "The memory is given back" in shared.out, shared.err
    played, watched = play.splitlines()
    done = paste(alcove, with_package(f"{played} & {watched}; wait"))
    assert "torn 0" in done.out, done.err
    assert "played 120 frames" in done.out


def with_package(line: str) -> str:
    """As a shell runs it in which the guide's ``export`` was run."""
    return f"export PYTHONPATH={shlex.quote(str(SOURCES))}; {line}"


def run_java_snippet(alcove: Alcove, folder: Path, snippet: str, file: str) -> None:
    """In a JVM that has the library alone."""
    (folder / "Snippet.java").write_text(
        "import org.alcove.*;\npublic class Snippet {\n  public static void main(String[] arguments) {\n"
        f"    String name = arguments[0];\n{snippet}  }}\n}}\n"
    )
    class_path = f"{ROOT / 'java-manager' / 'target' / 'run' / 'alcove.jar'}:{folder}"
    subprocess.run(["javac", "-cp", class_path, "Snippet.java"], cwd=folder, check=True, timeout=120)
    command = ["java", "-cp", class_path, "Snippet", Path(file).name]
    subprocess.run(command, cwd=folder, env=alcove.variables(), check=True, timeout=120)


def test_the_python_of_the_guide(alcove: Alcove) -> None:
    shared, attached = blocks("python")[1].split("\n\n")[1:]
    program = (
        "import alcove, numpy\npixels = numpy.ones((512, 512), numpy.uint16)\n"
        + shared.replace("from now on", "from now on\n    name = shared.name\n    ")
        + "\n"
        + "\n".join(f"    {line}" for line in attached.splitlines())
        + "\n    print(shared.array[0, :3])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables(alcove), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[7 8 1]"


def test_pyimagej_is_asked_for_when_it_is_not_there(alcove: Alcove) -> None:
    with python(alcove, "share", NUCLEI, "--reader", "pyimagej") as demo:
        out = demo.end().out
    assert "PyImageJ is not installed" in out
    assert "pip install pyimagej" in out


def test_an_image_as_pyimagej_gives_it_is_a_picture() -> None:
    program = """
import numpy, xarray
from alcove.demo._pyimagej import picture_of
values = numpy.arange(2 * 4 * 5 * 3, dtype="uint16").reshape(1, 2, 4, 5, 3)
coords = {"row": numpy.arange(4) * 0.25, "ch": ["red", "green", "blue"]}
picture = picture_of(xarray.DataArray(values, dims=("t", "pln", "row", "col", "ch"), coords=coords))
target = numpy.empty(picture.shape, picture.dtype)
picture.fill(target)
assert (target == values[0]).all()
print(*[(axis.name, axis.scale) for axis in picture.axes])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(SOURCES)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "('z', 1.0) ('y', 0.25) ('x', 1.0) ('c', 1.0)\n"
