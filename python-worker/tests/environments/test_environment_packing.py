"""Environments in one file, for machines without network."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channel_server import ChannelServer
from conftest import SOURCES, Steps, build, conda_specification, leftovers, run_in, specification
from package_index import PackageIndex

from alcove import Cancelled, OpError, environments

Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture(scope="module")
def pack_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bytes]]:
    """A directory with a virtual environment of two small packages, and its pack."""
    directory = tmp_path_factory.mktemp("home") / "Jürgens Zellen" / "environments"
    index = PackageIndex()
    code = "def main(): print(1)\n"
    index.add("cells", requires=["plain"], scripts="cells = cells:main\n", files={"cells.py": code})
    index.add("plain")
    index.add("plain", tag="cp39-cp39-win_amd64")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_DEFAULT_INDEX", index.url)
        patch.setenv("UV_NO_CONFIG", "1")
        build(directory, "cells")
        file = directory.parent / "cells.tar"
        environments.pack(directory, "cells-1a2b3c4d", file)
        yield directory, file.read_bytes()
    index.close()


@pytest.fixture
def packed(pack_once: tuple[Path, bytes], tmp_path: Path) -> Path:
    """The pack."""
    file = tmp_path / "cells.tar"
    file.write_bytes(pack_once[1])
    return file


@pytest.fixture
def home(pack_once: tuple[Path, bytes]) -> Path:
    """Where it was packed."""
    return pack_once[0]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The environments of a machine that has nothing yet."""
    return tmp_path / "other machine" / "environments"


def members(file: Path) -> Members:
    with tarfile.open(file) as archive:
        found = [(member, archive.extractfile(member)) for member in archive]
        return [(member, stream.read() if stream else b"") for member, stream in found]


def write(file: Path, content: Members) -> None:
    with tarfile.open(file, "w") as archive:
        for member, data in content:
            member.size = len(data) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(data))


def cause(file: Path, directory: Path, **others: Any) -> str:
    with pytest.raises(OpError) as caught:
        environments.unpack(file, directory, **others)
    assert caught.value.hint
    assert not directory.exists() or not list(directory.iterdir())
    return str(caught.value.details["cause"])


def test_conda_and_pip_packages_go_without_network(
    directory: Path,
    channel_server: ChannelServer,
    index: PackageIndex,
    elsewhere: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    greets = "def main():\n    import greeter, sys\n    print(greeter.__name__, sys.prefix)\n"
    index.add("cells", scripts="cells = cells:main\n", files={"cells.py": greets})
    spec = conda_specification("python 3.11.*", "greeter", "prefix-probe")
    spec["text"] = 'dependencies = ["cells"]\n' + spec["text"]
    made = environments.create(spec, directory)
    file = tmp_path / "cells.tar"
    answer = environments.pack(directory, made["name"], file)
    assert answer == {"file": str(file), "bytes": file.stat().st_size, "packages": made["packages"]}
    asked = len(channel_server.requests), len(index.requests)
    monkeypatch.setenv("ALCOVE_DATA_DIR", str(elsewhere.parent))

    there = environments.unpack(file, elsewhere)

    assert (len(channel_server.requests), len(index.requests)) == asked
    assert (there["hash"], there["created"]) == (made["hash"], True)
    script = Path(there["python"]).with_name("cells")
    assert subprocess.check_output([script], text=True).split(maxsplit=1) == ["greeter", there["directory"] + "\n"]
    prefix = Path(there["directory"])
    assert subprocess.check_output([prefix / "bin" / "prefix-probe"], text=True).strip() == f"{prefix}/share/probe"
    records = [json.loads(record.read_text()) for record in (prefix / "conda-meta").glob("*.json")]
    assert {record["url"].partition("/conda-forge/")[0] for record in records} == {"https://conda.anaconda.org"}
    assert not leftovers(elsewhere)
    # Who runs the op file there finds the environment ready.
    assert environments.create(spec, elsewhere, offline=True)["created"] is False
    # Everything was checked on the way in, and holds when it is checked again.
    assert environments.verify(elsewhere, there["name"])["damaged"] == []


def test_a_virtual_environment_is_made_anew_with_a_script_that_runs(
    packed: Path, elsewhere: Path, index: PackageIndex
) -> None:
    index.add("plain")
    asked = len(index.requests)
    there = environments.unpack(packed, elsewhere, name="copy")
    assert len(index.requests) == asked
    assert there["name"] == "copy"
    assert run_in(there, "import cells, plain; print(plain.VERSION)") == "1.0"
    assert subprocess.check_output([Path(there["python"]).with_name("cells")], text=True) == "1\n"
    # Again: it is there.
    assert environments.unpack(packed, elsewhere, name="copy")["created"] is False
    # One of the same name that is something else stays.
    build(elsewhere, "plain", name="copy")
    with pytest.raises(OpError, match="another environment called copy") as caught:
        environments.unpack(packed, elsewhere, name="copy")
    assert caught.value.details["cause"] == "exists"


def test_the_same_environment_gives_the_same_bytes_and_holds_what_fits(packed: Path, home: Path) -> None:
    again = packed.with_name("again.tar")
    environments.pack(home, "cells-1a2b3c4d", again)
    assert again.read_bytes() == packed.read_bytes()
    names = [member.name for member, _ in members(packed)]
    assert names[0] == "alcove-pack.json"
    assert "pylock.toml" in names
    assert sorted(name.rsplit("/", 1)[1] for name in names if name.startswith("packages/")) == [
        "cells-1.0-py3-none-any.whl",
        "plain-1.0-py3-none-any.whl",
    ]
    assert not (home.parent / "cache" / "archives").exists()
    with pytest.raises(OpError, match="already"):
        environments.pack(home, "cells-1a2b3c4d", again)


def test_wheels_of_a_toolbox_come_first(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / "uv-1.0-py3-none-any.whl").write_bytes(b"a wheel")
    file = tmp_path / "with.tar"
    environments.pack(home, "cells-1a2b3c4d", file, toolbox=folder)
    assert [member.name for member, _ in members(file)][1] == "toolbox/uv-1.0-py3-none-any.whl"


def test_a_python_of_uv_comes_along(
    directory: Path, index: PackageIndex, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("plain")
    pythons = directory.parent / "python"
    top = _managed_python(pythons)
    monkeypatch.setattr("alcove.environments.uv.interpreters.own", lambda allowed: None)
    monkeypatch.setenv("PATH", str(tmp_path))  # uv would start every other Python of this machine
    made = build(directory, "plain")
    assert run_in(made, "import sys; print(sys.base_prefix)") == str(pythons / top)
    file = tmp_path / "plain.tar"
    environments.pack(directory, made["name"], file)
    there = environments.unpack(file, elsewhere)
    assert run_in(there, "import sys; print(sys.base_prefix)") == str(elsewhere.parent / "python" / top)
    assert (there["hash"], there["packages"]) == (made["hash"], made["packages"])


def _managed_python(pythons: Path) -> str:
    """A stand-in for a Python that uv has downloaded: this one, in a folder as uv names them."""
    version = "{}.{}.{}".format(*sys.version_info)
    top = f"cpython-{version}-linux-x86_64-gnu"
    minor = "python{}.{}".format(*sys.version_info)
    home = pythons / top
    (home / "bin").mkdir(parents=True)
    base = Path(sys.base_prefix)
    real = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    shutil.copy(real, home / "bin" / minor)
    (home / "bin" / "python3").symlink_to(minor)
    (home / "lib").mkdir()
    for library in base.glob("lib/libpython*.so*"):
        shutil.copy(library, home / "lib", follow_symlinks=True)
    unneeded = ("__pycache__", "test", "tests", "site-packages", "dist-packages", "idlelib", "ensurepip", "lib2to3")
    ignored = shutil.ignore_patterns(*unneeded, "config-*", "tkinter", "turtledemo", "pydoc_data")
    shutil.copytree(base / "lib" / minor, home / "lib" / minor, ignore=ignored)
    return top


def _other_hash(content: Members) -> Members:
    return [(each, data.replace(b"1.0", b"6.6") if each.name.endswith(".whl") else data) for each, data in content]


def _with_manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Members], Members]:
    def changed(content: Members) -> Members:
        manifest = json.loads(content[0][1])
        change(manifest)
        return [(content[0][0], json.dumps(manifest).encode()), *content[1:]]

    return changed


def _other_lock(content: Members) -> Members:
    return [(each, data.replace(b"plain", b"evils") if each.name == "pylock.toml" else data) for each, data in content]


def _with_member(name: str, data: bytes = b"x", **others: Any) -> Callable[[Members], Members]:
    """A pack whose manifest lists this member, too, and says that a Python is included."""

    def changed(content: Members) -> Members:
        entry = {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), **others}

        def change(manifest: dict[str, Any]) -> None:
            manifest["files"].append(entry)
            manifest["python"] = "included"

        listed = _with_manifest(change)(content)
        member = tarfile.TarInfo(name)
        if "link" in others:
            member.type, member.linkname = tarfile.SYMTYPE, others["link"]
        return [*listed, (member, data)]

    return changed


def _device(content: Members) -> Members:
    content[-1][0].type = tarfile.CHRTYPE
    return content


def _hard_link(content: Members) -> Members:
    content[-1][0].type, content[-1][0].linkname = tarfile.LNKTYPE, "/etc/passwd"
    return content


SPOILT: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a changed package": (_other_hash, "hash_mismatch"),
    "a changed lock": (_other_lock, "hash_mismatch"),
    "a package that is missing": (lambda content: content[:-1], "damaged"),
    "another order": (lambda content: [content[0], *reversed(content[1:])], "damaged"),
    "something more": (lambda content: [*content, (tarfile.TarInfo("more"), b"x")], "damaged"),
    "no manifest": (lambda content: content[1:], "damaged"),
    "another format": (_with_manifest(lambda manifest: manifest.update(format=2)), "damaged"),
    "another platform": (_with_manifest(lambda manifest: manifest.update(platform="win-64")), "platform"),
    "a name that is none": (_with_manifest(lambda manifest: manifest.update(name="../evil")), "spec_invalid"),
    "sizes that lie": (_with_manifest(lambda manifest: manifest["files"][-1].update(size=1 << 50)), "damaged"),
    "negative sizes": (_with_manifest(lambda manifest: manifest["files"][-1].update(size=-1)), "damaged"),
    "a path upwards": (_with_member("packages/../../../evil"), "damaged"),
    "a path out of a Python": (_with_member("python/a/../../../evil"), "damaged"),
    "an absolute path": (_with_member("/tmp/evil"), "damaged"),
    "a path of Windows": (_with_member("python\\..\\evil"), "damaged"),
    "a drive": (_with_member("python/C:/evil"), "damaged"),
    "a file elsewhere": (_with_member("alcove.json"), "damaged"),
    "a file twice": (_with_member("pylock.toml"), "damaged"),
    "a link": (_with_member("packages/evil", link="/etc"), "damaged"),
    "a link out of a Python": (_with_member("python/a/b", link="../../evil"), "damaged"),
    "a device": (_device, "damaged"),
    "a hard link": (_hard_link, "damaged"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_pack_is_refused_and_leaves_nothing(packed: Path, elsewhere: Path, kind: str) -> None:
    change, expected = SPOILT[kind]
    write(packed, change(members(packed)))
    assert cause(packed, elsewhere) == expected


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda data: b"no tar file at all", "damaged"),
        (lambda data: b"", "damaged"),
        (lambda data: __import__("gzip").compress(data), "damaged"),
    ],
    ids=["half of it", "another file", "nothing", "compressed"],
)
def test_a_file_that_is_no_pack_is_refused(
    packed: Path, elsewhere: Path, spoil: Callable[[bytes], bytes], expected: str
) -> None:
    packed.write_bytes(spoil(packed.read_bytes()))
    assert cause(packed, elsewhere) == expected


@pytest.mark.parametrize("moment", ["Verifying", "Making a virtual environment"])
def test_a_cancelled_unpack_leaves_nothing(packed: Path, elsewhere: Path, steps: Steps, moment: str) -> None:
    cancel_at(steps, moment)
    with pytest.raises(Cancelled):
        environments.unpack(packed, elsewhere)
    assert not list(elsewhere.iterdir())


def test_a_cancelled_pack_leaves_nothing(home: Path, tmp_path: Path, steps: Steps) -> None:
    cancel_at(steps, "Packing cells-1.0")
    with pytest.raises(Cancelled):
        environments.pack(home, "cells-1a2b3c4d", tmp_path / "cells.tar")
    assert not list(tmp_path.iterdir())


def cancel_at(steps: Steps, moment: str) -> None:
    def cancel(message: str) -> None:
        if message.startswith(moment):
            raise Cancelled

    steps.at = cancel


def test_what_a_broken_connection_left_is_used_by_the_next_try(
    directory: Path, channel_server: ChannelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCOVE_CONCURRENT_DOWNLOADS", "1")
    made = environments.create(conda_specification("python 3.11.*", "greeter"), directory)
    file = tmp_path / "cells.tar"
    channel_server.fail("*/python-3*", 404)
    channel_server.requests.clear()
    with pytest.raises(OpError) as caught:
        environments.pack(directory, made["name"], file)
    assert caught.value.details["cause"] == "network"
    assert not file.exists()
    channel_server.clear()
    environments.pack(directory, made["name"], file)
    paths = [request.path for request in channel_server.requests]
    # Again only what failed, and what may have been on its way then.
    assert len(paths) <= len(set(paths)) + 2
    assert len(set(paths)) == made["packages"]


def test_passwords_reach_the_index_and_not_the_pack(
    directory: Path, index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("plain")
    index.password = "me:secret"
    monkeypatch.setenv("UV_INDEX_LAB_USERNAME", "me")
    monkeypatch.setenv("UV_INDEX_LAB_PASSWORD", "secret")
    build(directory, "plain", extra=f'[[tool.uv.index]]\nname = "lab"\nurl = "{index.url}"\n')
    file = tmp_path / "plain.tar"
    assert environments.pack(directory, "cells-1a2b3c4d", file)["packages"] == 1
    assert b"secret" not in file.read_bytes()


def test_a_package_that_was_named_by_its_address_comes_along(
    directory: Path, index: PackageIndex, elsewhere: Path, tmp_path: Path
) -> None:
    address = index.url.replace("/simple", "/files/") + index.add("plain")
    build(directory, f"plain @ {address}")
    file = tmp_path / "plain ü.tar"
    environments.pack(directory, "cells-1a2b3c4d", file)
    index.requests.clear()
    made = environments.unpack(file, elsewhere)
    assert run_in(made, "import plain; print(plain.__name__)") == "plain"
    assert index.requests == []


def _can_unshare() -> bool:
    return shutil.which("unshare") is not None and subprocess.run(["unshare", "-n", "true"]).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes the network away from a process")
def test_it_works_where_there_is_no_network_at_all(packed: Path, elsewhere: Path) -> None:
    if not _can_unshare():
        pytest.skip("needs the right to take the network away from a process")
    code = f"from pathlib import Path; from alcove import environments as e; e.unpack(Path({str(packed)!r}), "
    code += f"Path({str(elsewhere)!r}))"
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    subprocess.run(["unshare", "-n", sys.executable, "-c", code], check=True, env=environment)
    assert environments.create(specification("cells"), elsewhere, offline=True)["created"] is False
    with contextlib.suppress(FileNotFoundError):
        assert not leftovers(elsewhere)
