"""Downloading and linking conda packages over networks that fail, from caches that lie; by the real rattler."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from channel_server import ChannelServer
from conda_channel import URL, Channel
from conftest import conda_specification

from alcove import Cancelled, OpError
from alcove.environments.conda import rattler_calls, rattler_messages
from alcove.environments.conda.rattler_calls import Rattler, RattlerError
from alcove.environments.context import Context
from alcove.environments.machine import Machine
from alcove.environments.networking.settings import Settings
from alcove.environments.reports import Report
from alcove.environments.specification import Specification

PATIENCE = 60


class Installer:
    """Installs packages without what they depend on, so that it is done in a moment."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self.channel = channel
        self.folder = folder
        self.steps: list[tuple[float, str, dict[str, Any] | None]] = []
        self.at: Callable[[str], None] = lambda message: None
        self.offline = False

    @property
    def context(self) -> Context:
        directory = self.folder / "environments"
        return Context(directory, self.offline, Settings.load(directory), Machine.detect())

    @property
    def prefix(self) -> Path:
        return self.folder / "staging" / "prefix"

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "conda"

    def cached(self) -> set[str]:
        """The packages, and what else there is, in the cache."""
        return {path.name for path in self.cache.iterdir() if path.is_dir()}

    def install(self, *names: str, **changes: Any) -> None:
        """Installs; ``changes`` are made to the packages' records."""
        shutil.rmtree(self.prefix.parent, ignore_errors=True)
        self.prefix.parent.mkdir(parents=True)
        records = [self._record(name) | changes for name in names]
        report = Report(self._step)

        def on_event(event: dict[str, Any]) -> None:
            step = event.pop("step")
            if step != "waiting":
                report.transfer((0.2, 0.6), step, **event)

        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        Rattler(self.context).install(
            records, [], "linux-64", work, self.prefix, self.folder / "final", report, on_event
        )

    def failure(self, *names: str, **changes: Any) -> OpError:
        """The failure of an installation, as users see it."""
        with pytest.raises(RattlerError) as raised:
            self.install(*names, **changes)
        specification = Specification.parse(conda_specification(*names))
        return rattler_messages.explain(raised.value, specification, self.context, 4_000_000)

    def _record(self, name: str) -> dict[str, Any]:
        record = self.channel.record(name)
        return {**record, "file_name": record["fn"], "channel": URL}

    def _step(self, fraction: float, message: str, details: dict[str, Any] | None = None) -> None:
        self.steps.append((fraction, message, details))
        self.at(message)


@pytest.fixture
def installer(
    channel: Channel, channel_server: ChannelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Installer:
    """No waiting between attempts, of which there are three; rattler itself makes one more of each request."""
    monkeypatch.setattr(rattler_calls, "SECONDS_UNTIL_NEXT_TRY", (0.0, 0.0))
    monkeypatch.setenv("ALCOVE_RETRIES", "1")
    return Installer(channel, tmp_path / "Jürgens Zellen")


def test_what_fails_for_a_while_is_tried_again(installer: Installer, channel_server: ChannelServer) -> None:
    channel_server.fail("*/lamp-*", 503, times=3)
    channel_server.cut("*/camera-*", times=1)
    channel_server.reset("*/stage-*", times=1)

    installer.install("lamp", "camera", "stage", "objective")

    assert (installer.prefix / "share/lamp/version.txt").read_text().startswith("lamp 1.0")
    assert channel_server.count("*/lamp-*") == 4
    assert channel_server.count("*/objective-*") == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [("fail", ": it answered 503 Service Unavailable"), ("cut", ": the connection broke"), ("stop", ": no connection")],
)
def test_what_fails_for_good_is_told_and_a_rerun_goes_on(
    fault: str, told: str, installer: Installer, channel_server: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rattler_calls, "SECONDS_UNTIL_NEXT_TRY", ())
    installer.install("objective")
    if fault == "stop":
        channel_server.stop()
    else:
        getattr(channel_server, fault)("*/lamp-*")

    error = installer.failure("objective", "lamp")

    assert error.details["cause"] == "network"
    assert str(error) == f"Could not download what cells.py needs from {channel_server.url[7:]}{told}"
    assert "proxy (none is set" in error.hint
    assert "what is complete is not downloaded again" in error.hint
    assert installer.cached() == {"objective-2.0-h0_0"}
    if fault == "stop":
        channel_server.start()
    channel_server.clear()
    installer.install("objective", "lamp")
    assert channel_server.count("*/objective-*") == 1


def test_a_server_that_falls_silent_is_noticed(
    installer: Installer, channel_server: ChannelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCOVE_TIMEOUT", "1")
    monkeypatch.setattr(rattler_calls, "SECONDS_UNTIL_NEXT_TRY", ())
    hold = channel_server.hold("*/bulky-*")

    error = installer.failure("bulky")

    assert hold.reached.is_set()
    assert hold.dropped.wait(PATIENCE)
    assert error.details["cause"] == "network"
    assert str(error).endswith(": no data for 1 s")


def test_a_cancel_ends_a_silent_download_and_leaves_nothing(
    installer: Installer, channel_server: ChannelServer
) -> None:
    hold = channel_server.hold("*/bulky-*")

    def cancel(message: str) -> None:
        if hold.reached.is_set():
            raise Cancelled

    installer.at = cancel
    with pytest.raises(Cancelled):
        installer.install("bulky", "lamp")

    assert hold.dropped.wait(PATIENCE), "it goes on in the background"
    assert not any(name.startswith(".") for name in installer.cached())
    assert "bulky-1.0-0" not in installer.cached()


def test_what_a_killed_rattler_left_is_cleared_up(installer: Installer) -> None:
    installer.install("lamp")
    left = installer.cache / ".bulky-1.0-h0_0AbCdEf"
    left.mkdir()

    installer.install("camera")

    assert not left.exists()


def test_progress_is_told_in_bytes_and_packages(installer: Installer, channel_server: ChannelServer) -> None:
    channel_server.slow("*/bulky-*", 6_000_000)

    installer.install("bulky", "lamp")

    told = [details for _, _, details in installer.steps if details and details["step"] == "downloading"]
    assert told[-1]["package"] == "bulky"
    assert told[-1]["total_packages"] == 2
    done = [details["done_bytes"] for details in told]
    assert done == sorted(done)
    assert len(set(done)) > 3
    assert told[-1]["total_bytes"] >= installer.channel.record("bulky")["size"]
    assert any(message.startswith("Downloading bulky: ") for _, message, _ in installer.steps)


@pytest.mark.parametrize("fault", ["corrupt", "replace"])
def test_a_package_that_was_changed_on_its_way_is_refused(
    fault: str, installer: Installer, channel_server: ChannelServer
) -> None:
    if fault == "corrupt":
        channel_server.corrupt("*/lamp-*")
    else:
        channel_server.replace("*/lamp-*", installer.channel.archive("camera").read_bytes())

    error = installer.failure("lamp")

    assert error.details["cause"] == "hash_mismatch"
    assert "lamp-1.0-h0_0" in str(error)
    assert not installer.prefix.joinpath("share").exists()
    assert not any("lamp" in name for name in installer.cached())


def test_a_package_that_is_not_what_the_channel_says_is_refused(installer: Installer) -> None:
    assert installer.failure("tampered").details["cause"] == "hash_mismatch"


def test_a_package_file_of_a_folder_is_checked_as_well(installer: Installer, tmp_path: Path) -> None:
    file = tmp_path / "lamp-1.0-h0_0.conda"
    file.write_bytes(installer.channel.archive("lamp").read_bytes())
    installer.install("lamp", url=file.as_uri())
    file.write_bytes(installer.channel.archive("camera").read_bytes())

    error = installer.failure("lamp", url=file.as_uri())

    assert error.details["cause"] == "hash_mismatch"
    assert error.details["expected"] == installer.channel.record("lamp")["sha256"]
    assert error.details["got"] == installer.channel.record("camera")["sha256"]


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_cache_that_was_tampered_with_is_repaired(
    damage: str, installer: Installer, channel_server: ChannelServer
) -> None:
    installer.install("lamp")
    (file,) = installer.cache.glob("lamp-*/share/lamp/version.txt")
    right = file.read_bytes()
    file.unlink()
    if damage == "changed":
        file.write_bytes(right.replace(b"lamp", b"bomb"))

    installer.install("lamp")

    assert (installer.prefix / "share/lamp/version.txt").read_bytes() == right
    assert file.read_bytes() == right
    assert channel_server.count("*/lamp-*") == 2


def test_without_network_a_cache_that_was_tampered_with_is_refused(
    installer: Installer, channel_server: ChannelServer
) -> None:
    installer.install("lamp")
    (file,) = installer.cache.glob("lamp-*/share/lamp/version.txt")
    file.unlink()
    file.write_bytes(b"bomb")
    installer.offline = True

    error = installer.failure("lamp")

    assert error.details["cause"] == "network"
    assert channel_server.count("*/lamp-*") == 1


def test_without_network_what_is_missing_is_told_at_once(installer: Installer, channel_server: ChannelServer) -> None:
    installer.install("lamp")
    installer.offline = True
    installer.install("lamp")

    error = installer.failure("lamp", "camera")

    assert error.details["cause"] == "network"
    assert error.hint == "Run it once with network; afterwards what it needs is here"
    assert "camera-1.0-h0_0.conda" in error.details["log"][0]
    assert channel_server.count("*/camera-*") == 0


def test_a_rattler_that_is_killed_is_probably_short_of_memory(
    installer: Installer, channel_server: ChannelServer
) -> None:
    hold = channel_server.hold("*/bulky-*")

    def kill(message: str) -> None:
        if hold.reached.is_set():
            for process in psutil.Process().children():
                process.kill()

    installer.at = kill

    error = installer.failure("bulky")

    assert error.details["cause"] == "toolbox"
    assert str(error) == "rattler was killed"
    assert "memory" in error.hint


def test_no_process_stays_of_what_is_only_solved(installer: Installer, channel_server: ChannelServer) -> None:
    rattler = Rattler(installer.context)
    asked = {"platform": "linux-64", "specs": ["lamp"], "virtual_packages": {}}
    rattler.solve((URL,), [asked], installer.folder, Report(lambda *_: None))
    assert processes() == 1
    rattler.solve((URL,), [asked], installer.folder, Report(lambda *_: None))
    assert processes() == 1

    del rattler

    assert processes() == 0


def processes() -> int:
    """How many of rattler there are."""
    return sum(" ".join(each.cmdline()).endswith("_rattler") for each in psutil.Process().children())


def test_scripts_of_packages_do_not_run(installer: Installer) -> None:
    installer.install("scripted")

    assert not (installer.prefix / "script-was-run").exists()


@pytest.fixture
def plain_server(channel: Channel, tmp_path: Path) -> Iterator[str]:
    """A channel with an index in shards, as rattler's indexer makes them, on Python's file server."""
    import asyncio

    from rattler.index import index_fs

    folder = tmp_path / "plain"
    (folder / "noarch").mkdir(parents=True)
    shutil.copy(channel.archive("greeter"), folder / "noarch")
    asyncio.run(index_fs(folder, force=True))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Solver:
    """Asks for greeter of the plain server."""

    def __init__(self, installer: Installer, server: str) -> None:
        self._rattler = Rattler(installer.context)
        self._server = server
        self.repodata = installer.folder / "cache" / "repodata"

    def solve(self) -> Any:
        asked = {"platform": "linux-64", "specs": ["greeter"], "virtual_packages": {}}
        return self._rattler.solve((self._server,), [asked], self.repodata.parent, Report(lambda *_: None))


def test_a_plain_file_server_that_says_nothing_has_changed_is_understood(
    installer: Installer, plain_server: str
) -> None:
    """See conda/rattler#2719."""
    solver = Solver(installer, plain_server)
    first = solver.solve()
    time.sleep(1.1)  # what was made so recently may be believed for a tenth of its age

    assert solver.solve() == first


def test_a_damaged_list_of_packages_is_fetched_anew(installer: Installer, plain_server: str) -> None:
    solver = Solver(installer, plain_server)
    first = solver.solve()
    for file in solver.repodata.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    assert solver.solve() == first
    assert solver.solve() == first
    assert [path.name for path in solver.repodata.parent.iterdir()] == ["repodata"]
