"""How environments come, change and go, whatever engine makes them."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from alcove import OpError

from ..choosing import engine_for
from ..context import Context
from ..failures import failure
from ..reports import Report
from ..specification import Specification, check_name
from .building import build
from .folders import Folder, Marked, delete_hidden
from .markers import Marker
from .references import Reference

_SHARED_FOLDERS = "ALCOVE_ENVIRONMENTS_PATH"


class Store:
    """The environments in one folder, and those of folders that others keep, which are only read."""

    def __init__(self, context: Context, report: Report) -> None:
        self.context = context
        self.directory = context.directory.absolute()
        self.report = report

    @property
    def folders(self) -> list[Folder]:
        """The folders of one's own environments, by name."""
        return _folders(self.directory)

    @property
    def shared_folders(self) -> list[Folder]:
        """Those of the central directories, in the order in which they are looked at."""
        named = os.environ.get(_SHARED_FOLDERS, "").split(os.pathsep)
        places = [Path(place).absolute() for place in named if place]
        return [folder for place in places if place != self.directory for folder in _folders(place)]

    def folder(self, name: str) -> Folder:
        """One's own folder of that name, there or not."""
        return Folder(self.directory / check_name(name))

    def found(self, name: str) -> Folder:
        """The folder of that name, one's own before those of others; where it holds a reference, what that refers to.

        Raises:
            OpError: ``not_found``.
        """
        for folder in self._candidates(check_name(name)):
            reference = None if folder.prefixes else Reference.read(folder)
            if reference is not None:
                return self.found(reference.environment)
            if folder.prefixes and not folder.is_abandoned:
                return folder
        raise self.not_found(name)

    def own(self, name: str) -> Folder:
        """Like ``found``, for changing it.

        Raises:
            OpError: ``not_found``; ``permission`` for an environment of others.
        """
        folder = self.found(name)
        if folder.path.parent != self.directory:
            raise failure(
                "permission",
                f"The environment {name!r} is a shared one in {folder.path.parent}, which is only read",
                "Whoever keeps it can change it; to have one of your own, create it under another name",
            )
        return folder

    def create(self, specification: Specification) -> dict[str, Any]:
        """Makes an environment unless one of the same content is there; see ``alcove.environments.create``."""
        wanted, reference = self.referred(specification)
        self.report(0.0, f"Looking for the environment of {wanted.file}")
        ready = self._ready(wanted)
        # Most often it is there: no lock, no waiting for somebody who builds another version of it.
        answer = self._made(wanted) if ready is None else result(ready, False)
        if reference is not None:
            reference.write(self.folder(specification.name))
        self._clear_superseded(self.folder(wanted.name), wanted)
        self.report(1.0, "Ready")
        return answer

    def referred(self, specification: Specification) -> tuple[Specification, Reference | None]:
        """The specification of the environment to use, and where its name stands when it is a shared file's."""
        reference = Reference.to(specification)
        if reference is None:
            return specification, None
        known = Reference.read(self.folder(specification.name))
        if known is not None and known.sha256 == reference.sha256 and self.folder(known.environment).prefixes:
            reference = dataclasses.replace(reference, environment=known.environment)  # it was renamed
        return reference.referred(specification), reference

    def _made(self, specification: Specification) -> dict[str, Any]:
        folder = self.folder(specification.name)
        with folder.locked(self.report):
            ready = self._ready(specification)
            if ready is not None:
                return result(ready, False)
            engine = engine_for(specification, self.context)
            built = build(folder, specification, engine, self.report)
            assert built is not None
            return result(Marked(built.prefix, built.marker), built.created)

    def _clear_superseded(self, folder: Folder, specification: Specification) -> None:
        """Removes what an update replaced while a worker lived in it, if the worker has gone."""
        prefixes = folder.prefixes
        if len(prefixes) < 2 or not os.access(folder.path, os.W_OK):
            return
        with folder.locked_if_free() as free:
            if free:
                content = folder.content
                older = [
                    prefix for prefix in prefixes if prefix.name != content and _is_superseded(prefix, specification)
                ]
                hidden, _ = folder.hide_unused(older)
                delete_hidden(hidden, self.report)

    def _ready(self, specification: Specification) -> Marked | None:
        for folder in self._candidates(specification.name):
            ready = folder.current
            if ready is not None and ready.marker.is_for(specification):
                return ready
        return None

    def _candidates(self, name: str) -> list[Folder]:
        return [self.folder(name), *(folder for folder in self.shared_folders if folder.name == name)]

    def damaged(self, name: str, problem: str) -> OpError:
        """The failure of what needs an environment that is whole."""
        return failure(
            "damaged",
            f"The environment {name!r} is damaged: {problem}",
            "Repair it, or remove it; then it is made anew when it is needed",
        )

    def not_found(self, name: str) -> OpError:
        """The failure, with the names that are known."""
        known = sorted(
            {
                folder.name
                for folder in [*self.folders, *self.shared_folders]
                if folder.prefixes and not folder.is_abandoned
            }
        )
        hint = "Known: " + ", ".join(known) if known else f"There are none in {self.directory}"
        return failure("not_found", f"There is no environment {name!r}", hint, known=known)


def result(ready: Marked, created: bool) -> dict[str, Any]:
    """What ``create`` answers."""
    prefix, marker = ready
    return {
        "name": prefix.parent.name,
        "hash": marker.hash,
        "directory": str(prefix),
        "python": str(prefix / marker.python),
        "engine": marker.engine,
        "created": created,
        "packages": marker.package_count,
        "variant": marker.variant,
    }


def _is_superseded(prefix: Path, specification: Specification) -> bool:
    """Whether nobody will ask for it again: an older answer to the same question, or none at all."""
    marker = Marker.read(prefix)
    return marker is None or marker.is_for(specification)


def _folders(directory: Path) -> list[Folder]:
    try:
        paths = sorted(directory.iterdir())
    except OSError:
        return []  # not there, or, when it is that of others, not for us
    return [Folder(path) for path in paths if os.path.isdir(path) and not path.name.startswith(".")]
