"""Records of packages as rattler has them, and whether files are what their records say."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import rattler
from rattler.package.build_string import BuildString
from telling import Failed, Json


def to_record(values: Json) -> rattler.RepoDataRecord:
    record = rattler.PackageRecord(
        name=values["name"],
        version=values["version"],
        build=BuildString(values["build"]),
        build_number=values.get("build_number", 0),
        subdir=values["subdir"],
        noarch=values.get("noarch"),
        depends=values.get("depends", []),
        constrains=values.get("constrains", []),
        sha256=bytes.fromhex(values["sha256"]),
        md5=bytes.fromhex(values["md5"]) if values.get("md5") else None,
        size=values.get("size"),
        license=values.get("license"),
        license_family=values.get("license_family"),
        python_site_packages_path=values.get("python_site_packages_path"),
    )
    record.track_features = values.get("track_features", [])
    if values.get("timestamp"):
        moment = datetime.datetime.fromtimestamp(values["timestamp"] / 1000, datetime.timezone.utc)
        record.timestamp = moment
    return rattler.RepoDataRecord(record, values["file_name"], values["url"], values["channel"])


def check_local_file(values: Json) -> None:
    """Packages in a folder: rattler checks the hash of what it downloads, not of files that are there already."""
    if not is_file(values["url"]):
        return
    file = _file_of(values["url"])
    found = hashlib.sha256()
    with open(file, "rb") as stream:
        while block := stream.read(1 << 20):
            found.update(block)
    if found.hexdigest() != values["sha256"]:
        text = f"{file} is not the file that the channel lists; it was not installed"
        details = {"package": values["name"], "expected": values["sha256"], "got": found.hexdigest()}
        raise Failed("HashMismatch", text, **details)


def _file_of(url: str) -> Path:
    path = unquote(urlsplit(url).path)
    # urllib.request could do that, and takes longer to import than all the rest here. "/C:/channel" is C:/channel.
    return Path(path[1:] if os.name == "nt" and re.match(r"/[A-Za-z]:", path) else path)


def is_file(url: str) -> bool:
    return urlsplit(url).scheme == "file"
