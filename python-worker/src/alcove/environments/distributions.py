"""The Python packages in a folder, as their own metadata describes them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import replace
from email.message import Message
from pathlib import Path
from typing import cast

from packaging.utils import canonicalize_name

from .engines import Package

_LONGEST_LICENSE = 80


def packages_in(folder: Path, locked: Iterable[Package] = ()) -> list[Package]:
    """What is installed in a ``site-packages`` folder, by name.

    Args:
        folder: to look in.
        locked: what was to be installed, which knows addresses and hashes.
    """
    known = {package.name: package for package in locked}
    found = []
    for each in importlib.metadata.distributions(path=[str(folder)]):
        name = canonicalize_name(each.metadata["Name"])
        package = known.get(name, Package(name, each.version))
        found.append(replace(package, version=each.version, license=license_of(cast(Message, each.metadata))))
    return sorted(found, key=lambda package: package.name)


def license_of(metadata: Message) -> str:
    """A package's license in a few words, "" when it does not say so.

    Args:
        metadata: the package's METADATA file.
    """
    if expression := metadata["License-Expression"]:
        return str(expression)
    # Many put the whole text there.
    text = str(metadata["License"] or "").strip()
    if text and "\n" not in text and len(text) <= _LONGEST_LICENSE and text.upper() != "UNKNOWN":
        return text
    classifiers = [str(each) for each in metadata.get_all("Classifier", [])]
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    return " AND ".join(name for name in names if name != "OSI Approved") or text.split("\n")[0][:_LONGEST_LICENSE]
