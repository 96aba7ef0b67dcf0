"""What a batch leaves, made into one: an op that joins the tables of all items.

It runs in the toolbox, started by the manager, and is a plain function as well::

    from alcove import batches

    batches.join(Path("manifest.jsonl"), Path("cells.csv"))

``alcove.batches.parquet`` makes a Parquet file of the result, in an environment of its own that has pyarrow.

What cannot be joined raises ``alcove.OpError`` with a message, a hint, and in ``details`` the ``path`` and a stable
``cause``: ``not_found``, ``damaged``, ``permission``, ``disk_full`` or ``failed``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alcove import op

__all__ = ["join"]


@op(title="Join tables", idempotent=True)
def join(manifest: Path, output: Path) -> dict[str, Any]:
    """Joins CSV files one below the other: first a column ``item`` that says where a row is from, then all columns
    that a table has, in the order in which they first appear. A cell that a table lacks stays empty.

    The file appears under its name when it is complete, not before. Only one row at a time is held in memory.

    Returns ``tables`` and ``rows``, how many were joined, and the names of the ``columns``.

    manifest: which tables, in order: a JSON array ``["item", "path"]`` on each line.
    output: the CSV file to write.
    """
    from alcove.batches import _joining

    return _joining.join(manifest, output)
