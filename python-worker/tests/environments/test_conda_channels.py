"""Which channels may be used, by whom they are named, and what may come from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from channel_server import ChannelServer
from conda_channel import URL, Channel
from conftest import conda_specification, specification

from alcove import OpError, environments
from alcove.environments.conda import channels
from alcove.environments.conda.rattler_engine import RattlerEngine
from alcove.environments.context import Context
from alcove.environments.machine import Machine
from alcove.environments.networking.settings import Settings
from alcove.environments.reports import Report
from alcove.environments.specification import Specification

BIOCONDA = "https://conda.anaconda.org/bioconda"


def refused(error: pytest.ExceptionInfo[OpError]) -> OpError:
    assert error.value.details["cause"] == "channel_refused"
    return error.value


def test_names_become_addresses_and_none_is_conda_forge() -> None:
    assert channels.resolve((), Settings()) == (URL,)
    assert channels.resolve((), Settings(channels=("bioconda",))) == (BIOCONDA,)
    asked = ("bioconda", "conda-forge/label/rc", "bioconda", "https://conda.example.org/ours/", "nodefaults")
    assert channels.resolve(asked, Settings()) == (
        BIOCONDA,
        f"{URL}/label/rc",
        "https://conda.example.org/ours",
    )


@pytest.mark.parametrize(
    "channel",
    [
        "defaults",
        "main",
        "r",
        "msys2",
        "anaconda",
        "anaconda/label/dev",
        "https://repo.anaconda.com/pkgs/main",
        "https://repo.anaconda.com/pkgs/free",
        "https://REPO.anaconda.com/pkgs/main/",
        "https://conda.anaconda.org/anaconda",
        "https://anaconda.org/anaconda",
        "https://conda.anaconda.org/t/TOKEN/main",
        "https://mirror.example.org/conda/pkgs/pro",
        "https://mirror.example.org/main",
    ],
)
def test_anacondas_own_channels_are_refused_with_the_reason(channel: str) -> None:
    with pytest.raises(OpError) as raised:
        channels.resolve(("conda-forge", channel), Settings())

    error = refused(raised)
    assert "Anaconda's own" in str(error)
    assert "conda-forge" in error.hint
    assert "terms" in error.hint
    assert "TOKEN" not in str(error)


@pytest.mark.parametrize(
    ("allowed", "channel"),
    [
        (("*", "defaults"), "main"),
        (("*", "main"), "https://repo.anaconda.com/pkgs/main"),
        (("*", "https://mirror.example.org/main"), "https://mirror.example.org/main"),
        (("conda-forge", "defaults"), "defaults"),
    ],
)
def test_a_setting_allows_them(allowed: tuple[str, ...], channel: str) -> None:
    channels.resolve((channel,), Settings(allowed_channels=allowed))


def test_one_of_them_is_not_all_of_them() -> None:
    with pytest.raises(OpError):
        channels.resolve(("r",), Settings(allowed_channels=("*", "main")))


def test_a_mirror_of_conda_forge_must_not_lead_to_anaconda() -> None:
    settings = Settings(mirrors={URL: ("https://repo.anaconda.com/pkgs/main",)})

    with pytest.raises(OpError) as raised:
        channels.resolve((), settings)

    assert "the mirror of " in str(refused(raised))


def test_a_list_allows_nothing_else() -> None:
    settings = Settings(
        allowed_channels=("conda-forge", "https://conda.example.org/lab"), sources={"allowed-channels": "/etc/a:1"}
    )
    channels.resolve(("conda-forge", f"{URL}/label/rc", "https://conda.example.org/lab/sub"), settings)

    for other in ("bioconda", "https://conda.example.org/laboratory", "https://evil.example.org/conda-forge"):
        with pytest.raises(OpError) as raised:
            channels.resolve((other,), settings)
        assert "conda-forge, https://conda.example.org/lab" in str(refused(raised))
        assert "(/etc/a:1)" in raised.value.hint


def test_what_is_no_channel_at_all_is_told() -> None:
    with pytest.raises(OpError, match="neither the name nor the URL") as raised:
        channels.resolve(("conda forge",), Settings())
    assert raised.value.details["cause"] == "spec_invalid"


@pytest.mark.parametrize(
    ("url", "sha256", "told"),
    [
        (f"{BIOCONDA}/noarch/x-1-0.conda", "a" * 64, "none of the channels asked for"),
        ("https://evil.example.org/conda-forge/noarch/x-1-0.conda", "a" * 64, "none of the channels asked for"),
        (f"{URL}-evil/noarch/x-1-0.conda", "a" * 64, "none of the channels asked for"),
        (f"{URL}/noarch/x-1-0.conda", "", "SHA-256"),
    ],
)
def test_every_package_must_come_from_a_channel_and_be_pinned(url: str, sha256: str, told: str) -> None:
    with pytest.raises(OpError) as raised:
        channels.check_records([("x", url, sha256)], (URL,), Settings())
    assert told in str(refused(raised))


def test_a_package_without_hash_is_refused(channel_server: ChannelServer, directory: Path) -> None:
    with pytest.raises(OpError) as raised:
        environments.create(conda_specification("unhashed"), directory)
    assert "unhashed" in str(refused(raised))
    assert channel_server.count("*.conda") == 0


def test_a_lock_file_cannot_bring_in_a_refused_channel(
    channel_server: ChannelServer, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine.detect()
    context = Context(directory, False, Settings.load(directory), machine)
    work = directory / "work"
    work.mkdir(parents=True)
    parsed = Specification.parse(conda_specification("python"), machine)
    text = RattlerEngine(parsed, context).lock(work, Report(lambda *_: None)).text
    given: dict[str, Any] = {**specification(), "engine": "auto", "format": "conda-lock.yml"}

    with pytest.raises(OpError) as raised:
        environments.create({**given, "text": text.replace(URL, "https://repo.anaconda.com/pkgs/main")}, directory)
    refused(raised)
    monkeypatch.setenv("ALCOVE_ALLOWED_CHANNELS", "bioconda")
    with pytest.raises(OpError) as raised:
        environments.create({**given, "text": text}, directory)
    assert "bioconda" in str(refused(raised))
    assert channel_server.count("*.conda") == 0


def test_a_channel_cannot_lead_elsewhere(channel: Channel, channel_server: ChannelServer, directory: Path) -> None:
    for subdir in ("linux-64", "noarch"):
        said = json.loads((channel.directory / subdir / "repodata.json").read_text())
        said["info"]["base_url"] = f"https://conda.example.org/elsewhere/{subdir}/"
        text = json.dumps(said).encode()
        channel_server.publish(f"{subdir}/repodata.json", text)
        channel_server.fail(f"/{subdir}/repodata.json.*", 404)

    with pytest.raises(OpError) as raised:
        environments.create(conda_specification("lamp"), directory)

    assert "would come from https://conda.example.org/elsewhere" in str(refused(raised))
