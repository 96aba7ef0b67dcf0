"""What both benchmarks need: a data directory of their own, a conda channel and a package index on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).resolve().parents[2]
_TESTS = HOME / "python-worker" / "tests" / "environments"
sys.path[:0] = [str(HOME / "python-worker" / "src"), str(_TESTS)]

from channel_server import ChannelServer  # noqa: E402
from conda_channel import TWENTY, URL, Channel  # noqa: E402
from package_index import PackageIndex  # noqa: E402

CONDA = f"[tool.alcove]\nconda = {TWENTY!r}\n".replace("'", '"')
"""A header that asks for twenty conda packages: Python, what it needs, and numpy."""
WHEELS = [f"package{number:02}" for number in range(20)]
PYPI = f"dependencies = {WHEELS!r}\n".replace("'", '"')
"""A header that asks for twenty wheels."""
_MODULES = 20


class Setting(NamedTuple):
    """Where a benchmark takes place."""

    folder: Path
    channel: ChannelServer
    index: PackageIndex

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"


@contextlib.contextmanager
def setting() -> Iterator[Setting]:
    """Serves packages, and sets this process's variables so that they are found; nothing of the machine's own holds."""
    folder = Path(tempfile.mkdtemp(prefix="alcove-benchmark-"))
    made = Setting(folder, ChannelServer(Channel.built().directory), PackageIndex())
    code = "".join(f"def function_{number}(x):\n    return x + {number}\n" for number in range(50))
    for name in WHEELS:
        modules = {f"{name}_modules/module_{number}.py": code for number in range(_MODULES)}
        made.index.add(name, files=modules)
    for name in list(os.environ):
        if name.startswith(("ALCOVE_", "UV_", "CONDA_", "RATTLER_", "MAMBA_")) or name.upper().endswith("_PROXY"):
            del os.environ[name]
    os.environ |= {
        "ALCOVE_DATA_DIR": str(made.data),
        "ALCOVE_SETTINGS": "",
        "ALCOVE_MIRRORS": f"{URL}={made.channel.url}",
        "UV_DEFAULT_INDEX": made.index.url,
        "UV_NO_CONFIG": "1",
    }
    try:
        yield made
    finally:
        made.channel.stop()
        made.index.close()
        shutil.rmtree(folder)


def specification(name: str, engine: str, text: str) -> dict[str, str]:
    """What ``alcove.environments.create`` takes."""
    return {"name": name, "engine": engine, "format": "script", "text": text, "variant": "auto", "source": ""}
