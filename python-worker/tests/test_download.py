"""``download``: into a cache that works offline, with resumption, checked, safe among threads and processes."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from file_server import FileServer, file_server
from worker_process import Failure, WorkerProcess

from alcove import OpError, download
from alcove.downloads import data_directory

CONTENT = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()

Start = Callable[..., WorkerProcess]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory."""
    monkeypatch.setenv("ALCOVE_DATA_DIR", str(tmp_path / "data ü"))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "data ü"


@pytest.fixture
def server(data: Path) -> Iterator[FileServer]:
    with file_server() as served:
        served.content = CONTENT
        yield served


def place(data: Path, name: str = "weights.bin") -> Path:
    return data / "cache" / "downloads" / DIGEST / name


def begin(data: Path, content: bytes) -> Path:
    """Leaves what an interrupted download leaves."""
    part = place(data, "weights.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(content)
    return part


def failure_of(url: str, sha256: str = DIGEST) -> OpError:
    with pytest.raises(OpError) as error:
        download(url, sha256)
    assert error.value.hint
    return error.value


def test_a_file_is_fetched_once(server: FileServer, data: Path) -> None:
    file = download(f"{server.address}/models/weights.bin?version=2", DIGEST)
    assert file == place(data)
    assert file.read_bytes() == CONTENT
    assert download(f"{server.address}/models/weights.bin", DIGEST.upper()) == file
    assert server.paths == ["/models/weights.bin?version=2"]


def test_it_works_without_network_once_it_is_there(data: Path) -> None:
    with file_server() as served:
        served.content = CONTENT
        file = download(f"{served.address}/weights.bin", DIGEST)
    assert download(f"{served.address}/weights.bin", DIGEST) == file


def test_names(server: FileServer, data: Path) -> None:
    assert download(f"{server.address}/a%20b/Gr%C3%B6%C3%9Fe%20%C2%B5.pt", DIGEST).name == "Größe µ.pt"
    assert download(f"{server.address}/größe/漢 1.pt", DIGEST).name == "漢 1.pt"
    assert download(f"{server.address}/download?id=5", DIGEST, name="net.pt") == place(data, "net.pt")
    assert server.paths[1] == "/gr%C3%B6%C3%9Fe/%E6%BC%A2%201.pt"


def test_a_file_of_this_machine(data: Path, tmp_path: Path) -> None:
    source = tmp_path / "on a share ü.bin"
    source.write_bytes(CONTENT)
    assert download(source.as_uri(), DIGEST).read_bytes() == CONTENT
    assert failure_of((tmp_path / "not there.bin").as_uri()).details["cause"] == "network"


def test_an_empty_file(server: FileServer) -> None:
    server.content = b""
    assert download(f"{server.address}/empty", hashlib.sha256(b"").hexdigest()).read_bytes() == b""


def test_a_server_need_not_tell_the_length(server: FileServer) -> None:
    server.tells_length = False
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT


def test_what_was_interrupted_is_continued(server: FileServer, data: Path) -> None:
    part = begin(data, CONTENT[:300_000])
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT
    assert server.ranges == ["bytes=300000-"]
    assert not part.exists()


def test_what_only_lacks_its_name_is_not_fetched_again(server: FileServer, data: Path) -> None:
    begin(data, CONTENT)
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT
    assert server.paths == []


def test_a_server_that_cannot_continue_sends_all(server: FileServer, data: Path) -> None:
    server.knows_ranges = False
    begin(data, CONTENT[:300_000])
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", [b"of another version", CONTENT + b"more"])
def test_what_was_begun_wrongly_is_begun_anew(server: FileServer, data: Path, wrong: bytes) -> None:
    begin(data, wrong)
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT
    assert server.ranges[-1] is None


def test_a_connection_that_breaks_off_is_taken_up_again(server: FileServer) -> None:
    server.breaks_off = [400_000, 100_000]
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=400000-", "bytes=500000-"]


def test_a_connection_that_brings_nothing_more_is_given_up(server: FileServer, data: Path) -> None:
    server.breaks_off = [400_000, 0]
    error = failure_of(f"{server.address}/weights.bin")
    assert error.details["cause"] == "network"
    assert "400000 of 1024000 bytes" in str(error)
    assert place(data, "weights.bin.part").stat().st_size == 400_000


def test_another_content_is_refused(server: FileServer, data: Path) -> None:
    server.content = b"something else"
    error = failure_of(f"{server.address}/weights.bin")
    assert error.details["cause"] == "hash_mismatch"
    assert error.details["expected"] == DIGEST
    assert error.details["found"] == hashlib.sha256(b"something else").hexdigest()
    assert [file.name for file in place(data).parent.iterdir()] == ["weights.bin.lock"]


@pytest.mark.parametrize(("status", "hint"), [(404, "author"), (403, "author"), (503, "try again later")])
def test_what_the_server_refuses(server: FileServer, status: int, hint: str) -> None:
    server.status = status
    error = failure_of(f"{server.address}/weights.bin")
    assert (error.details["cause"], error.details["status"]) == ("network", status)
    assert str(status) in str(error)
    assert hint in str(error.hint)


def test_nobody_is_there(data: Path) -> None:
    with file_server() as served:
        pass
    error = failure_of(f"{served.address}/weights.bin")
    assert error.details["cause"] == "network"
    assert str(place(data)) in str(error.hint)


@pytest.mark.parametrize(
    ("url", "sha256", "name"),
    [
        ("ftp://host/a", DIGEST, None),
        ("weights.bin", DIGEST, None),
        ("http://host/a", DIGEST[1:], None),
        ("http://host/a", "x" * 64, None),
        ("http://host/", DIGEST, None),
        ("http://host/a/..", DIGEST, None),
        ("http://host/a", DIGEST, "../a"),
        ("http://host/a%2F", DIGEST, None),
        ("http://host/a%00b", DIGEST, None),
        ("http://host/a", DIGEST, "a\\b"),
    ],
)
def test_what_cannot_be_is_refused_at_once(data: Path, url: str, sha256: str, name: str | None) -> None:
    with pytest.raises(ValueError, match=r"address|SHA-256|name"):
        download(url, sha256, name)
    assert not data.exists()


def test_a_folder_that_cannot_be_written(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("ALCOVE_DATA_DIR", str(tmp_path / "a file"))
    error = failure_of(f"{server.address}/weights.bin")
    assert error.details["cause"] == "permission"
    assert "ALCOVE_DATA_DIR" in str(error.hint)


def test_a_full_disk(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("alcove.downloads.os.replace", refuse)
    assert failure_of(f"{server.address}/weights.bin").details["cause"] == "disk_full"


def test_threads_fetch_it_once(server: FileServer) -> None:
    server.hold = True
    files: list[Path] = []
    threads = [
        threading.Thread(target=lambda: files.append(download(f"{server.address}/weights.bin", DIGEST)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert server.held.wait(60)
    server.go_on.set()
    for thread in threads:
        thread.join(60)
    assert [file.read_bytes() == CONTENT for file in files] == [True] * 4
    assert len(server.paths) == 1


@pytest.fixture
def op_file(tmp_path: Path) -> Path:
    file = tmp_path / "with_weights.py"
    file.write_text(
        "from alcove import download, op\n"
        "@op\ndef size(url: str, sha256: str) -> int: return download(url, sha256).stat().st_size\n"
    )
    return file


def ready(start: Start, op_file: Path, data: Path) -> WorkerProcess:
    worker = start(variables={"ALCOVE_DATA_DIR": str(data), "no_proxy": "127.0.0.1"})
    worker.initialize()
    worker.load(op_file)
    return worker


def test_workers_fetch_it_once(server: FileServer, start: Start, op_file: Path, data: Path) -> None:
    server.hold = True
    workers = [ready(start, op_file, data) for _ in range(2)]
    inputs = {"url": f"{server.address}/weights.bin", "sha256": DIGEST}
    first = workers[0].send_call("size", **inputs)
    assert server.held.wait(60)
    second = workers[1].send_call("size", **inputs)
    assert "Waiting" in workers[1].notification("progress")["message"]
    server.go_on.set()
    assert workers[0].reply(first)["outputs"] == workers[1].reply(second)["outputs"] == {"result": len(CONTENT)}
    assert len(server.paths) == 1


def test_it_can_be_cancelled_and_taken_up_again(server: FileServer, start: Start, op_file: Path, data: Path) -> None:
    worker = ready(start, op_file, data)
    server.hold, server.held_after = True, 512_000
    inputs = {"url": f"{server.address}/weights.bin", "sha256": DIGEST}
    call = worker.send_call("size", **inputs)
    while "0.5 of 1.0 MB" not in (told := worker.notification("progress"))["message"]:
        pass
    assert told["fraction"] == 0.5
    worker.notify("cancel", id=call)
    assert worker.request("status")["running"] == call  # so the cancel has arrived
    server.hold = False
    server.go_on.set()
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(call)
    assert worker.call("size", **inputs) == {"result": len(CONTENT)}
    assert server.ranges[1] is not None


def test_its_failures_reach_the_host(server: FileServer, start: Start, op_file: Path, data: Path) -> None:
    worker = ready(start, op_file, data)
    server.status = 404
    with pytest.raises(Failure) as failure:
        worker.call("size", url=f"{server.address}/weights.bin", sha256=DIGEST)
    assert failure.value.data["details"]["cause"] == "network"
    assert failure.value.data["hint"]


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "{home}/.local/share/alcove"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/alcove"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "{home}/.local/share/alcove"),
        ("linux", {"ALCOVE_DATA_DIR": "/chosen", "XDG_DATA_HOME": "/data"}, "/chosen"),
        ("linux", {"ALCOVE_DATA_DIR": " "}, "{home}/.local/share/alcove"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "{home}/Library/Application Support/Alcove"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/Alcove"),
        ("win32", {}, "{home}/AppData/Local/Alcove"),
    ],
)
def test_the_data_directory_is_the_managers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, variables: dict[str, str], expected: str
) -> None:
    for variable in ("ALCOVE_DATA_DIR", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in {"HOME": str(tmp_path), **variables}.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert str(data_directory()) == expected.format(home=tmp_path)
