"""Stands for micromamba where no real one can be had: its command line and its words, with rattler at work behind them.

What Alcove uses of micromamba 2.8 is here: ``create`` from specs or from an explicit list, ``--dry-run --json``,
``--relocate-prefix``, ``--offline``, ``--platform``, passwords in ``~/.mamba/auth``, a cache in ``MAMBA_ROOT_PREFIX``
or ``--root-prefix``.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import rattler
from rattler.exceptions import SolverError
from rattler.networking import middleware
from rattler.package.build_string import BuildString

VERSION = "2.8.1"
# Now, as fixtures take all of Alcove's variables away.
_REAL = os.environ.get("ALCOVE_TEST_MICROMAMBA")


def install(folder: Path, python: str = sys.executable) -> Path:
    """Writes an executable into a folder that does what this file does; ALCOVE_TEST_MICROMAMBA names a real one to be
    taken instead."""
    if _REAL:
        return Path(_REAL)
    file = folder / "micromamba"
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} -I {shlex.quote(__file__)} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


_NO_SOLUTION = "Could not solve for environment specs"


class Failed(Exception):
    """Ends it with a message in micromamba's manner."""


class Unsolvable(Exception):
    """Ends it as ``--json`` does, which explains nothing."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="micromamba", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", allow_abbrev=False)
    for name in (
        "yes",
        "no-rc",
        "no-env",
        "override-channels",
        "strict-channel-priority",
        "dry-run",
        "json",
        "offline",
    ):
        create.add_argument(f"--{name}", action="store_true")
    for name in ("extra-safety-checks", "no-shortcuts", "quiet"):
        create.add_argument(f"--{name}", action="store_true")
    for name in ("prefix", "relocate-prefix", "root-prefix", "platform", "file", "ssl-verify", "safety-checks"):
        create.add_argument(f"--{name}")
    create.add_argument("--channel", action="append", default=[])
    create.add_argument("specs", nargs="*")
    return parser.parse_args()


def _create(arguments: argparse.Namespace) -> dict[str, Any]:
    platform = arguments.platform or _platform()
    records = _explicit(Path(arguments.file), platform) if arguments.file else _solved(arguments, platform)
    if not arguments.dry_run:
        _link(records, arguments, platform)
    return {
        "actions": {"FETCH": records, "LINK": records, "PREFIX": arguments.prefix},
        "dry_run": arguments.dry_run,
        "prefix": arguments.prefix,
        "success": True,
    }


def _solved(arguments: argparse.Namespace, platform: str) -> list[dict[str, Any]]:
    try:
        records = asyncio.run(_solve(arguments, platform))
    except SolverError as error:
        if arguments.json:
            raise Unsolvable from None
        explanation = f"error    libmamba {_NO_SOLUTION}\n{_tree(str(error))}\ncritical libmamba {_NO_SOLUTION}"
        raise Failed(explanation) from None
    except Exception as error:
        raise Failed(_words(str(error))) from None
    found: list[dict[str, Any]] = [json.loads(record.to_json()) for record in records]
    return [{**record, "build_string": record["build"], "url": _with_password(record["url"])} for record in found]


def _with_password(url: str) -> str:
    """What it tells of packages holds the passwords that it knows."""
    login = _logins().get(urlsplit(url).netloc, {})
    return url.replace("//", f"//{login['user']}:{quote(_password(login))}@", 1) if "user" in login else url


async def _solve(arguments: argparse.Namespace, platform: str) -> list[rattler.RepoDataRecord]:
    action: Any = "force-cache-only" if arguments.offline else "cache-or-fetch"
    gateway = rattler.Gateway(
        cache_dir=_root(arguments) / "pkgs" / "cache",
        default_config=rattler.SourceConfig(cache_action=action),
        client=_client(),
    )
    virtual = [
        rattler.GenericVirtualPackage(rattler.PackageName(name), rattler.Version(version), BuildString("0"))
        for name, version in _virtual_packages(platform).items()
    ]
    return await rattler.solve(
        sources=[rattler.Channel(url) for url in arguments.channel],
        specs=[rattler.MatchSpec(spec) for spec in arguments.specs],
        gateway=gateway,
        platforms=[rattler.Subdir(platform), rattler.Subdir("noarch")],
        virtual_packages=virtual,
        channel_relations="disabled",
    )


def _tree(text: str) -> str:
    """The solver's explanation in micromamba's words, as far as tests look at it."""
    missing = re.search(r"No candidates were found for (\S+) ?(.*?)\.", text)
    system = re.search(r"(\S+) \*? ?would require\s+└─ (__\w+) (\S+), for which no candidates", text)
    lines = ["The following package could not be installed"]
    if missing:
        version = f"={missing[2]}".replace("=*", "=* *") if missing[2] else "=* *"
        lines.append(f"└─ {missing[1]} {version} does not exist (perhaps a typo or a missing channel).")
    elif system:
        lines.append(f"└─ {system[1]} =* * is not installable because it requires")
        lines.append(f"   └─ {system[2]} {system[3]} *, which is missing on the system.")
    else:
        lines = text.splitlines()
    return "\n".join(f"    {line}" for line in lines)


def _explicit(file: Path, platform: str) -> list[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "@EXPLICIT" in lines
    return [_of_url(line) for line in lines if "://" in line]


def _of_url(line: str) -> dict[str, Any]:
    url, _, sha256 = line.partition("#sha256:")
    name, version, build = re.sub(r"\.(conda|tar\.bz2)$", "", url.rsplit("/", 1)[-1]).rsplit("-", 2)
    channel, subdir, _ = url.rsplit("/", 2)
    return {
        "name": name,
        "version": version,
        "build": build,
        "subdir": subdir,
        "sha256": sha256,
        "url": url,
        "channel": channel,
    }


def _link(found: list[dict[str, Any]], arguments: argparse.Namespace, platform: str) -> None:
    records = [_record(values) for values in found]
    try:
        asyncio.run(_install(records, arguments, platform))
    except Exception as error:
        raise Failed(_words(str(error))) from None
    for record in records:
        sys.stderr.write(f"Linking {record.name.normalized}-{record.version}-{record.build}\n")


async def _install(records: list[rattler.RepoDataRecord], arguments: argparse.Namespace, platform: str) -> None:
    pkgs = _root(arguments) / "pkgs"
    pkgs.mkdir(parents=True, exist_ok=True)
    cache = rattler.PackageCache.new_layered([pkgs], validation_mode=rattler.ValidationMode.full())
    index = await cache.index()
    if arguments.offline and not all(index.contains_record(record) for record in records):
        raise Failed("critical libmamba Download error: offline, and not in the cache")
    await rattler.install(
        records,
        arguments.prefix,
        package_cache=cache,
        client=_client(),
        show_progress=False,
        installed_packages=[],
        platform=rattler.Subdir(platform),
        alternative_target_prefix=arguments.relocate_prefix or arguments.prefix,
    )


def _record(values: dict[str, Any]) -> rattler.RepoDataRecord:
    record = rattler.PackageRecord(
        name=values["name"],
        version=values["version"],
        build=BuildString(values["build"]),
        build_number=values.get("build_number") or 0,
        subdir=values["subdir"],
        noarch=values.get("noarch"),
        depends=values.get("depends", []),
        sha256=bytes.fromhex(values["sha256"]),
    )
    return rattler.RepoDataRecord(record, values["url"].rsplit("/", 1)[-1], values["url"], values["channel"])


def _words(text: str) -> str:
    """rattler's failures as micromamba puts them."""
    if "ismatch" in text:
        package = re.search(r"failed to fetch (\S+)", text)
        hashes = re.findall(r"[0-9a-f]{64}", text)
        expected = [f"    {name}: {value}" for name, value in zip(("Expected", "Actual"), hashes, strict=False)]
        file = f'"/pkgs/{package[1] if package else "unknown"}"'
        found = [f"error    libmamba File not valid: SHA256 doesn't match expectation {file}", *expected]
        return "\n".join([*found, "critical libmamba Found incorrect downloads. Aborting"])
    if "(os error 28)" in text:
        return f"critical libmamba filesystem error: No space left on device\n{text}"
    return f"error    libmamba Download error: {text}"


def _logins() -> dict[str, dict[str, str]]:
    file = Path(os.environ["HOME"]) / ".mamba" / "auth" / "authentication.json"
    logins: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return logins


def _password(login: dict[str, str]) -> str:
    return base64.b64decode(login["password"]).decode()


def _client() -> rattler.Client:
    known: dict[str, Any] = {}
    for host, login in _logins().items():
        if login["type"] == "BasicHTTPAuthentication":
            known[host] = {"BasicHTTP": {"username": login["user"], "password": _password(login)}}
        else:
            known[host] = {login["type"]: login["token"]}
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder) / "credentials.json"
        ours.write_text(json.dumps(known), encoding="utf-8")
        os.environ["RATTLER_AUTH_FILE"] = str(ours)
        return rattler.Client([middleware.RetryMiddleware(1), middleware.AuthenticationMiddleware()])


def _virtual_packages(platform: str) -> dict[str, str]:
    system = {"linux": "__linux", "osx": "__osx", "win": "__win"}[platform.partition("-")[0]]
    found = {system: "1", "__unix": "0", "__glibc": "2.36", "__archspec": "x86_64"}
    overridden = {name: os.environ.get(f"CONDA_OVERRIDE_{name.strip('_').upper()}") for name in (*found, "__cuda")}
    return {**found, **{name: version for name, version in overridden.items() if version}}


def _root(arguments: argparse.Namespace) -> Path:
    return Path(arguments.root_prefix or os.environ["MAMBA_ROOT_PREFIX"])


def _platform() -> str:
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}[sys.platform]
    machine = os.uname().machine if system != "win" else "AMD64"
    return f"{system}-{ {'x86_64': '64', 'AMD64': '64', 'arm64': 'arm64', 'aarch64': 'aarch64'}[machine] }"


def _main() -> int:
    given = _arguments()
    if given.ssl_verify:
        os.environ["SSL_CERT_FILE"] = given.ssl_verify
    try:
        done = _create(given)
    except Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    except Unsolvable:
        sys.stderr.write(f"critical libmamba {_NO_SOLUTION}\n")
        json.dump({"solver_problems": ["unsupported request"], "success": False}, sys.stdout)
        return 1
    if given.json:
        json.dump(done, sys.stdout)
    return 0


if __name__ == "__main__":
    code = _main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # at once: rattler's threads now and then crash a Python that takes itself apart
