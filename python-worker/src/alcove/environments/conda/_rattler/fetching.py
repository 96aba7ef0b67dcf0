"""Downloads package files as they are, for packs."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from typing import IO

import rattler
from clients import new_client
from rattler import package_streaming
from telling import Failed, Json
from transfers import Loading, watched


async def fetch(request: Json) -> Json:
    """Downloads files as they are; those that are there already stay."""
    missing = [values for values in request["files"] if not os.path.exists(values["path"])]
    loading = Loading(missing, len(request["files"]))
    client = new_client()
    free = asyncio.Semaphore(request["downloads"])

    async def fetch_when_free(values: Json) -> None:
        async with free:
            await _fetch_file(values, client, loading)

    async def fetch_all() -> None:
        await asyncio.gather(*(fetch_when_free(values) for values in missing))

    await watched(fetch_all(), loading, request["timeout"])
    return {}


async def _fetch_file(values: Json, client: rattler.Client, loading: Loading) -> None:
    name = values["name"]
    part = values["path"] + ".part"
    with open(part, "wb") as stream:
        writer = _Writer(stream, lambda count: loading.got(name, count))
        try:
            await package_streaming.download_to_writer(client, values["url"], writer)
        except Exception as error:
            raise Failed("InstallerError", f"failed to fetch {name}: {error}", url=values["url"]) from None
    found = writer.digest.hexdigest()
    if found != values["sha256"]:
        text = f"failed to fetch {name}: hash mismatch: expected {values['sha256']}, got {found}"
        raise Failed("HashMismatch", text, package=name)
    os.replace(part, values["path"])
    loading.loaded(name)


class _Writer:
    """A file that is hashed while it is written."""

    def __init__(self, stream: IO[bytes], count: Callable[[int], None]) -> None:
        self.digest = hashlib.sha256()
        self._stream = stream
        self._count = count

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self._stream.write(data)
        self._count(len(data))
        return len(data)
