"""Calling uv: with the user's settings for it, a cache of its own, and its failures explained."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import uv

from .. import caches
from ..context import Context
from ..failures import failure
from ..networking.network import Network
from ..processes import Finished, run
from ..reports import Report
from ..specification import Specification
from .uv_messages import explain

# What would contradict how uv is called here, or weaken it. The user's other settings (mirrors, certificates) hold.
_DROPPED = re.compile(
    r"PYTHON.*|VIRTUAL_ENV.*|CONDA.*|"
    r"UV_(PYTHON|SYSTEM_PYTHON|MANAGED_PYTHON|NO_MANAGED_PYTHON|NO_VERIFY_HASHES|LOCKED|FROZEN|PROJECT|WORKING_DIR|"
    r"PROJECT_ENVIRONMENT|VENV_CLEAR|VENV_SEED|COMPILE_BYTECODE)"
)


class Uv:
    """uv, for one specification."""

    def __init__(self, specification: Specification, context: Context) -> None:
        self._specification = specification
        self._context = context
        network = Network(context.settings, context.offline)
        self.settings: dict[str, Any] = network.mirrored_settings(specification.wanted.uv)
        """The specification's ``[tool.uv]``, with mirrors in the places of what they stand for."""
        self.environment = variables(context, self.settings.get("index", ()))
        """All of its environment variables."""

    def run(
        self,
        arguments: list[str],
        work: Path,
        doing: str,
        report: Report,
        on_line: Callable[[str], None] | None = None,
        download_bytes: int = 0,
    ) -> Finished:
        """Runs it to its end.

        Args:
            arguments: command and options.
            work: its working directory.
            doing: what this is for, "resolving dependencies"; for messages.
            report: told whenever something happens or nothing does, which is also where a cancel is noticed.
            on_line: called with each line of its stderr instead.
            download_bytes: how much there is to download, for messages; 0 for unknown.

        Raises:
            OpError: what uv says, as a failure with a cause.
        """
        context = self._context
        command = [executable(), *arguments, "--color", "never", *(["--offline"] if context.offline else [])]
        finished = run(
            command,
            environment=self.environment,
            directory=work,
            on_line=on_line or (lambda line: report.again()),
            on_wait=report.again,
        )
        if finished.code != 0:
            raise explain(finished, doing, self._specification, context, download_bytes)
        return finished


def executable() -> str:
    """The toolbox's uv."""
    try:
        return uv.find_uv_bin()
    except FileNotFoundError as error:
        hint = "Delete the toolbox folder, and it will be made anew"
        raise failure("toolbox", "The toolbox is damaged: uv is missing from it", hint) from error


def variables(context: Context, indexes: Iterable[Any] = ()) -> dict[str, str]:
    """The environment variables that uv runs with: the user's but those that steer it elsewhere, and the settings'.

    Args:
        context: names the folders.
        indexes: entries of ``[tool.uv.index]``, for their passwords.
    """
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    kept.setdefault("UV_PYTHON_INSTALL_DIR", str(caches.pythons(context.directory)))
    kept["UV_CACHE_DIR"] = str(caches.uv(context.directory, context.settings))
    return Network(context.settings, context.offline).uv_environment(kept, indexes)


def with_login(url: str, indexes: Iterable[Any], environment: Mapping[str, str]) -> str:
    """The address of a file with the name and password that uv would use for it.

    Args:
        url: where the file is.
        indexes: entries of ``[tool.uv.index]``.
        environment: from ``variables``, with those of the named indexes.
    """
    parts = urlsplit(url)
    for index in (each for each in indexes if isinstance(each, dict)):
        stem = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", str(index.get("name", "")).upper())
        user, password = (environment.get(f"{stem}_{what}", "") for what in ("USERNAME", "PASSWORD"))
        if user and urlsplit(str(index.get("url", "")))[:2] == parts[:2]:
            login = f"{quote(user, safe='')}:{quote(password, safe='')}"
            return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()
    return url
