"""The channel that the other tests install from: what they take for granted about it."""

from __future__ import annotations

from pathlib import Path

from conda_channel import Channel, archives, made
from conda_package_streaming.extract import extract


def test_archives_are_the_same_to_the_bit_when_they_are_made_again(channel: Channel) -> None:
    """So nobody's test fails because another machine built them, or on another day."""
    packages = [package for package in made.packages() if package.name != "tampered"]

    assert len(packages) > 20
    for package in packages:
        assert archives.archive(package) == (channel.directory / package.subdir / package.file_name).read_bytes()


def test_condas_own_code_reads_them(channel: Channel, tmp_path: Path) -> None:
    for name in ("prefix-probe", "elderly"):
        extract(channel.archive(name), tmp_path / name)

        assert (tmp_path / name / "info" / "index.json").is_file()
        assert list((tmp_path / name / "share").iterdir())
