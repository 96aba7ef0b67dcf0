"""Writing conda packages: the same input gives the same bytes, on every machine and on every day."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import posixpath
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import zstandard

MOMENT = 1_760_000_000
"""When everything was made, in seconds since 1970."""
PLACEHOLDER = ("/opt/alcove_test_channel" + "_placehold" * 30)[:255]
"""Stands in packages for the prefix they will be installed to; 255 bytes, as conda-build's."""
_LEVEL = 3  # of zstd; a test channel need not be small, but soon there


class File(NamedTuple):
    """A file in a package."""

    content: bytes = b""
    executable: bool = False
    link: str = ""
    """Where a symbolic link points to, relative to its folder; "" for what is none."""


Files = dict[str, File]
"""Files by their path in the prefix."""


@dataclass(frozen=True)
class Package:
    """A conda package, not written yet."""

    name: str
    version: str
    build: str = "h0_0"
    number: int = 0
    subdir: str = "linux-64"
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    license: str = "0BSD"
    files: Files = field(default_factory=dict)
    entry_points: tuple[str, ...] = ()
    """Console scripts of a package for every Python, "name = module:function"."""
    pure: bool = False
    """Whether it is a package for every Python, whose files lie under site-packages/ and python-scripts/."""
    more: dict[str, Any] = field(default_factory=dict)
    """Further members of index.json."""
    old: bool = False
    """Whether it is written as .tar.bz2, as conda did until 2019."""

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-{self.build}" + (".tar.bz2" if self.old else ".conda")

    def index(self) -> dict[str, Any]:
        """index.json, which is also what the channel's repodata say about it, but for hashes and size."""
        values: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": self.number,
            "subdir": self.subdir,
            "depends": list(self.depends),
            "constrains": list(self.constrains),
            "license": self.license,
            "timestamp": MOMENT * 1000,
        }
        if self.subdir == "noarch":
            values["noarch"] = "python" if self.pure else "generic"
        return {**values, **self.more}


def archive(package: Package) -> bytes:
    """The file that a channel offers."""
    described = {f"info/{name}": File(content) for name, content in _info(package).items()}
    if package.old:
        return bz2.compress(_tar({**described, **package.files}))
    stem = package.file_name.removesuffix(".conda")
    members = {
        "metadata.json": b'{"conda_pkg_format_version": 2}',
        f"pkg-{stem}.tar.zst": _compressed(_tar(package.files)),
        f"info-{stem}.tar.zst": _compressed(_tar(described)),
    }
    return _zip(members)


def record(package: Package, content: bytes) -> dict[str, Any]:
    """What repodata say about a package whose file has this content."""
    return {
        **package.index(),
        "md5": hashlib.md5(content).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }


def _info(package: Package) -> dict[str, bytes]:
    paths = [_path(path, package.files) for path in sorted(package.files)]
    info = {
        "index.json": _json(package.index()),
        "paths.json": _json({"paths": paths, "paths_version": 1}),
        "about.json": _json({"license": package.license, "summary": f"{package.name} for Alcove's tests"}),
        "files": "".join(path["_path"] + "\n" for path in paths).encode(),
    }
    if package.pure:
        noarch = {"type": "python", "entry_points": list(package.entry_points)}
        info["link.json"] = _json({"noarch": noarch, "package_metadata_version": 1})
    replaced = [path for path in paths if "prefix_placeholder" in path]
    if replaced:
        lines = (f'{path["prefix_placeholder"]} {path["file_mode"]} "{path["_path"]}"\n' for path in replaced)
        info["has_prefix"] = "".join(lines).encode()
    return info


def _path(path: str, files: Files) -> dict[str, Any]:
    content, _, link = files[path]
    if link:
        target = files.get(posixpath.normpath(posixpath.join(posixpath.dirname(path), link)), File())
        content = target.content
    values: dict[str, Any] = {
        "_path": path,
        "path_type": "softlink" if link else "hardlink",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_in_bytes": len(content),
    }
    if not link and PLACEHOLDER.encode() in content:
        values["prefix_placeholder"] = PLACEHOLDER
        values["file_mode"] = "binary" if b"\0" in content else "text"
    return values


def _json(values: object) -> bytes:
    return json.dumps(values, indent=1, sort_keys=True).encode()


def _tar(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, (content, executable, link) in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.mtime = MOMENT
            member.mode = 0o755 if executable else 0o644
            if link:
                member.type, member.linkname = tarfile.SYMTYPE, link
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _compressed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(content)


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content)  # without a time, so 1980
    return buffer.getvalue()
