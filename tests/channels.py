"""The conda channel of the Python tests, for tests of the whole program."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "python-worker" / "tests" / "environments"))

from channel_server import ChannelServer
from conda_channel import URL, Channel

__all__ = ["URL", "Channel", "ChannelServer", "mirrored"]


def mirrored(server: ChannelServer) -> dict[str, str]:
    """The variables with which the program finds the channel where it looks for conda-forge."""
    return {"ALCOVE_SETTINGS": "", "ALCOVE_MIRRORS": f"{URL}={server.url}"}
