"""Reading those of uv's words that no test can provoke: large downloads, and refusals of this and that system."""

from __future__ import annotations

import errno
import signal
import sys
from pathlib import Path

import pytest

from alcove import OpError
from alcove.environments.context import Context
from alcove.environments.failed_downloads import host_in
from alcove.environments.failures import of_file
from alcove.environments.machine import Machine
from alcove.environments.networking.settings import Settings
from alcove.environments.processes import Finished
from alcove.environments.specification import Specification
from alcove.environments.uv.uv_messages import Downloads, explain

CELLS = Specification.parse(
    {"name": "cells", "format": "script", "text": 'dependencies = ["numpy"]', "source": "cells.py"}
)
CONTEXT = Context(Path.cwd(), False, Settings(), Machine.detect())


def explained(*lines: str, code: int = 2) -> OpError:
    return explain(Finished(code, "", list(lines)), "installing packages", CELLS, CONTEXT)


def test_downloads_add_up_to_what_was_announced() -> None:
    downloads = Downloads(100_000_000)
    assert downloads.take("Downloading scipy (33.7MiB)")
    assert downloads.take("Downloading numpy (15.0MiB)")
    assert downloads.take("Downloading pillow (6.8MiB)")
    assert downloads.message == "Downloading scipy (35 MB), numpy (16 MB) and 1 more; 0 of 100 MB done"
    assert downloads.take(" Downloaded scipy")
    assert downloads.message == "Downloading numpy (16 MB), pillow (7 MB); 35 of 100 MB done"
    assert downloads.fraction == pytest.approx(0.353, abs=0.001)


def test_downloads_of_unknown_size_promise_nothing() -> None:
    downloads = Downloads(0)
    downloads.take("Downloading torch (1.2GiB)")
    assert downloads.message == "Downloading torch (1288 MB)"
    assert downloads.fraction == 0


@pytest.mark.parametrize("line", ["", "Prepared 9 packages in 905ms", " + numpy==2.5.5", "Downloading"])
def test_other_lines_are_not_about_downloads(line: str) -> None:
    assert not Downloads(0).take(line)


FULL, DENIED, LONG = (112, 5, 206) if sys.platform == "win32" else (errno.ENOSPC, errno.EACCES, errno.ENAMETOOLONG)


@pytest.mark.parametrize(("number", "cause"), [(FULL, "disk_full"), (DENIED, "permission"), (LONG, "path_too_long")])
def test_the_systems_refusals_are_told_by_number(number: int, cause: str) -> None:
    error = explained(
        "error: Failed to download `pillow==13.0.0`",
        "  cause: Failed to extract archive: pillow-13.0.0-cp313-cp313-manylinux_2_28_x86_64.whl",
        "  cause: I/O operation failed during extraction",
        f"  cause: failed to write to file `/data/cache/uv/.tmpH/x.so`: in whatever language (os error {number})",
    )

    assert error.details["cause"] == cause
    assert error.details["file"] == "/data/cache/uv/.tmpH/x.so"
    assert ("free_bytes" in error.details) is (cause == "disk_full")


def test_a_firewall_that_forbids_a_connection_is_about_the_network() -> None:
    error = explained(
        "error: Failed to fetch: `https://example.org/simple/numpy/`",
        "  cause: error sending request for url (https://example.org/simple/numpy/)",
        "  cause: client error (Connect)",
        f"  cause: tcp connect error: Permission denied (os error {errno.EACCES})",
    )

    assert error.details["cause"] == "network"


def test_an_unknown_certificate_gets_its_own_hint() -> None:
    error = explained(
        "error: Request failed after 3 retries in 7.2s",
        "  cause: Failed to fetch: https://example.org/simple/numpy/",
        "  cause: client error (Connect)",
        "  cause: invalid peer certificate: UnknownIssuer",
    )

    assert error.details["cause"] == "network"
    assert "SSL_CERT_FILE" in str(error.hint)


def test_settings_that_uv_does_not_read_are_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX")

    assert "ALCOVE_INDEX" in str(explained("error: Request failed after 3 retries in 7.2s").hint)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_killed_uv_is_probably_short_of_memory() -> None:
    error = explained("Downloading torch (1.2GiB)", code=128 + signal.SIGKILL)

    assert error.details["cause"] == "toolbox"
    assert "memory" in str(error.hint)


def test_words_nobody_knows_are_passed_on() -> None:
    error = explained("Using Python 3.13.0", "error: The moon is in the seventh house")

    assert error.details["cause"] == "toolbox"
    assert str(error) == "uv failed while installing packages: The moon is in the seventh house"
    assert error.details["log"] == ["Using Python 3.13.0", "error: The moon is in the seventh house"]


def test_long_explanations_are_cut_and_kept_in_the_log() -> None:
    error = explained(
        "error: No solution found when resolving dependencies",
        *[f"  And because a=={number} depends on b, we can conclude nothing." for number in range(30)],
    )

    assert error.details["cause"] == "unsolvable"
    assert len(str(error).splitlines()) == 12
    assert len(error.details["log"]) == 31


def test_what_is_typed_has_no_place() -> None:
    typed = Specification.parse(
        {"name": "typed", "format": "script", "text": 'dependencies = ["cellular"]', "source": ""}
    )
    finished = Finished(1, "", ["  x No solution found when resolving:", "  cellular was not found in the cache"])

    error = explain(finished, "resolving", typed, CONTEXT)

    assert str(error) == "There is no package named 'cellular'"


def test_a_full_disk_is_told_that_unpacked_files_take_more(tmp_path: Path) -> None:
    assert "the download takes 31 MB, and more once it is unpacked" in str(
        of_file("disk_full", "x", tmp_path, 31_000_000)
    )
    assert "unpacked" not in str(of_file("disk_full", "x", tmp_path))


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("error for url (https://conda.anaconda.org/conda-forge/x.conda)", "conda.anaconda.org"),
        ("Download error [https://user:***@mirror.example:8443]", "mirror.example:8443"),
        ("Could not reach `http://[::1]:8080/simple`", "[::1]:8080"),
        ("no address at all", None),
    ],
)
def test_the_host_of_a_failed_download_is_named(words: str, host: str | None) -> None:
    assert host_in(words) == host
