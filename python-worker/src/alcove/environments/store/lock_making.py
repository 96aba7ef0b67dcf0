"""Lock files for users to keep: of any specification, for several platforms at once."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from platform import python_version
from typing import Any

from ..choosing import engine_for
from ..context import Context
from ..failures import failure
from ..locks import conda_locks, lock_reading, pylocks
from ..locks.pylocks import Pylock, Target
from ..machine import PLATFORMS
from ..reports import Report
from ..specification import Specification


def lock(specification: Specification, context: Context, platforms: Sequence[str], report: Report) -> dict[str, Any]:
    """Decides on all packages for several platforms; see ``alcove.environments.lock``."""
    wanted = tuple(dict.fromkeys(platforms or specification.wanted.platforms or (context.machine.platform,)))
    unknown = [platform for platform in wanted if platform not in PLATFORMS]
    if unknown:
        raise failure(
            "spec_invalid",
            f"There is no platform {', '.join(repr(platform) for platform in unknown)}",
            "Known: " + ", ".join(PLATFORMS),
        )
    file_name, text = _locked(specification, context, wanted, report)
    counts = {platform: _count(text, file_name, platform) for platform in wanted}
    report(1.0, f"Locked {specification.file} for {', '.join(wanted)}")
    return {"file_name": file_name, "text": text, "platforms": list(wanted), "packages": counts}


def _locked(
    specification: Specification, context: Context, platforms: Sequence[str], report: Report
) -> tuple[str, str]:
    """What the lock file is called, and its text."""
    given = specification.wanted.lock
    if given is not None and given.format != pylocks.FILE_NAME:
        return conda_locks.FILE_NAME, lock_reading.read(given.text, given.format, specification).part(*platforms).text
    engine = engine_for(specification, context)
    with tempfile.TemporaryDirectory(prefix="alcove-lock-") as folder:
        text = engine.lock_for(platforms, Path(folder), report)
    return (pylocks.FILE_NAME if engine.name == "uv" else conda_locks.FILE_NAME), text


def _count(text: str, file_name: str, platform: str) -> int:
    """How many packages a lock holds for a platform."""
    if file_name == conda_locks.FILE_NAME:
        found = lock_reading.read(text, conda_locks.FILE_NAME)
        return sum(package.platform == platform for package in found.packages)
    return len(Pylock(text).packages(Target(platform, python_version())))
