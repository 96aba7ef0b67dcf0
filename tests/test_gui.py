"""The window's command where no window can be, and what is said of the toolbox before it is made."""

from __future__ import annotations

import re
from pathlib import Path

from alcove_program import ROOT, Alcove


def test_without_a_screen_the_window_is_refused_with_a_way_out(fresh_alcove: Alcove) -> None:
    fresh_alcove.run("gui", DISPLAY="").assert_failed("no window can be opened here", "alcove env")


def test_what_is_said_of_the_size_of_the_toolbox_is_true(fresh_alcove: Alcove, tmp_path: Path) -> None:
    said = fresh_alcove.run("doctor", ALCOVE_DATA_DIR=str(tmp_path / "nothing yet")).out
    sizes = re.search(r"about (\d+) MB to download and (\d+) MB on disk", said)
    assert sizes, said
    download, disk = map(int, sizes.groups())

    files = {
        (status.st_dev, status.st_ino): status.st_size
        for file in (fresh_alcove.data_directory / "toolbox").rglob("*")
        if not file.is_symlink() and file.is_file() and (status := file.stat())
    }
    weighed = sum(files.values()) / 1e6
    assert 0.8 * disk < weighed < 1.2 * disk, f"{weighed:.0f} MB, not {disk}"
    # Of what is downloaded once, envs/README.md knows the least and the most, over all systems and Pythons.
    readme = (ROOT / "envs" / "README.md").read_text(encoding="utf-8")
    least, most = re.search(r"(\d+) to (\d+) MB to download", readme).groups()  # type: ignore[union-attr]
    assert int(least) <= download <= int(most)
