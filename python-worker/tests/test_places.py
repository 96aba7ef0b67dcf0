"""Where shared memory lies: as in Java's ``PlacesTest``, so that both halves meet there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from alcove import places
from alcove.messages import AlcoveError


def test_the_variable_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALCOVE_MEMORY_DIR", "here/and there")
    assert places.memory_directory() == tmp_path / "here/and there"
    assert (tmp_path / "here/and there").is_dir()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="only Linux has a /dev/shm")
def test_a_shm_with_room_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ("", "  "):
        monkeypatch.setenv("ALCOVE_MEMORY_DIR", nothing)
        monkeypatch.setattr(places, "free_bytes", lambda directory: 128 << 20)
        assert places.memory_directory() == Path("/dev/shm")


def test_else_it_is_a_private_folder_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(places, "_noticed", False)
    monkeypatch.delenv("ALCOVE_MEMORY_DIR", raising=False)
    monkeypatch.setattr(places, "_user_name", lambda: "Zoë.K-2")
    monkeypatch.setattr(places, "_temporary_directory", lambda: tmp_path)
    expected = tmp_path / "alcove-memory-Zo__K_2"
    for shared, free in ((tmp_path / "none", 1 << 40), (tmp_path, (128 << 20) - 1)):
        monkeypatch.setattr(places, "_SHARED", shared)
        monkeypatch.setattr(places, "free_bytes", lambda directory, free=free: free)
        assert places.memory_directory() == expected
    assert sys.platform == "win32" or expected.stat().st_mode & 0o777 == 0o700
    assert caplog.text.count("images go through files") == 1
    assert f"{tmp_path / 'none'}: images go through files in {expected}" in caplog.text


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="this platform has no modes")
def test_a_private_folder_that_others_may_look_into_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    assert places.prepared(tmp_path / "open", is_private=True).stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(tmp_path / "open")
    with pytest.raises(AlcoveError, match="no folder of this user's"):
        places.prepared(tmp_path / "link", is_private=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can play two users")
def test_a_private_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALCOVE_MEMORY_DIR", raising=False)
    monkeypatch.setattr(places, "_SHARED", tmp_path / "none")
    monkeypatch.setattr(places, "_temporary_directory", lambda: tmp_path)
    monkeypatch.setattr(places, "_noticed", True)
    os.chown(places.memory_directory(), 65534, 65534)
    with pytest.raises(AlcoveError, match="no folder of this user's") as error:
        places.memory_directory()
    assert error.value.kind == "out_of_shared_memory"
    assert error.value.data["hint"]


def test_a_directory_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ALCOVE_MEMORY_DIR", str(tmp_path / "file"))
    with pytest.raises(AlcoveError, match="cannot be used"):
        places.memory_directory()
