"""Puts packages into a prefix, those that the caches lack from their channels."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import rattler
from clients import new_client
from rattler.exceptions import InstallerError
from records import check_local_file, is_file, to_record
from telling import Failed, Json
from transfers import Transfer, watched


async def install(request: Json) -> Json:
    """Links packages into a prefix; without network only if the caches have all of them."""
    records = [to_record(values) for values in request["records"]]
    for values in request["records"]:
        check_local_file(values)
    caches: list[str | os.PathLike[str]] = [Path(folder) for folder in request["caches"]]
    cache = rattler.PackageCache.new_layered(caches, validation_mode=rattler.ValidationMode.full())
    missing = await _not_in(cache, records)
    if request["offline"] and missing:
        # Nothing is begun that cannot be ended.
        raise Failed("NotCached", "not in the cache: " + ", ".join(record.file_name for record in missing))
    # What it leaves out does nothing in rattler's class.
    transfer = Transfer(request["records"], {record.name.normalized for record in missing})  # type: ignore[abstract]
    work = rattler.install(
        records,
        request["prefix"],
        package_cache=cache,
        client=new_client(),
        config=rattler.Config.from_toml(f"[concurrency]\ndownloads = {request['downloads']}\n"),
        execute_link_scripts=False,
        show_progress=False,
        installed_packages=[],
        platform=rattler.Subdir(request["platform"]),
        requested_specs=[rattler.MatchSpec(spec)._match_spec for spec in request["requested"]],
        reporter=transfer,
        alternative_target_prefix=request["final"],
    )
    try:
        await watched(work, transfer, request["timeout"])
    except InstallerError as error:
        # Not all that rattler says of a download names its address.
        package = re.search(r"failed to fetch (\S+)", str(error))
        urls = [values["url"] for values in request["records"] if package and values["file_name"] == package[1]]
        raise Failed("InstallerError", str(error), **({"url": urls[0]} if urls else {})) from None
    return {}


async def _not_in(
    cache: rattler.PackageCache, records: Sequence[rattler.RepoDataRecord]
) -> list[rattler.RepoDataRecord]:
    """What must be downloaded."""
    index = await cache.index()
    return [record for record in records if not index.contains_record(record) and not is_file(record.url)]
