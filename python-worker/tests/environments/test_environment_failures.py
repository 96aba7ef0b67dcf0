"""What a user is told when an environment cannot be made."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uv
from conftest import Other, build, leftovers, specification
from package_index import PackageIndex

from alcove import OpError, environments


def failing(directory: Path, *dependencies: str, offline: bool = False, extra: str = "") -> OpError:
    with pytest.raises(OpError) as raised:
        build(directory, *dependencies, offline=offline, extra=extra)
    assert leftovers(directory) == []
    assert raised.value.hint
    return raised.value


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_package_that_does_not_exist_is_named_with_its_line(directory: Path, index: PackageIndex) -> None:
    error = failing(directory, "scikit-imgae")

    assert error.details["cause"] == "unsolvable"
    assert error.details["package"] == "scikit-imgae"
    assert str(error) == "There is no package named 'scikit-imgae' (/ops/cells.py:3)"
    assert "typo" in str(error.hint)


def test_requirements_that_exclude_each_other_are_explained(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", "1.0", requires=["tissue<2"])
    index.add("tissue", "1.0")
    index.add("tissue", "2.0")

    error = failing(directory, "cellular", "tissue>=2")

    assert error.details["cause"] == "unsolvable"
    assert "cellular" in str(error)
    assert "tissue<2" in str(error)
    assert len(str(error).splitlines()) <= 11
    assert error.details["log"]


def test_no_network_is_told_from_no_such_package(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{port}/simple")

    error = failing(directory, "six")

    assert error.details["cause"] == "network"
    assert str(error) == f"Could not download what cells.py needs from 127.0.0.1:{port}: no connection"
    assert "HTTPS_PROXY" in str(error.hint)


def test_a_proxy_that_is_set_is_shown_without_its_password(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://packages.invalid/simple")
    monkeypatch.setenv("HTTP_PROXY", f"http://me:geheim@127.0.0.1:{port}")

    error = failing(directory, "six")

    assert error.details["cause"] == "network"
    assert f"HTTP_PROXY=http://***@127.0.0.1:{port}" in str(error.hint)
    assert "geheim" not in str(error.details)


def test_a_network_lost_during_the_download_is_a_network_failure(directory: Path, index: PackageIndex) -> None:
    file = index.add("cellular")
    del index.files[file]

    error = failing(directory, "cellular")

    assert error.details["cause"] == "network"
    assert "404" in str(error)


def test_an_index_that_wants_a_password_says_so(directory: Path, index: PackageIndex) -> None:
    index.password = "me:geheim"

    error = failing(directory, "cellular")

    assert error.details["cause"] == "network"
    assert "401" in str(error)


def test_offline_says_what_to_do(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")

    error = failing(directory, "cellular", offline=True)

    assert error.details["cause"] == "network"
    assert "with network" in str(error.hint)
    assert index.requests == []


def test_a_file_that_is_not_what_the_index_promised_is_refused(directory: Path, index: PackageIndex) -> None:
    index.hashes[index.add("cellular")] = "0" * 64

    error = failing(directory, "cellular")

    assert error.details["cause"] == "hash_mismatch"
    assert error.details["expected"] == "sha256:" + "0" * 64
    assert "cellular==1.0" in str(error)


def test_a_file_that_changed_after_locking_is_refused(directory: Path, index: PackageIndex) -> None:
    file = index.add("cellular")
    index.files[file] = index.files[index.add("tampered")]

    error = failing(directory, "cellular")

    assert error.details["cause"] == "hash_mismatch"
    assert error.details["expected"] == f"sha256:{index.hashes[file]}"
    assert error.details["got"] != error.details["expected"]


def test_a_damaged_file_is_refused(directory: Path, index: PackageIndex) -> None:
    file = index.add("cellular", pad=10_000)
    index.files[file] = index.files[file][:5_000]

    error = failing(directory, "cellular")

    assert error.details["cause"] == "hash_mismatch"
    assert "cellular==1.0" in str(error)


def test_a_package_for_other_systems_only_is_named(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", tag="py3-none-macosx_11_0_arm64" if sys.platform == "win32" else "py3-none-win_amd64")

    error = failing(directory, "cellular")

    assert error.details["cause"] == "platform"
    assert "cellular" in str(error)


def test_a_source_that_does_not_build_is_told_with_its_last_words(directory: Path, index: PackageIndex) -> None:
    backend = "def build_wheel(*arguments, **options):\n    raise RuntimeError('no cells.h here')\n"
    index.add_source("cellular", "1.0", backend)

    error = failing(directory, "cellular")

    assert error.details["cause"] == "platform"
    assert "cellular==1.0" in str(error)
    assert "no cells.h here" in str(error)


def test_a_local_folder_cannot_be_pinned(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "cellular").mkdir()
    (tmp_path / "cellular" / "pyproject.toml").write_text('[project]\nname = "cellular"\nversion = "1"\n')
    folder = (tmp_path / "cellular").as_posix()

    error = failing(directory, "cellular", extra=f'[tool.uv.sources]\ncellular = {{ path = "{folder}" }}\n')

    assert error.details["cause"] == "spec_invalid"
    assert "cellular" in str(error)


def test_what_uv_finds_wrong_in_the_header_is_placed_in_the_op_file(directory: Path) -> None:
    error = failing(directory, extra="[tool.uv]\nresolution = 'lowest'\nprerelaese = 'allow'\n")

    assert error.details["cause"] == "spec_invalid"
    assert str(error).startswith("/ops/cells.py:")
    assert "prerelaese" in str(error)


def test_no_such_python_and_no_network_to_get_one(directory: Path) -> None:
    error = failing(directory, offline=True, extra="requires-python = '>=3.40'\n")

    assert error.details["cause"] == "platform"
    assert "Python >=3.40" in str(error)


def test_an_unknown_engine_is_refused(directory: Path) -> None:
    with pytest.raises(OpError, match="no environment engine 'conda'") as raised:
        environments.create(specification(engine="conda"), directory)
    assert raised.value.details["cause"] == "spec_invalid"


def test_a_toolbox_without_uv_is_damaged(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise FileNotFoundError("uv")

    monkeypatch.setattr(uv, "find_uv_bin", missing)

    assert failing(directory).details["cause"] == "toolbox"


_LIMITED = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"


def test_a_full_disk_is_named(directory: Path, index: PackageIndex, other: Callable[..., Other]) -> None:
    """A limit on the size of files stands for the disk: it, too, fails writes midway, and needs no privilege."""
    index.add("cellular", pad=1_000_000)
    builder = other("create", before=_LIMITED, specification=specification("cellular"), directory=directory)

    assert builder.outcome() == ("failed", "disk_full")

    assert leftovers(directory) == []
    assert build(directory, "cellular")["created"] is True


@contextlib.contextmanager
def without_permission(folder: Path) -> Iterator[None]:
    """Takes away write access; for root, which needs none, by being somebody else for a while."""
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    for parent in [tmp_path, *tmp_path.parents][:3]:
        parent.chmod(0o755)  # pytest's own are private
    folder = tmp_path / "shared"
    with without_permission(folder):
        error = failing(folder / "environments")

    assert error.details["cause"] == "permission"
    assert str(folder) in str(error)


def test_a_path_that_is_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(OpError, match="too long") as raised:
        build(tmp_path / ("x" * 300))

    assert raised.value.details["cause"] == "path_too_long"
    assert "ALCOVE_DATA_DIR" in str(raised.value.hint)
