"""Changing one setting in settings.toml, with all else in it left alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from alcove import OpError, environments, network_settings
from alcove.environments.networking.setting_kinds import KEYS
from alcove.environments.networking.settings import Settings
from alcove.environments.networking.settings_file import change

COMMENTED = """\
# Written by Änne for the lab.
proxy = "http://old.example.org:3128"  # of the institute
channels = [
    "conda-forge",  # first
    "bioconda",
]

# Our mirror:
[mirrors]
"https://conda.example.org/a" = ["https://b.example.org/a"]  # fast
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, in a folder that is not there yet, and nothing of this machine's."""
    for name in list(os.environ):
        if name.startswith(("ALCOVE_", "UV_", "RATTLER_", "SSL_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(network_settings, "system_folder", lambda environment: tmp_path / "etc")
    monkeypatch.setenv("ALCOVE_SETTINGS", str(tmp_path / "own ü" / "settings.toml"))
    return tmp_path / "own ü" / "settings.toml"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("proxy", "new.example.org:1", COMMENTED.replace("http://old.example.org:3128", "new.example.org:1")),
        ("proxy", None, COMMENTED.replace('proxy = "http://old.example.org:3128"  # of the institute\n', "")),
        (
            "channels",
            "bioconda",
            COMMENTED.replace('[\n    "conda-forge",  # first\n    "bioconda",\n]', '["bioconda"]'),
        ),
        ("offline", "true", COMMENTED.replace("]\n\n#", "]\noffline = true\n\n#")),
        ("timeout", None, COMMENTED),
        (
            "mirrors",
            "https://x.org/c=https://y.org/c",
            COMMENTED.partition("[mirrors]")[0] + '[mirrors]\n"https://x.org/c" = ["https://y.org/c"]\n',
        ),
        ("mirrors", None, COMMENTED.partition("[mirrors]")[0]),
    ],
)
def test_only_what_is_changed_changes(file: Path, key: str, text: str | None, expected: str) -> None:
    write(file, COMMENTED)

    change(file, key, text)

    assert file.read_text(encoding="utf-8") == expected


def rows(directory: Path) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in Settings.load(directory).describe() if row["name"]}


@pytest.mark.parametrize("key", KEYS)
def test_what_is_shown_as_a_text_can_be_set(file: Path, tmp_path: Path, key: str) -> None:
    example = rows(tmp_path)[key]["example"]

    environments.set_setting(tmp_path, key, example)
    row = rows(tmp_path)[key]
    environments.set_setting(tmp_path, key, row["text"])

    assert row == rows(tmp_path)[key]
    assert Path(row["text"]).name == Path(example).name  # a relative path now says beside which file
    assert row["source"] == f"{file}:1"
    assert not row["is_variable"]


def test_line_ends_and_rights_and_links_stay(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_bytes(b"# hello\r\nretries = 3\r\n")
    target.chmod(0o640)
    file.parent.mkdir()
    file.symlink_to(target)

    change(file, "retries", "5")
    change(file, "timeout", "9")

    assert target.read_bytes() == b"# hello\r\nretries = 5\r\ntimeout = 9\r\n"
    assert file.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_is_its_owners_alone(file: Path) -> None:
    change(file, "proxy", "http://me:geheim@proxy.example.org")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ("", "timeout", "soon", "timeout must be a whole number"),
        ("", "proxy", "http://***@proxy.example.org", "masked password"),
        ("", "tiemout", "3", "no setting 'tiemout'"),
        ("retries = \n", "timeout", "3", "settings.toml"),
        ('"retries" = 1\n', "retries", "not a number", "whole number"),
    ],
)
def test_what_would_not_be_taken_is_not_written(file: Path, text: str, key: str, value: str, message: str) -> None:
    write(file, text)

    with pytest.raises(OpError, match=message) as refused:
        change(file, key, value)

    assert refused.value.hint
    assert file.read_text() == text


def test_a_file_that_cannot_be_written_is_told(file: Path) -> None:
    file.parent.write_text("a file where the folder should be")

    with pytest.raises(OpError, match="could not be written"):
        change(file, "timeout", "3")


def test_without_a_settings_file_nothing_can_be_set(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCOVE_SETTINGS", "")

    with pytest.raises(OpError, match="ALCOVE_SETTINGS is empty"):
        environments.set_setting(tmp_path, "timeout", "3")
