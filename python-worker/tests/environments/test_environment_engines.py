"""What holds for every engine: one suite, with a real solver, real packages and real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import micromamba_stand_in
import pytest
import tifffile
from channel_server import ChannelServer
from conda_channel import TWENTY
from conftest import Other, Steps, conda_specification, leftovers, run_in
from engine_sources import NAME, CondaSource, Source, UvSource
from worker_process import Host

from alcove import Cancelled, OpError, environments

Start = Callable[..., Other]
PATIENCE = 60
IMAGE = Path(__file__).resolve().parents[3] / "examples" / "images" / "nuclei.tif"


@pytest.fixture(params=["rattler", "uv", "micromamba"])
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Source:
    found = _source(request, tmp_path, monkeypatch)
    # Nobody gives up by himself: who asks no more was told so.
    monkeypatch.setenv("ALCOVE_TIMEOUT", "1000")
    return found


def _source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    if request.param == "uv":
        return UvSource(request.getfixturevalue("index"))
    server = request.getfixturevalue("channel_server")  # first: it clears the machine's own settings away
    if request.param == "micromamba":
        monkeypatch.setenv("ALCOVE_MICROMAMBA", str(micromamba_stand_in.install(tmp_path)))
    return CondaSource(request.param, server)


@pytest.fixture(params=["rattler", "uv"])
def own_source(request: pytest.FixtureRequest) -> Source:
    """Those engines that are Alcove's own to make good."""
    if request.param == "uv":
        return UvSource(request.getfixturevalue("index"))
    return CondaSource(request.param, request.getfixturevalue("channel_server"))


def create(source: Source, directory: Path, version: int = 1, **options: Any) -> dict[str, Any]:
    return environments.create(source.specification(version), directory, **options)


def test_it_is_made_once_also_without_network_listed_and_removed(source: Source, directory: Path) -> None:
    made = create(source, directory)
    asked = source.requests()

    assert made["created"] is True
    assert source.version_in(Path(made["directory"])) == "1.0"
    assert create(source, directory) == {**made, "created": False}
    assert source.requests() == asked
    (listed,) = environments.list_environments(directory)
    assert listed["state"] == "ready"
    assert listed["engine"] == source.engine
    assert listed["packages"] == made["packages"] >= 4
    packages = {each["name"]: each["version"] for each in environments.show(directory, NAME)["packages"]}
    assert packages["eyepiece"] == "2.0"
    assert environments.verify(directory, NAME)["damaged"] == []

    source.go()

    again = environments.create(source.specification(1, name="others"), directory, offline=True)
    assert again["created"] is True
    with pytest.raises(OpError) as caught:
        environments.create(source.specification(2), directory, offline=True)
    assert caught.value.details["cause"] == "network"
    environments.remove(directory, NAME)
    environments.remove(directory, "others")
    assert environments.list_environments(directory) == []
    assert leftovers(directory) == []


_OLD = """
from pathlib import Path
from alcove import op

@op
def text(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")
"""


def test_an_update_is_shown_then_done_and_disturbs_no_worker(
    source: Source, directory: Path, host: Host, tmp_path: Path
) -> None:
    (tmp_path / "old.py").write_text(_OLD)
    made = create(source, directory)
    worker = host.start(python=made["python"])
    worker.initialize(environment={"directory": made["directory"]})
    worker.load(tmp_path / "old.py")
    wanted = source.specification(2)

    shown = environments.update(directory, specification=wanted, dry_run=True)

    assert {change["change"] for change in shown["changes"]} == set(source.kinds)
    objective = next(change for change in shown["changes"] if change["name"] == "objective")
    assert (objective["change"], objective["from"], objective["to"]) == ("upgraded", "1.0", "2.0")
    assert create(source, directory) == {**made, "created": False}

    updated = environments.update(directory, specification=wanted)

    assert (updated["changed"], updated["kept_old"]) == (True, True)
    assert updated["changes"] == shown["changes"]
    now = create(source, directory, 2)
    assert (now["created"], now["hash"]) == (False, updated["hash"])
    assert source.version_in(Path(now["directory"])) == "2.0"
    lock_file = next(Path(made["directory"]).glob("*lock.*"))
    assert "microscope" in worker.call("text", file=str(lock_file))["result"]
    worker.stop()


def test_cancel_half_way_leaves_nothing(source: Source, directory: Path, steps: Steps) -> None:
    held = source.hold()

    def at(message: str) -> None:
        if held.reached.is_set():
            raise Cancelled

    steps.at = at
    with pytest.raises(Cancelled):
        create(source, directory)

    assert held.dropped.wait(PATIENCE)
    assert leftovers(directory) == []
    held.released.set()
    steps.at = lambda message: None
    assert create(source, directory)["created"] is True


def test_who_waits_for_one_that_is_killed_takes_over(source: Source, directory: Path, other: Start) -> None:
    held = source.hold()
    wanted = source.specification(1)
    first = other("create", specification=wanted, directory=directory)
    assert held.reached.wait(PATIENCE)
    waiting = [other("create", specification=wanted, directory=directory) for _ in range(2)]
    for each in waiting:
        each.wait_for("Another process is building this environment; waiting")

    first.kill()

    assert held.dropped.wait(PATIENCE), "what it started goes on without it"
    assert environments.list_environments(directory) == []
    held.released.set()
    outcomes = [each.outcome() for each in waiting]
    assert [kind for kind, _ in outcomes] == ["result", "result"]
    assert sorted(made["created"] for _, made in outcomes) == [False, True]
    assert environments.verify(directory, NAME)["damaged"] == []
    assert leftovers(directory) == []


def test_damage_is_found_and_repaired(source: Source, directory: Path) -> None:
    """Also in the cache, which may hold the same file."""
    made = create(source, directory)
    prefix = Path(made["directory"])
    (changed, package), (missing, other_package) = ((next(prefix.rglob(path)), owner) for path, owner in source.files)
    content = {file: file.read_bytes() for file in (changed, missing)}
    with open(changed, "r+b") as opened:  # not a new file: other names of it change, too
        opened.write(b"#" * len(content[changed]))
    missing.unlink()

    found = environments.verify(directory, NAME)["damaged"]

    told = {(prefix / each["path"], each["problem"], each["package"]) for each in found}
    assert told == {(changed, "changed", package), (missing, "missing", other_package)}
    repaired = environments.verify(directory, NAME, repair=True)
    assert repaired["repaired"] is True
    assert {file: file.read_bytes() for file in content} == content
    assert environments.verify(directory, NAME)["damaged"] == []
    assert run_in(made, "print('it runs')") == "it runs"


def test_an_op_measures_an_image_with_conda_packages(
    channel_server: ChannelServer, directory: Path, host: Host, tmp_path: Path
) -> None:
    """A real Python with a real numpy from the channel."""
    (tmp_path / "measuring.py").write_text(
        "from alcove import Image, op\n"
        "@op\n"
        "def mean(image: Image, file: str) -> dict:\n"
        "    import sys, numpy, tifffile\n"
        "    same = bool((tifffile.imread(file) == image).all())\n"
        "    return {'mean': float(image.mean()), 'same': same, 'numpy': numpy.__file__, 'python': sys.prefix}\n"
    )
    image = tifffile.imread(IMAGE)
    made = environments.create(conda_specification(*TWENTY, "tifffile"), directory)
    worker = host.start(python=made["python"])
    worker.initialize(environment={"directory": made["directory"]})
    worker.load(tmp_path / "measuring.py")

    result = worker.call("mean", image=host.share(image), file=str(IMAGE))["result"]

    assert result["mean"] == pytest.approx(float(image.mean()))
    assert result["same"] is True
    assert result["python"] == made["directory"]
    assert Path(result["numpy"]).is_relative_to(made["directory"])
    assert environments.list_environments(directory)[0]["in_use"] is True
    with pytest.raises(OpError) as caught:
        environments.remove(directory, made["name"])
    assert caught.value.details["cause"] == "in_use"
    worker.stop()


def test_a_path_of_200_characters_with_all_that_paths_may_hold(channel_server: ChannelServer, tmp_path: Path) -> None:
    beginning = str(tmp_path / "Ångström µ 'n' co ")
    ending = f"/environments/{NAME}/0123456789abcdef"
    directory = Path(beginning + "x" * (200 - len(beginning) - len(ending)), "environments")

    made = environments.create(conda_specification("prefix-probe", "greeter", "cowsay"), directory)

    prefix = Path(made["directory"])
    assert len(str(prefix)) == 200
    probed = subprocess.run([prefix / "bin" / "prefix-probe"], check=True, stdout=subprocess.PIPE).stdout
    assert probed.decode() == str(prefix / "share" / "probe")
    assert subprocess.run([prefix / "bin" / "cowsay", "-t", "moo"], check=True, capture_output=True).stdout
    assert (prefix / "share" / "probe").read_text(encoding="utf-8") == f"prefix={prefix}\n"


def test_a_path_that_is_too_long_is_told(channel_server: ChannelServer, tmp_path: Path) -> None:
    directory = tmp_path / ("x" * 120) / ("y" * 120) / "environments"

    with pytest.raises(OpError) as caught:
        environments.create(conda_specification("prefix-probe"), directory)

    assert caught.value.details["cause"] == "path_too_long"
    assert leftovers(directory) == []


def test_a_folder_that_may_only_be_read_is_told(own_source: Source, directory: Path) -> None:
    directory.mkdir(parents=True)
    directory.chmod(0o555)

    finished = as_one_whom_modes_hold(own_source, directory)

    assert finished == ("failed", "permission")
    assert list(directory.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MB."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_told_and_nothing_stays(channel_server: ChannelServer, small_disk: Path) -> None:
    with pytest.raises(OpError) as caught:
        environments.create(conda_specification(*TWENTY), small_disk / "environments")

    assert caught.value.details["cause"] == "disk_full", caught.value.details
    assert leftovers(small_disk / "environments") == []


def as_one_whom_modes_hold(source: Source, directory: Path) -> tuple[str, Any]:
    """The outcome of ``create`` in a process that may write only where the modes of files say so, root or not."""
    program = (
        "import json, sys; from pathlib import Path; from alcove import OpError, environments\n"
        "try: print(json.dumps(['result', environments.create(json.loads(sys.argv[1]), Path(sys.argv[2]))]))\n"
        "except OpError as error: print(json.dumps(['failed', error.details['cause']]))\n"
    )
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--"] if os.geteuid() == 0 else []
    command = [*plain, sys.executable, "-c", program, json.dumps(source.specification(1)), str(directory)]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=variables)
    kind, value = json.loads(done.stdout)
    return kind, value


def test_a_python_that_is_there_is_used_and_left_alone(directory: Path) -> None:
    before = sorted(Path(sys.executable).parent.iterdir())
    text = {"format": "script", "text": sys.executable, "source": ""}

    made = environments.create({"name": NAME, "engine": "existing", **text}, directory)

    assert os.path.samefile(made["python"], sys.executable)
    assert run_in(made, "import numpy; print('there')") == "there"
    assert environments.list_environments(directory)[0]["engine"] == "existing"
    environments.remove(directory, NAME)
    assert environments.list_environments(directory) == []
    assert sorted(Path(sys.executable).parent.iterdir()) == before
