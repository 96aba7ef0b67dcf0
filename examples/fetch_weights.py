# /// script
# requires-python = ">=3.10"
# ///
"""Fetches the weights of a network before they are needed: for a machine that has no network later, say.

Other ops then find them, if they ask for the same content: ``alcove.download(url, sha256)``. Needs no package.
"""

from pathlib import Path
from typing import Annotated

from alcove import Label, download, op


@op(title="Fetch weights", menu="Models", output="file", idempotent=True)
def fetch(
    url: Annotated[str, Label("Address")],
    sha256: Annotated[str, Label("SHA-256")],
    name: Annotated[str | None, Label("File name")] = None,
) -> Path:
    """Downloads a file, checks its content, and keeps it among Alcove's data.

    What is there already is not fetched again, and what was interrupted is continued.

    url: where the file is: http, https, or file for one on a disk.
    sha256: the SHA-256 of its content, 64 hexadecimal digits; whoever offers weights should say it.
    name: the file's name, if the address does not end with it.
    """
    return download(url, sha256, name)
