"""pixi.lock, version 6, which every pixi since 2024 reads: written for export. ``lock_reading`` reads all versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .conda_locks import CondaLock
from .locked import Locked
from .yaml_writing import quoted, scalar

_LISTS = ("depends", "constrains", "purls")
_TEXTS = ("arch", "platform", "noarch", "license", "license_family")
_NUMBERS = ("size", "timestamp")


def text(lock: CondaLock, records: Mapping[str, Mapping[str, Any]]) -> str:
    """The file.

    Args:
        lock: what it shall say.
        records: what is known of conda packages beyond that, by SHA-256, as in channels' indexes.
    """
    lines = ["version: 6", "environments:", "  default:", "    channels:"]
    lines += [f"    - url: {scalar(channel.rstrip('/') + '/')}" for channel in lock.channels]
    lines += ["    packages:"]
    for platform in sorted(lock.platforms):
        lines += [f"      {platform}:"]
        lines += [f"      - {_kind(each)}: {scalar(each.url)}" for each in lock.conda(platform) + lock.pip(platform)]
    lines += ["packages:"]
    once = {(package.manager, package.url): package for package in lock.packages}
    for _, package in sorted(once.items()):
        lines += _conda(package, records.get(package.sha256, {})) if package.manager == "conda" else _pypi(package)
    return "".join(line + "\n" for line in lines)


def _kind(package: Locked) -> str:
    return "conda" if package.manager == "conda" else "pypi"


def _conda(package: Locked, record: Mapping[str, Any]) -> list[str]:
    lines = [f"- conda: {scalar(package.url)}"]
    if package.subdir == "noarch" and not record.get("noarch"):
        record = {**record, "noarch": "python" if "python" in package.dependencies else "generic"}
    depends = [f"{name} {wanted}".strip() for name, wanted in package.dependencies.items()]
    lines += [f"  build_number: {record.get('build_number', package.build_number)}"]
    lines += [f"  {key}: {quoted(value)}" for key, value in _hashes(package).items()]
    for key in _LISTS:
        values = record.get(key) or (depends if key == "depends" else [])
        lines += [f"  {key}:", *(f"  - {quoted(value)}" for value in values)] if values else []
    lines += [f"  {key}: {quoted(record[key])}" for key in _TEXTS if isinstance(record.get(key), str)]
    lines += [f"  {key}: {json.dumps(record[key])}" for key in _NUMBERS if isinstance(record.get(key), int)]
    return lines


def _pypi(package: Locked) -> list[str]:
    return [
        f"- pypi: {scalar(package.url)}",
        f"  name: {scalar(package.name)}",
        f"  version: {quoted(package.version)}",
        f"  sha256: {quoted(package.sha256)}",
    ]


def _hashes(package: Locked) -> dict[str, str]:
    return {"sha256": package.sha256, **({"md5": package.md5} if package.md5 else {})}
