"""The folder of one environment: what lies where, and how things come and go in it.

    <name>/.lock              held while somebody builds or removes
    <name>/current            the hash of the environment to use; "none" when all that is there is old
    <name>/reference.json     instead: which shared environment to use
    <name>/<hash>/            the prefix, never changed once it is there
    <name>/<hash>/alcove.json the marker: what this is; written last
    <name>/<hash>/.in-use     workers hold a shared lock on it
    <name>/.staging-*         being built      \\ whoever holds the lock
    <name>/.removing-*        being deleted    / may delete those of others

A prefix appears under its hash by one rename, complete and marked. Staging belongs to whoever holds the lock, so any
that a new holder of the lock finds was left by one that died.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from alcove import Cancelled, OpError

from .. import disk
from ..failures import failure
from ..reports import Report
from .locking import exclusive, free, unused
from .markers import Marker

_STAGING = ".staging-"
_REMOVING = ".removing-"
_CURRENT = "current"
_LOCK = ".lock"
_NONE = "none"
_HASH = re.compile("[0-9a-f]+")
_SECONDS_FOR_CLEARING_UP = 0.6


class Marked(NamedTuple):
    """A prefix with a marker, so it is complete."""

    prefix: Path
    marker: Marker

    @property
    def works(self) -> bool:
        """Whether the Python under it is still there."""
        return self.marker.works_in(self.prefix)


class Folder:
    """The folder of one environment, of which there may be several versions."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """What the environment is called."""
        return self.path.name

    @property
    def content(self) -> str:
        """The hash of the environment to use, "" when there is none."""
        content = self._content
        return content if _HASH.fullmatch(content) else ""

    @property
    def _content(self) -> str:
        try:
            return (self.path / _CURRENT).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return ""

    @property
    def marked(self) -> Marked | None:
        """The environment to use, if its marker is there."""
        content = self.content
        marker = Marker.read(self.path / content) if content else None
        return None if marker is None else Marked(self.path / content, marker)

    @property
    def current(self) -> Marked | None:
        """The environment to use, if it works."""
        marked = self.marked
        return marked if marked is not None and marked.works else None

    @property
    def prefixes(self) -> list[Path]:
        """All versions, whole or not."""
        try:
            return sorted(path for path in self.path.iterdir() if _HASH.fullmatch(path.name) and os.path.isdir(path))
        except OSError:  # somebody removed it meanwhile, or it is that of others and not for us
            return []

    @property
    def leftovers(self) -> list[Path]:
        """What processes left that died; in use as long as another holds the lock."""
        patterns = (_STAGING + "*", _REMOVING + "*", f".{_CURRENT}-*", ".reference.json-*")
        return sorted(path for pattern in patterns for path in self.path.glob(pattern))

    @contextlib.contextmanager
    def locked(self, report: Report) -> Iterator[int]:
        """Holds the lock, waiting for it; gives the bytes that clearing up after dead processes freed."""

        def wait() -> None:
            report(0.0, "Another process is building this environment; waiting")

        with exclusive(self.path / _LOCK, wait):
            try:
                yield self.clear(report)
            finally:
                self._delete_if_empty()

    @contextlib.contextmanager
    def locked_if_free(self) -> Iterator[bool]:
        """Holds the lock unless another does, then gives false."""
        with free(self.path / _LOCK) as got:
            try:
                yield got
            finally:
                if got:
                    self._delete_if_empty()

    def clear(self, report: Report) -> int:
        """Deletes what dead processes left; the caller holds the lock. Returns the bytes freed."""
        freed = 0
        for left in self.leftovers:
            if left.is_dir():
                freed += disk.Links(report.again).take([left])
                disk.delete(left, report.again)
            else:
                left.unlink()
        return freed

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A new folder to build in, gone afterwards, or at the latest when the lock is taken the next time."""
        staging = self.path / (_STAGING + secrets.token_hex(4))
        staging.mkdir()
        try:
            yield staging
        except Cancelled:
            # Whoever cancels wants it within a second, however much there is to delete.
            disk.delete_within(staging, _SECONDS_FOR_CLEARING_UP)
            raise
        except BaseException:
            disk.delete(staging)
            raise
        disk.delete(staging)

    def switch(self, content: str) -> None:
        """Makes this version the one to use."""
        disk.write(self.path / _CURRENT, content + "\n")

    def prepare_switch(self, staging: Path, content: str) -> Callable[[], None]:
        """Like ``switch``, once what it returns is called; that takes no more room on the disk."""
        disk.write(staging / _CURRENT, content + "\n")
        return lambda: disk.move(staging / _CURRENT, self.path / _CURRENT)

    def abandon(self) -> None:
        """Says that no version is to be used any more: what is still there only waits for its workers' end."""
        self.switch(_NONE)

    @property
    def is_abandoned(self) -> bool:
        """Whether there is nothing here for anybody to find."""
        return self._content == _NONE

    def forget_lock(self) -> None:
        """For a lock file that came here from another folder, held under that one's name."""
        (self.path / _LOCK).unlink(missing_ok=True)

    def hide(self, prefixes: list[Path]) -> list[Path]:
        """Takes prefixes that no worker uses out of sight, all or none; returns where they are now, to be deleted.

        Raises:
            OpError: ``in_use``.
        """
        with unused(prefixes) as unused_now:
            if not unused_now:
                raise self._in_use()
            return [self._hidden(prefix) for prefix in prefixes]

    def hide_unused(self, prefixes: Iterable[Path]) -> tuple[list[Path], bool]:
        """Hides those that no worker uses; also says whether any had to stay."""
        hidden, kept = [], False
        for prefix in prefixes:
            try:
                hidden += self.hide([prefix])
            except OpError:
                kept = True
        return hidden, kept

    def check_unused(self, prefixes: list[Path]) -> None:
        """Looks whether a worker lives in one of the prefixes.

        Raises:
            OpError: ``in_use``.
        """
        with unused(prefixes) as unused_now:
            if not unused_now:
                raise self._in_use()

    def _hidden(self, prefix: Path) -> Path:
        hidden = prefix.with_name(_REMOVING + secrets.token_hex(4))
        try:
            disk.move(prefix, hidden)
        except PermissionError:
            if os.name != "nt":
                raise
            raise self._in_use() from None  # somebody has a file in it open
        return hidden

    def _in_use(self) -> OpError:
        return failure(
            "in_use",
            f"The environment {self.name!r} is in use",
            "Close the programs that run ops in it, then try again",
        )

    def _delete_if_empty(self) -> None:
        """Deletes what is left of the folder, the lock file that the caller holds included, when nothing is in it.

        Who waits for that lock notices (``locking.exclusive``) and starts anew. Windows cannot delete an open file and
        keeps the empty folder, which does no harm.
        """
        if self.prefixes or self.leftovers or (self.path / "reference.json").exists():
            return
        with contextlib.suppress(OSError):
            (self.path / _CURRENT).unlink(missing_ok=True)
            (self.path / _LOCK).unlink(missing_ok=True)
            self.path.rmdir()


def delete_hidden(hidden: list[Path], report: Report) -> int:
    """Deletes what was hidden and returns the bytes freed; a cancel leaves the rest to the next holder of the lock."""
    freed = disk.Links(report.again).take(hidden)
    for path in hidden:
        disk.delete(path, report.again)
    return freed


def caches_lock(directory: Path) -> Path:
    """The lock that everybody shares who installs from caches, and that whoever clears them wants alone.

    Args:
        directory: the folder that holds all environments.
    """
    return directory.absolute().parent / "cache" / ".lock"
