"""What activating a conda environment sets, found out once when it is made, so that workers need no shell.

Packages bring scripts for that (``etc/conda/activate.d``) and files with variables (``etc/conda/env_vars.d``), and
users set variables with ``conda env config vars set`` (``conda-meta/state``). What comes of all that is kept with the
final place of the environment in it, though it is found out in the place where the environment is being built.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from ..processes import run
from ..reports import Report

SECONDS_FOR_A_SCRIPT = 20.0
_WINDOWS_PATH = ["", "Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin"]
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
# What scripts may rely on; what else the one who makes an environment has set is none of an environment's business.
_KEPT = re.compile(
    r"HOME|USER|LOGNAME|LANG|LC_.*|TZ|TMPDIR|"
    r"(?i:SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|TEMP|TMP|USERNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|"
    r"LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*|COMMONPROGRAMFILES.*|NUMBER_OF_PROCESSORS|PROCESSOR_.*|OS)"
)
# The shell's own, those that Python sets when it starts, and what is of no use in a worker.
_NOT_TAKEN = re.compile(
    r"_|__.*|PWD|OLDPWD|SHLVL|PATH|PS\d|PROMPT|TERM|BASH|BASHOPTS|BASH_.*|LC_CTYPE|CONDA_SHLVL|CONDA_PROMPT_MODIFIER",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_()]*")
# conda's word for a variable that is not to be set after all.
_UNSET = "***unset***"
_UNSET_LINE = re.compile(r"^[ \t]*unset((?:[ \t]+[A-Za-z_]\w*)+)", re.MULTILINE)
_DUMP = "import os,sys;open(sys.argv[1],'wb').write(b'\\0'.join(os.fsencode(f'{n}={v}') for n,v in os.environ.items()))"
# Whatever the script does to the shell, "exit" included, its variables are written down at the end.
_SH = """trap '"$1" -I -S -c "$2" "$3"' EXIT
. "$4"
"""
_CMD = """@echo off
chcp 65001 >nul
call "%~1"
"%~2" -I -S "%~3" "%~4"
"""

_log = logging.getLogger(__name__)


class _TooLong(Exception):
    """A script does not end."""


def capture(prefix: Path, final: Path, report: Report) -> tuple[list[str], dict[str, str | None]]:
    """What activation does for the conda environment in ``prefix``, which will be moved to ``final``.

    A script that fails counts as far as it got, as with conda itself; one that does not end counts not at all. The log
    has it.

    Args:
        prefix: where the environment stands now.
        final: where it will stand, which is what the values say.
        report: told while scripts run; a cancel kills them.

    Returns:
        Folders of the prefix for the worker's PATH, relative and with slashes, and variables by name, None for one that
        is to be unset.
    """
    start = {**_clean(os.environ), **_places(prefix)}
    reached: Mapping[str, str] = {**start, **_declared(prefix)}
    for script in _scripts(prefix):
        report(report.fraction, f"Asking {script.name} for its variables")
        reached = _after(script, reached, report) or reached
    moved = _Moved(prefix, final)
    variables = {name: moved.text(value) for name, value in _changes(start, reached)}
    variables.update(dict.fromkeys(_unset_by(_scripts(prefix)) - reached.keys()))
    variables.update({name: moved.text(start[name]) for name in ("CONDA_PREFIX", "CONDA_DEFAULT_ENV")})
    return _folders(prefix, reached), dict(sorted(variables.items()))


def _unset_by(scripts: list[Path]) -> set[str]:
    """Variables that scripts name to unset them; what was never set here may well be set where a worker starts."""
    texts = [script.read_text(encoding="utf-8", errors="replace") for script in scripts]
    return {name for text in texts for names in _UNSET_LINE.findall(text) for name in names.split()}


def _clean(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if _KEPT.fullmatch(name)}


def _places(prefix: Path) -> dict[str, str]:
    system = os.environ.get("SYSTEMROOT", r"C:\Windows")
    rest = rf"{system}\System32;{system}" if sys.platform == "win32" else _SYSTEM_PATH
    path = os.pathsep.join([*(str(prefix / folder) for folder in _standard_path()), rest])
    return {"PATH": path, "CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": str(prefix), "CONDA_SHLVL": "1"}


def _standard_path() -> list[str]:
    return list(_WINDOWS_PATH) if sys.platform == "win32" else ["bin"]


def _scripts(prefix: Path) -> list[Path]:
    return sorted((prefix / "etc" / "conda" / "activate.d").glob("*.bat" if sys.platform == "win32" else "*.sh"))


def _declared(prefix: Path) -> dict[str, str]:
    """Variables of packages, and those of the user above them."""
    found: dict[str, str] = {}
    for file in sorted((prefix / "etc" / "conda" / "env_vars.d").glob("*.json")):
        found.update(_texts(file, lambda values: values))
    found.update(_texts(prefix / "conda-meta" / "state", lambda values: values.get("env_vars", {})))
    return {name: value for name, value in found.items() if value != _UNSET}


def _texts(file: Path, choose: Callable[[dict[str, object]], object]) -> dict[str, str]:
    try:
        chosen = choose(json.loads(file.read_text(encoding="utf-8")))
        if not isinstance(chosen, dict):
            raise ValueError("it holds no variables by name")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        _log.warning("%s is passed over: %s", file.name, error)
        return {}
    return {str(name): str(value) for name, value in chosen.items() if _NAME.fullmatch(str(name))}


def _after(script: Path, before: Mapping[str, str], report: Report) -> dict[str, str] | None:
    """The environment after a script, None when it did not end."""
    end = time.monotonic() + SECONDS_FOR_A_SCRIPT

    def wait() -> None:
        if time.monotonic() > end:
            raise _TooLong
        report.again()

    with tempfile.TemporaryDirectory(prefix="alcove-") as folder:
        result = Path(folder) / "variables"
        try:
            finished = run(
                _command(script, result, Path(folder)),
                environment=dict(before),
                directory=Path(folder),
                on_line=lambda line: wait(),
                on_wait=wait,
                merged=True,
            )
        except _TooLong:
            _log.warning("%s did not end within %.0f s; what it sets is missing", script.name, SECONDS_FOR_A_SCRIPT)
            return None
        if finished.code != 0:
            said = finished.log[-1] if finished.log else "it said nothing"
            _log.warning("%s ended with exit code %d: %s", script.name, finished.code, said)
        return _read(result)


def _command(script: Path, result: Path, folder: Path) -> list[str]:
    if sys.platform == "win32":
        batch, dump = folder / "run.bat", folder / "dump.py"
        batch.write_text(_CMD, encoding="utf-8")
        dump.write_text(_DUMP, encoding="utf-8")
        arguments = [str(batch), str(script), sys.executable, str(dump), str(result)]
        return [os.environ.get("COMSPEC", "cmd.exe"), "/d", "/c", *arguments]
    # The scripts of some packages need bash, though they are called *.sh.
    shell = shutil.which("bash", path=_SYSTEM_PATH)
    options = ["--noprofile", "--norc"] if shell else []
    return [shell or "/bin/sh", *options, "-c", _SH, "sh", sys.executable, _DUMP, str(result), str(script)]


def _read(result: Path) -> dict[str, str] | None:
    try:
        content = result.read_bytes()
    except FileNotFoundError:
        return None
    pairs = (os.fsdecode(pair).partition("=") for pair in content.split(b"\0") if pair)
    return {name: value for name, _, value in pairs if name}


def _changes(start: Mapping[str, str], reached: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    for name in start.keys() | reached.keys():
        value = reached.get(name)
        if _NOT_TAKEN.fullmatch(name) or not _NAME.fullmatch(name) or value == start.get(name):
            continue
        if value is not None and not _is_text(value):
            _log.warning("the value of %s is no text and passed over", name)
            continue
        yield name, value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _folders(prefix: Path, reached: Mapping[str, str]) -> list[str]:
    """The folders of the prefix in a PATH, those that scripts put in front included."""
    found: list[str] = []
    for entry in reached.get("PATH", "").split(os.pathsep):
        for own in (prefix, prefix.resolve()):
            # An empty entry would be the working directory.
            if entry and Path(entry).is_relative_to(own):
                relative = Path(entry).relative_to(own).as_posix()
                found.append("" if relative == "." else relative)
                break
    found += _standard_path()  # whatever a script did to PATH, the environment's programs must be found
    return list(dict.fromkeys(found))


class _Moved:
    """Replaces the place where an environment is built by the one where it will be."""

    def __init__(self, prefix: Path, final: Path) -> None:
        forms: dict[str, str] = {}
        for old in dict.fromkeys([str(prefix), str(prefix.resolve())]):
            for change in (str, lambda path: path.replace("\\", "/"), lambda path: quote(path.replace("\\", "/"))):
                forms.setdefault(change(old), change(str(final)))
        # The longest first: one form may begin with another.
        self._forms = dict(sorted(forms.items(), key=lambda form: -len(form[0])))

    def text(self, value: str | None) -> str | None:
        for old, new in self._forms.items():
            value = None if value is None else value.replace(old, new)
        return value
