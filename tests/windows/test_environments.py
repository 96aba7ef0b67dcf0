"""The window of environments, from ImageJ's menu: one is made by clicks, damaged, repaired, removed."""

from __future__ import annotations

from alcove_program import Alcove
from imagej import ImageJ

WINDOW = "Alcove environments"


def states(imagej: ImageJ) -> dict[str, str]:
    """Names and states in the table."""
    rows = [row for part in imagej.parts(WINDOW) if part["name"] == "environments" for row in part["value"]]
    return {row[0]: row[1] for row in rows}


def test_made_by_clicks_repaired_and_removed(imagej: ImageJ, home: Alcove) -> None:
    imagej.choose("Plugins>Alcove>Environments...")
    imagej.wait(WINDOW)
    imagej.click(WINDOW, "Create…")
    dialog = imagej.wait("Create an environment")
    imagej.click(dialog, "From packages")
    imagej.set(dialog, "pip", "packaging")
    imagej.set(dialog, "name", "by-clicks")
    imagej.click(dialog, "Create")
    imagej.wait_gone(dialog)
    imagej.until(lambda: states(imagej).get("by-clicks") == "ready", "the environment in the list")

    imagej.ask("row", WINDOW, "environments", "by-clicks")
    imagej.wait_text(WINDOW, "Apache-2.0 OR BSD-2-Clause")
    (module,) = (home.data_directory / "environments" / "by-clicks").rglob("packaging/version.py")
    module.unlink()
    imagej.click(WINDOW, "Verify")
    dialog = imagej.wait("by-clicks is damaged")
    imagej.wait_text(dialog, "packaging/version.py")
    imagej.click(dialog, "Repair")
    imagej.wait_gone(dialog)
    imagej.until(module.exists, "the repaired file")

    imagej.until(lambda: states(imagej).get("by-clicks") == "ready", "the repaired environment")
    imagej.ask("row", WINDOW, "environments", "by-clicks")
    imagej.click(WINDOW, "Remove…")
    dialog = imagej.wait("Remove by-clicks?")
    imagej.click(dialog, "Remove")
    imagej.until(lambda: "by-clicks" not in states(imagej), "the list without it")
    folder = home.data_directory / "environments" / "by-clicks"
    # It is in no list any more from the moment on when its files are being deleted.
    imagej.until(lambda: not folder.exists(), "the folder without it")
