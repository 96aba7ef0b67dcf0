"""Which room of ``alcove.environments`` may know which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from alcove import environments

ROOT = Path(environments.__file__).parent
# What a room must never import: what is built upon it, and its neighbours. Modules outside of rooms serve them all.
FOREIGN = {
    "networking": {"formats", "locks", "uv", "conda", "store", "packs"},
    "formats": {"locks", "uv", "conda", "store", "packs"},
    "locks": {"uv", "conda", "store", "packs"},
    "uv": {"conda", "formats", "store", "packs"},
    "conda": {"formats", "store", "packs"},
    "store": {"uv", "conda", "packs"},
    "packs": {"formats"},
}


def imported_rooms(file: Path) -> set[str]:
    """The first names, below the package, of what a module imports relative to itself."""
    here = file.relative_to(ROOT).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level + 1]
            path = [*base, *(node.module or "").split(".")] if node.module else list(base)
            found |= {path[0]} if path else {alias.name for alias in node.names}
    return found


def test_every_room_has_its_rule() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(FOREIGN)


@pytest.mark.parametrize("room", FOREIGN)
def test_a_room_knows_only_what_it_stands_on(room: str) -> None:
    for file in (ROOT / room).glob("*.py"):
        assert not imported_rooms(file) & FOREIGN[room], file.name
