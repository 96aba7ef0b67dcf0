"""YAML, with the lines that things stand in; of its many ways only those that environment files need."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .definition import Definition

_DEEPEST = 20
_NOTHING = frozenset(["", "~", "null", "Null", "NULL"])
_HINT = "Correct the line; entries of one list or map are indented alike, with blanks"


@dataclass(frozen=True)
class Node:
    """A value and the line where it begins."""

    value: str | list[Node] | dict[str, Node] | None
    """Numbers and booleans are texts, too, as they were written; ``None`` is YAML's null."""
    line: int

    @property
    def items(self) -> list[Node]:
        """Of a list; nothing where this is none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def entries(self) -> dict[str, Node]:
        """Of a map; nothing where this is none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def texts(self) -> list[Any]:
        """The items of a list as far as they are texts, the others as they are."""
        return [item.value if isinstance(item.value, str) else item for item in self.items]

    def line_of(self, text: str) -> int | None:
        """The line of the list's item that is this text."""
        return next((item.line for item in self.items if item.value == text), None)

    def __repr__(self) -> str:
        """What people would call it, for messages."""
        if isinstance(self.value, str):
            return repr(self.value)
        return "nothing" if self.value is None else "a list" if isinstance(self.value, list) else "a map"


def parse(definition: Definition) -> Node:
    """The text's document, an empty map when it cannot be read; then that is noted.

    Built from the parser's events, which take memory and time in proportion to the text. Aliases, through which a few
    lines can stand for billions, are refused.
    """
    before = len(definition.mistakes)
    try:
        root = _build(definition)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        definition.mistake(line, f"not valid YAML: {error.problem or error.context}", _HINT)
    except YAMLError as error:
        definition.mistake(None, f"not valid YAML: {str(error).splitlines()[0]}", _HINT)
    except (
        ValueError,
        RecursionError,
        IndexError,
        AttributeError,
        AssertionError,
    ):  # ruamel's, of texts that are no YAML
        definition.mistake(None, "not valid YAML", _HINT)
    else:
        if len(definition.mistakes) == before:
            if not isinstance(root.value, dict) and root.value is not None:
                definition.mistake(root.line, "the file must be a map", "Write entries such as 'dependencies:'")
            return root if isinstance(root.value, dict) else Node({}, 1)
    return Node({}, 1)


class _Builder:
    """Puts events together to nodes."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[Node | None] = []

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            self.definition.mistake(line, f"the alias *{event.anchor} is not understood", "Write it out")
            self._add(Node(None, line))
        elif isinstance(event, ScalarEvent):
            plain = event.style is None or event.style == ""
            self._add(Node(None if plain and event.value in _NOTHING else event.value, line))
        elif isinstance(event, (SequenceStartEvent, MappingStartEvent)):
            node = Node([] if isinstance(event, SequenceStartEvent) else {}, line)
            self._add(node)
            self._open.append(node)
            self._keys.append(None)
            if len(self._open) > _DEEPEST:
                raise ValueError("nested too deeply")
        elif isinstance(event, (SequenceEndEvent, MappingEndEvent)):
            self._open.pop()
            self._keys.pop()

    def _add(self, node: Node) -> None:
        if not self._open:
            if self.root is None:
                self.root = node
            else:
                self.definition.mistake(node.line, "a second document begins", "Keep one document per file")
            return
        parent = self._open[-1].value
        if isinstance(parent, list):
            parent.append(node)
        elif isinstance(parent, dict):
            self._add_to_map(parent, node)

    def _add_to_map(self, parent: dict[str, Node], node: Node) -> None:
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
            return
        self._keys[-1] = None
        if not isinstance(key.value, str):
            self.definition.mistake(key.line, f"{key!r} cannot be the name of an entry", "Write a word before the ':'")
        elif key.value in parent:
            self.definition.mistake(key.line, f"{key.value!r} stands there twice", "Put both into one")
        else:
            # The line of the key: where the value is a list, it begins below.
            parent[key.value] = Node(node.value, key.line)


def _build(definition: Definition) -> Node:
    builder = _Builder(definition)
    for event in _events(definition.text):
        builder.take(event)
    return builder.root or Node(None, 1)


def _events(text: str) -> Iterator[Any]:
    yaml: Any = YAML(typ="safe", pure=True)
    yield from yaml.parse(io.StringIO(text))
