"""Calls of micromamba, an executable of the user's, in rattler's stead: it solves, and it installs what is locked.

What it keeps between calls (packages, channels' lists) is its own folder among Alcove's caches; it sees none of the
user's settings for micromamba or conda, and their own environments hear nothing of ours.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import caches
from ..context import Context
from ..failures import failure
from ..networking.masking import split
from ..networking.network import Network
from ..processes import Finished, run
from ..reports import Report
from ..specification import Specification
from . import micromamba_messages
from .rattler_calls import Rattler

_DROPPED = re.compile(r"PYTHON.*|VIRTUAL_ENV.*|CONDA.*|MAMBA_.*")
_HINT = 'Let the setting micromamba (or ALCOVE_MICROMAMBA) name an executable, or choose engine = "rattler"'


class Micromamba(Rattler):
    """micromamba for one environment."""

    def __init__(self, specification: Specification, context: Context) -> None:
        super().__init__(context)
        self._specification = specification
        self._network = Network(context.settings, self._offline)

    def solve(self, channels: tuple[str, ...], targets: list[dict[str, Any]], work: Path, report: Report) -> Any:
        """Solves for each target; see ``Rattler.solve``.

        Raises:
            OpError: whatever went wrong.
        """
        return [{"platform": target["platform"], **self._solved(channels, target, work, report)} for target in targets]

    def _solved(
        self, channels: tuple[str, ...], target: Mapping[str, Any], work: Path, report: Report
    ) -> dict[str, Any]:
        command = ["create", "--dry-run", "--prefix", str(work / "nothing"), "--platform", target["platform"]]
        command += ["--override-channels", "--strict-channel-priority"]
        for channel in channels:
            command += ["--channel", self._network.index_url(channel)]
        command += target["specs"]
        finished = self._run([*command, "--json"], target["virtual_packages"], work, report)
        answer = _json(finished.output)
        if finished.code != 0 or "actions" not in answer:
            if "solver_problems" in answer:  # it explains them only to people
                finished = self._run([*command, "--quiet"], target["virtual_packages"], work, report)
            raise micromamba_messages.explain(finished, "solving", self._specification, self._context)
        return {"records": [self._record(each) for each in answer["actions"].get("LINK", [])]}

    def install(
        self,
        records: list[dict[str, Any]],
        requested: list[str],
        platform: str,
        work: Path,
        prefix: Path,
        final: Path,
        report: Report,
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        """Installs records; see ``Rattler.install``.

        Raises:
            OpError: whatever went wrong; packages that were downloaded completely stay in the cache.
        """
        urls = [self._network.mirrored(each["url"]) for each in records]
        listed = [f"{url}#sha256:{each['sha256']}" for url, each in zip(urls, records, strict=True)]
        explicit = work / "explicit.txt"
        explicit.write_text("\n".join(["@EXPLICIT", *listed]) + "\n", encoding="utf-8")
        command = ["create", "--prefix", str(prefix), "--relocate-prefix", str(final), "--file", str(explicit)]
        progress = _Progress(records, [_cached(self._root / "pkgs", url) for url in urls], on_event)
        # The cache's files are other environments', too: one that was changed there must not be linked once more.
        command += ["--safety-checks", "enabled", "--extra-safety-checks", "--no-shortcuts"]
        command += ["--platform", platform]
        finished = self._run(command, {}, work, report, progress)
        if finished.code != 0 or not (prefix / "conda-meta").is_dir():
            size = sum(record.get("size") or 0 for record in records)
            raise micromamba_messages.explain(finished, "installing", self._specification, self._context, size)
        _restore_origins(prefix, records)

    def _record(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """micromamba's record of a package as rattler's process gives it."""
        url = self._network.unmirrored(split(str(found["url"]))[0])  # passwords are in it, too
        return {
            **{name: found[name] for name in ("name", "version", "build_number", "subdir")},
            "build": found.get("build_string") or found.get("build") or "",
            "noarch": found.get("noarch"),
            "depends": list(found.get("depends") or ()),
            "sha256": found.get("sha256"),
            "md5": found.get("md5"),
            "size": found.get("size") or None,
            "license": found.get("license") or None,
            "url": url,
            "channel": url.rsplit("/", 2)[0],
            "file_name": url.rsplit("/", 1)[-1],
        }

    def _run(
        self,
        arguments: list[str],
        virtual_packages: Mapping[str, str],
        work: Path,
        report: Report,
        progress: _Progress | None = None,
    ) -> Finished:
        home = work / "home"
        self._write_passwords(home)
        command = [self._executable(), *arguments, "--yes", "--no-rc", "--root-prefix", str(self._root)]
        command += ["--offline"] if self._offline else []
        variables = self._variables_for(home, virtual_packages)
        if "SSL_CERT_FILE" in variables:
            command += ["--ssl-verify", variables["SSL_CERT_FILE"]]

        def tick(line: str = "") -> None:
            if progress is not None:
                progress.take(line)
            report.again()

        self._root.mkdir(parents=True, exist_ok=True)
        try:
            return run(
                command,
                environment=variables,
                directory=work,
                on_line=tick,
                on_wait=tick,
                merged=progress is not None,
            )
        finally:
            _delete_passwords(home)

    @property
    def _root(self) -> Path:
        return caches.micromamba(self._context.directory)

    def _executable(self) -> str:
        file = self._settings.micromamba
        if file is None:
            raise failure("toolbox", "No micromamba is set, and this environment is to be made by it", _HINT)
        if not os.access(file, os.X_OK) or not file.is_file():
            raise failure("toolbox", f"{file}, which is set as micromamba, is no program", _HINT)
        return str(file)

    def _variables_for(self, home: Path, virtual_packages: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
        kept = self._network.environment(kept)
        if "HTTP_PROXY" in kept:
            kept["http_proxy"] = kept["HTTP_PROXY"]  # curl, which it uses, looks at this one alone
        kept.update(HOME=str(home), USERPROFILE=str(home), XDG_CONFIG_HOME=str(home / "config"))
        kept["MAMBA_REMOTE_MAX_RETRIES"] = str(self._settings.retries)
        kept["MAMBA_REMOTE_CONNECT_TIMEOUT_SECS"] = str(self._settings.timeout)
        kept["MAMBA_DOWNLOAD_THREADS"] = str(self._settings.concurrent_downloads)
        kept["MAMBA_ADD_PIP_AS_PYTHON_DEPENDENCY"] = "false"
        kept["MAMBA_COMPILE_PYC"] = "false"  # it is done once for all packages, and for the final place
        for name, version in virtual_packages.items():
            kept[f"CONDA_OVERRIDE_{name.lstrip('_').upper()}"] = version
        return kept

    def _write_passwords(self, home: Path) -> None:
        """Where micromamba looks for them; gone again when it has ended."""
        file = home / ".mamba" / "auth" / "authentication.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        given = self._network.authentication()
        logins = {host: login for host, each in given.items() if (login := _login(each))}
        # It looks for the port, too, where there is one.
        known = {**logins, **{place: logins[host] for host, place in self._places() if host in logins}}
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            json.dump(known, opened)

    def _places(self) -> list[tuple[str, str]]:
        """Host, and host with port, of each server in the settings."""
        urls = [*self._settings.channels, *(url for found in self._settings.mirrors.values() for url in found)]
        parts = [urlsplit(url) for url in urls if "://" in url]
        return [(each.hostname or "", each.netloc.rpartition("@")[2]) for each in parts]


def _delete_passwords(home: Path) -> None:
    (home / ".mamba" / "auth" / "authentication.json").unlink(missing_ok=True)


def _login(given: Any) -> dict[str, str] | None:
    """An entry of rattler's file as micromamba has it; None for a kind that it does not know."""
    if not isinstance(given, dict):
        return None
    if isinstance(basic := given.get("BasicHTTP"), dict):
        password = base64.b64encode(str(basic.get("password", "")).encode()).decode()
        return {"type": "BasicHTTPAuthentication", "user": str(basic.get("username", "")), "password": password}
    for ours, theirs in (("CondaToken", "CondaToken"), ("BearerToken", "BearerToken")):
        if ours in given:
            return {"type": theirs, "token": str(given[ours])}
    return None


def _json(text: str) -> dict[str, Any]:
    """The object in what micromamba printed; empty when there is none."""
    start = text.find("{")
    try:
        answer = json.JSONDecoder().raw_decode(text, start)[0] if start >= 0 else {}
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _restore_origins(prefix: Path, records: list[dict[str, Any]]) -> None:
    """Writes into the prefix what the lock says of its packages: where each is published, whatever mirror it came from,
    and its hash."""
    known = {record["file_name"]: record for record in records}
    for file in (prefix / "conda-meta").glob("*.json"):
        installed = json.loads(file.read_text(encoding="utf-8"))
        record = known.get(installed.get("fn") or "") or known.get(str(installed.get("url")).rsplit("/", 1)[-1])
        if record is not None:
            published = {"url": record["url"], "channel": record["url"].rsplit("/", 2)[0], "sha256": record["sha256"]}
            text = json.dumps({**installed, **published}, indent=2, ensure_ascii=False)
            file.write_text(text, encoding="utf-8", newline="\n")


def _cached(folder: Path, url: str) -> Path:
    """Where a download goes: https/conda.anaconda.org/conda-forge/noarch/<file> in the cache."""
    parts = urlsplit(url)
    return folder.joinpath(parts.scheme, parts.netloc.rpartition("@")[2].replace(":", "_"), *parts.path.split("/"))


class _Progress:
    """How far an installation is: by the files in micromamba's cache, and by what it says while it links."""

    def __init__(
        self, records: list[dict[str, Any]], files: list[Path], on_event: Callable[[dict[str, Any]], None]
    ) -> None:
        self._sizes = {file: int(record.get("size") or 0) for file, record in zip(files, records, strict=True)}
        self._names = {file: str(record["name"]) for file, record in zip(files, records, strict=True)}
        self._total = sum(self._sizes.values())
        self._on_event = on_event
        self._linked = 0

    def take(self, line: str) -> None:
        """Takes note of a line, or of a while without one."""
        linking = re.match(r"\s*Linking (\S+)", line)
        count = len(self._sizes)
        if linking:
            self._linked += 1
            package = linking[1].rsplit("-", 2)[0]
            counts = {"done_packages": min(self._linked, count), "total_packages": count}
            self._on_event({"step": "linking", "package": package, **counts})
        elif not line and not self._linked:
            here = {file: _bytes_of(file, size) for file, size in self._sizes.items()}
            under_way = [file for file in here if 0 < here[file] < self._sizes[file]]
            largest = max(under_way, key=here.__getitem__, default=None)
            self._on_event(
                {
                    "step": "downloading",
                    "package": self._names[largest] if largest else "",
                    "done_bytes": sum(here.values()),
                    "total_bytes": self._total,
                    "done_packages": sum(here[file] >= size for file, size in self._sizes.items()),
                    "total_packages": count,
                }
            )


def _bytes_of(file: Path, most: int) -> int:
    try:
        return min(file.stat().st_size, most)
    except OSError:
        return 0
