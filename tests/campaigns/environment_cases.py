"""The campaign's cases that are not a matter of chance."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from environment_field import Field, Outcome

_MEGABYTES = (1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 100, 130)


def tampering(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """Packages, caches and prefixes that are not what they should be: refused or repaired, and said."""
    here.server.corrupt("*/objective-*")
    yield _failed(here, "package changed on its way", here.create(here.rattler, 1, "tampered"), "hash_mismatch")
    here.server.clear()
    wanted = _conda(here, ["tampered"])
    yield _failed(here, "package not as in repodata", here.run("create", specification=wanted), "hash_mismatch")
    wanted = _conda(here, ["unhashed"])
    yield _failed(here, "package without SHA-256", here.run("create", specification=wanted), "channel_refused")
    for source in here.sources:
        yield _tampered_cache(here, source)
        yield _tampered_prefix(here, source)


def _tampered_cache(here: Field, source: Any) -> Outcome:
    """Another environment from the same cache, in which a file of one package has been changed."""
    name = f"cache-{source.engine}"
    here.clear_caches()
    _expect(here.create(source, 1, name))
    here.run("remove", name=name)
    changed = 0
    for file in (here.directory.parent / "cache").rglob("*"):
        if file.is_file() and "objective" in str(file) and "info" not in file.parts and file.suffix in (".txt", ".py"):
            file.write_bytes(b"tampered " + file.read_bytes())
            changed += 1
    kind, _ = here.create(source, 1, name)
    _, verified = here.run("verify", name=name)
    files = (here.directory / name).rglob("*")
    spread = [str(file) for file in files if file.is_file() and file.read_bytes()[:9] == b"tampered "]
    told = spread and kind == "result" and verified["damaged"]
    said = f"{changed} files changed; {kind}; in the environment: {spread}, verify tells: {bool(told)}"
    return Outcome("tampering", f"cache of {source.engine}", changed > 0 and not spread, said)


def _tampered_prefix(here: Field, source: Any) -> Outcome:
    name = f"prefix-{source.engine}"
    made = _expect(here.create(source, 1, name))
    changed = []
    for file in sorted(Path(made["directory"]).rglob("*")):
        if file.is_file() and "objective" in str(file) and file.suffix in (".txt", ".py"):
            file.write_bytes(b"tampered " + file.read_bytes())
            changed.append(file)
    found = _expect(here.run("verify", name=name))["damaged"]
    repaired = here.run("verify", name=name, repair=True)
    again = here.run("verify", name=name)
    good = bool(changed) and len(found) >= len(changed) and again == ("result", {**again[1], "damaged": []})
    said = f"{len(changed)} files changed, {len(found)} found; repaired: {repaired[0]}; then {len(again[1]['damaged'])}"
    return Outcome("tampering", f"prefix of {source.engine}", good, said)


def network(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """The network as it is: what passes is lived through, what stays is told, and a new start goes on where it was."""
    passing: dict[str, Callable[[], None]] = {
        "503 twice": lambda: here.server.fail("*/objective-*", 503, 2),
        "cut off once": lambda: here.server.cut("*/objective-*", 1),
        "reset once": lambda: here.server.reset("*/objective-*", 1),
        "repodata cut off once": lambda: here.server.cut("*/repodata*", 1),
        "redirected": lambda: here.server.redirect("*.conda"),
        "length not told": lambda: here.server.without_length("*"),
    }
    for case, spoil in passing.items():
        here.clear_caches()
        spoil()
        kind, value = here.create(here.rattler, 1, "passing")
        wrong = here.wrong_with()
        here.server.clear()
        here.run("remove", name="passing")
        yield Outcome(
            "network", case, kind == "result" and not wrong, f"{kind} {value if kind != 'result' else ''} {wrong}"
        )
    lasting: dict[str, Callable[[], object]] = {
        "503 for ever": lambda: here.server.fail("*/objective-*", 503),
        "404": lambda: here.server.fail("*/objective-*", 404),
        "cut off for ever": lambda: here.server.cut("*/objective-*"),
        "reset for ever": lambda: here.server.reset("*/objective-*"),
        "a hotel's page for repodata": lambda: here.server.replace("*/repodata*", b"<html>Welcome!</html>"),
        "refused": here.server.stop,
    }
    for case, spoil_lastingly in lasting.items():
        here.clear_caches()
        spoil_lastingly()
        yield _failed(here, case, here.create(here.rattler, 1, "lasting"), "network", "network")
        if case == "refused":
            here.server.start()
        here.server.clear()
    yield _goes_on(here)


def _goes_on(here: Field) -> Outcome:
    """The network is lost half-way; the second start downloads what the first one lacked, and no more."""
    here.clear_caches()
    here.server.reset("*/objective-*")
    before = here.server.count("*.conda")
    kind, _ = here.create(here.rattler, 1, "lost")
    first = here.server.count("*.conda") - before
    here.server.clear()
    before = here.server.count("*.conda")
    kind_again, value = here.create(here.rattler, 1, "lost")
    second = here.server.count("*.conda") - before
    good = (kind, kind_again) == ("failed", "result") and second < value["packages"] - 1
    return Outcome(
        "network", "lost half-way", good, f"{first} requests, then {second} for {value['packages']} packages"
    )


def disk(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """Small disks of many sizes: it fits, or it is told and nothing half-made stays."""
    here.index.add("voluminous", pad=8_000_000)
    for source in here.sources:
        for megabytes in _MEGABYTES if source is here.rattler else _MEGABYTES[:7]:
            with _mounted(here.folder / f"disk-{source.engine}-{megabytes}", megabytes) as folder:
                directory = folder / "environments"
                wanted = _conda(here, ["numpy", "pip"])
                if source is here.uv:
                    wanted = {**source.specification(1, "small"), "text": 'dependencies = ["microscope", "voluminous"]'}
                kind, value = here.run("create", specification=wanted, directory=directory)
                wrong = here.wrong_with(directory)
                full = kind == "failed" and value["cause"] == "disk_full"
                good = not wrong and (kind == "result" or full)
                left = [str(path.relative_to(folder)) for path in directory.glob("*")] if full else []
                said = f"{kind} {value.get('message', '') if kind == 'failed' else value if kind == 'crashed' else ''}"
                yield Outcome(
                    "disk", f"{source.engine} {megabytes} MB", good and not left, f"{said} {wrong or ''} {left}"
                )


def users(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """Two users: a central directory that all share, and the directory of somebody else."""
    for uid in (4001, 4002):
        (here.folder / f"user-{uid}").mkdir()
        os.chown(here.folder / f"user-{uid}", uid, uid)
    central = here.folder / "user-4001" / "central" / "environments"
    name = "shared-1a2b3c4d"
    made = _expect(_as(here, 4001, "create", central, specification=here.rattler.specification(1, name)))
    before = _state(central)
    own = here.folder / "user-4002" / "environments"
    kind, listed = _as(here, 4002, "list_environments", own, path=central)
    entry = listed[0] if kind == "result" and listed else {}
    good = entry.get("location") == "shared" and entry.get("state") == "ready"
    yield Outcome("users", "a shared environment is listed", good, str(entry or listed))
    kind, used = _as(here, 4002, "create", own, path=central, specification=here.rattler.specification(1, name))
    good = kind == "result" and used["created"] is False and used["directory"] == made["directory"]
    yield Outcome("users", "a shared environment is used", good, str(used))
    kind, value = _as(here, 4002, "remove", own, path=central, name=name)
    yield Outcome("users", "a shared one is not removed", kind == "failed", str(value))
    for op, arguments in {
        "create": {"specification": here.rattler.specification(2, name)},
        "update": {"specification": here.rattler.specification(2, name)},
        "remove": {"name": name},
    }.items():
        kind, value = _as(here, 4002, op, central, **arguments)
        good = kind == "failed" and value["cause"] == "permission"
        yield Outcome("users", f"{op} in another's directory", good, str(value))
    good = _state(central) == before
    yield Outcome("users", "the shared directory is as it was", good, f"{len(before)} files")


def _as(here: Field, uid: int, op: str, directory: Path, path: Path | None = None, **arguments: Any) -> tuple[str, Any]:
    """Runs an op as another user, who may read all (the Python that runs the tests, say) and write as modes allow."""
    ids = ["--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
    reading = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    variables = {"HOME": str(here.folder / f"user-{uid}")}
    if path is not None:
        variables["ALCOVE_ENVIRONMENTS_PATH"] = str(path)
    before = ("setpriv", *ids, *reading, "--")
    return here.run(op, before=before, variables=variables, directory=directory, **arguments)


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file."""
    found = {}
    for file in folder.rglob("*"):
        status = file.lstat()
        if file.name != ".in-use":
            found[str(file)] = (status.st_size, status.st_mtime_ns)
    return found


def clock(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """The clock is set back by ten years between making an environment and using it; needs gcc."""
    library = here.folder / "clock_back.so"
    source_file = Path(__file__).with_name("clock_back.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source_file], check=True)
    back = {"LD_PRELOAD": str(library), "CLOCK_BACK_SECONDS": str(3650 * 24 * 3600)}
    year = subprocess.run(["date", "+%Y"], env={**os.environ, **back}, check=True, stdout=subprocess.PIPE, text=True)
    assert int(year.stdout) < datetime.date.today().year - 8
    for source in here.sources:
        made = _expect(here.create(source, 1, "clock"))
        told = {
            "create again": here.create(source, 1, "clock", variables=back),
            "update": here.run("update", specification=source.specification(2, "clock"), variables=back),
            "verify": here.run("verify", name="clock", variables=back),
            "create another": here.create(source, 1, "clock-2", variables=back),
            "clean": here.run("clean", unused_days=30, caches=False, variables=back),
            "list": here.run("list_environments", variables=back),
        }
        for case, (kind, value) in told.items():
            good = kind == "result"
            if case == "create again":
                good = good and value == {**made, "created": False}
            if case == "clean":
                good = good and not [item for item in value["items"] if item["kind"] == "environment"]
            said = "" if good else json.dumps(value)
            yield Outcome("clock", f"{case}, {source.engine}", good, said)
        here.run("remove", name="clock")
        here.run("remove", name="clock-2")


def base_python(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """The Python that a virtual environment stands on is uninstalled."""
    python = Path(_expect(here.create(here.rattler, 1, "base"))["python"])
    version = subprocess.run([python, "-V"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
    alone = {"PATH": str(python.parent)}
    wanted = here.uv.specification(1, "virtual")
    wanted["text"] = f'requires-python = "=={version}"\n' + wanted["text"]
    made = _expect(here.run("create", specification=wanted, variables=alone))
    stands_on = Path(os.path.realpath(made["python"]))
    if not stands_on.is_relative_to(here.directory):
        yield Outcome("base-python", "stands on the test's own Python", False, str(stands_on))
        return
    shutil.rmtree(here.directory / "base")
    _, listed = here.run("list_environments")
    states = {entry["name"]: entry["state"] for entry in listed}
    yield Outcome("base-python", "is listed as broken", states.get("virtual") == "broken", str(states))
    kind, value = here.run("create", specification=wanted)
    again = kind == "result" and value["created"] and not here.wrong_with()
    refused = kind == "failed" and value["cause"] == "platform"
    yield Outcome("base-python", "is made again, or told", again or refused, str(value))


def _conda(here: Field, packages: list[str], name: str = "made-for-a-case") -> dict[str, Any]:
    return {**here.rattler.specification(1, name), "text": f"[tool.alcove]\nconda = {json.dumps(packages)}\n"}


def _expect(outcome: tuple[str, Any]) -> Any:
    kind, value = outcome
    assert kind == "result", value
    return value


def _failed(here: Field, case: str, outcome: tuple[str, Any], cause: str, part: str = "tampering") -> Outcome:
    """It failed for this cause, said so in a sentence with a hint, and left nothing."""
    kind, value = outcome
    left = [path.name for path in here.directory.glob("*/*") if path.name != ".lock"] if kind == "failed" else []
    good = kind == "failed" and value["cause"] == cause and bool(value["hint"]) and not left
    return Outcome(
        part,
        case,
        good,
        f"{value.get('cause')}: {value.get('message')} {left or ''}" if kind == "failed" else str(value),
    )


@contextlib.contextmanager
def _mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
