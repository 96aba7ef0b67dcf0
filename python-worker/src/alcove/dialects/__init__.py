"""Op documents in their three dialects: ops that read and check them, and write one as another.

They run in the toolbox (jsonschema, ruamel.yaml, lxml), started by the manager, and are plain functions as well::

    from alcove import dialects

    document = dialects.read(Path("ops.yaml"))
    text = dialects.render(document["ops"], to="xml")

A document is ``{"ops": [descriptor, ...]}``, what a worker answers to ``load``. JSON and YAML hold it as
``schemas/op.schema.json`` says, XML as ``schemas/op.xsd`` does; nothing is lost between any two.

What cannot be read raises ``alcove.OpError`` with a hint, and in ``details`` the ``path``, a stable ``cause``
(``not_found``, ``permission``, ``not_a_document`` or ``failed``) and, for a document with mistakes, ``mistakes``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from alcove import OpError, op

__all__ = ["read", "render"]

# What needs a library is imported when a document is at hand: a toolbox worker that lists environments needs none.


@op(title="Render ops", idempotent=True)
def render(ops: list[dict[str, Any]], to: Literal["json", "yaml", "xml"]) -> str:
    """Writes descriptors as a document.

    ops: the descriptors, as a worker answers them to load.
    to: the dialect.
    """
    from alcove.dialects import _documents, _members

    document = {"ops": ops}
    mistakes = _documents.mistakes_in(document)
    if mistakes:
        raise OpError(
            "\n".join(f"{mistake.message} ({mistake.hint})" for mistake in mistakes),
            hint="Correct the descriptors; schemas/op.schema.json says what they hold.",
            cause="not_a_document",
            mistakes=[mistake._asdict() for mistake in mistakes],
        )
    return _documents.DIALECTS[to].write(_members.in_order(document))


@op(title="Read ops", output="document", idempotent=True)
def read(path: Path) -> dict[str, Any]:
    """Reads a document of ops whose dialect follows from its name: .json, .yaml, .yml or .xml.

    Returns ``{"ops": [descriptor, ...]}``.

    path: the document.
    """
    from alcove.dialects import _documents, _members

    document, mistakes = _documents.read(path)
    if mistakes:
        raise OpError(
            "\n".join(f"{mistake.file}:{mistake.line}: {mistake.message} ({mistake.hint})" for mistake in mistakes),
            hint="Correct what is named; alcove validate names it again.",
            cause="not_a_document",
            path=str(path),
            mistakes=[mistake._asdict() for mistake in mistakes],
        )
    return _members.in_order(document)
