"""Passwords and tokens, kept out of what people and files get to see."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

MASK = "***"
_USER = re.compile(r"(?<=://)[^/@\s\"'`]+@")
_TOKEN = re.compile(r"(?<=/t/)[^/\s\"'`]+(?=/)")


class Credentials(NamedTuple):
    """What a URL tells of who asks."""

    host: str
    user: str
    password: str
    token: str
    """conda's: from a path that begins with ``/t/<token>/``."""

    @property
    def secret(self) -> str:
        """What must not be seen; "" when there is nothing."""
        # A user without a password is one of those tokens that stand for both.
        return self.token or self.password or self.user


def split(url: str) -> tuple[str, Credentials]:
    """A URL without its secrets, and those."""
    parts = urlsplit(url)
    token = re.match(r"/t/([^/]+)(?=/)", parts.path)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path[token.end() :] if token else parts.path
    credentials = Credentials(
        parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or ""), token[1] if token else ""
    )
    return parts._replace(netloc=host, path=path).geturl(), credentials


def plain(url: str) -> str:
    """A URL without its secrets; what is none, the name of a channel, say, as it is."""
    return split(url)[0] if "://" in url else url


def secret_places(text: str) -> list[int]:
    """Where in a text passwords and tokens of URLs stand; variables in their place, and Git's own user, are none."""
    found = [*_USER.finditer(text), *_TOKEN.finditer(text)]
    return sorted(match.start() for match in found if not re.match(r"[$<{*]|git@", match[0]))


def without_secrets(text: str) -> str:
    """The text with the passwords and tokens of its URLs masked."""
    return _TOKEN.sub(MASK, _USER.sub(MASK + "@", text))
