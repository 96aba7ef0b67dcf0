"""What each setting is called, and how its value is read: from TOML, and from a variable's text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class WrongValue(Exception):
    """A value of the wrong type; the text says what it must be."""


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str):
        raise WrongValue("a text")
    return value


def _texts(value: Any, folder: Path) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise WrongValue("a list of texts")
    return tuple(value)


def _path(value: Any, folder: Path) -> Path:
    """A path; one that is not absolute lies beside the file that names it."""
    return folder / Path(_text(value, folder)).expanduser()


def _paths(value: Any, folder: Path) -> tuple[Path, ...]:
    return tuple(_path(each, folder) for each in _texts(value, folder))


def _number(value: Any, _: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise WrongValue("a whole number")
    return value


def _positive(value: Any, folder: Path) -> int:
    if _number(value, folder) == 0:
        raise WrongValue("a whole number above 0")
    return int(value)


def _truth(value: Any, _: Path) -> bool:
    if not isinstance(value, bool):
        raise WrongValue("true or false")
    return value


_ENGINES = ("rattler", "micromamba")


def _engine(value: Any, _: Path) -> str:
    if value not in _ENGINES:
        raise WrongValue('"rattler" or "micromamba"')
    return str(value)


def _url(value: Any, folder: Path) -> str:
    if not re.match(r"[a-z][a-z0-9+.-]*://[^/\s]*\S*$", _text(value, folder), re.IGNORECASE):
        raise WrongValue("a URL")
    return str(value)


def _urls(value: Any, folder: Path) -> tuple[str, ...]:
    return tuple(_url(each, folder) for each in _texts(value, folder))


def _proxy(value: Any, folder: Path) -> str:
    """A proxy's URL; curl and its followers also take one without its scheme."""
    if value == "":
        return ""
    text = _text(value, folder)
    url = _url(text if "://" in text else f"http://{text}", folder)
    if not re.match(r"(https?|socks[45]h?a?)://[^/]", url, re.IGNORECASE):
        raise WrongValue("the URL of a proxy")
    return url


def _certificates(value: Any, folder: Path) -> str:
    return "system" if value == "system" else str(_path(value, folder))


def _mirrors(value: Any, folder: Path) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise WrongValue("a table from URLs to lists of URLs")
    for mirror in (mirror for mirrors in value.values() for mirror in _urls(mirrors, folder)):
        if not mirror.startswith(("http://", "https://")):
            raise WrongValue("a table from URLs to lists of URLs that begin with http")
    return {_url(url, folder).rstrip("/"): _urls(mirrors, folder) for url, mirrors in value.items() if mirrors}


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _folders(text: str) -> list[str]:
    return [folder for folder in text.split(os.pathsep) if folder]


def _number_in(text: str) -> int:
    if not re.fullmatch(r"\s*\d+\s*", text):
        raise WrongValue("a whole number")
    return int(text)


def _truth_in(text: str) -> bool:
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.strip().lower() not in known:
        raise WrongValue("true or false")
    return known[text.strip().lower()]


def _pairs(text: str) -> dict[str, list[str]]:
    """Mirrors in a variable: ``URL=MIRROR URL=MIRROR``, the same URL as often as it has mirrors."""
    mirrors: dict[str, list[str]] = {}
    for pair in text.split():
        url, found, mirror = pair.partition("=")
        if not found:
            raise WrongValue("pairs URL=MIRROR with blanks between them")
        mirrors.setdefault(url, []).append(mirror)
    return mirrors


def _same(text: str) -> str:
    return text


def text_of(value: Any, parse: Callable[[str], Any]) -> str:
    """A value as its variable would have it; "" for none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return " ".join(f"{url}={mirror}" for url, mirrors in value.items() for mirror in mirrors)
    if isinstance(value, tuple | list):
        return (os.pathsep if parse is _folders else ", ").join(str(each) for each in value)
    return "" if value is None else str(value)


class Kind(NamedTuple):
    """How a setting is read."""

    description: str
    example: str
    check: Callable[[Any, Path], Any]
    parse: Callable[[str], Any] = _same
    """Makes of a variable's text what TOML would give."""
    variables: tuple[str, ...] = ()
    """Variables of the field that say the same, the strongest first."""
    empty_counts: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """All that its variable's text may be; nothing when that cannot be listed."""
        if self.check is _truth:
            return ("true", "false")
        return _ENGINES if self.check is _engine else ()

    def from_toml(self, value: Any, folder: Path) -> Any:
        return self.check(value, folder)

    def from_text(self, text: str) -> Any:
        return self.check(self.parse(text), Path.cwd())


PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
KEYS = {
    "conda-engine": Kind("what installs conda packages", 'conda-engine = "rattler"', _engine),
    "micromamba": Kind("the micromamba executable to use", 'micromamba = "/opt/bin/micromamba"', _path),
    "channels": Kind("conda channels when none is named", 'channels = ["conda-forge"]', _texts, _words),
    "allowed-channels": Kind(
        'conda channels that may be used; "*" is every one but Anaconda\'s own',
        'allowed-channels = ["conda-forge"]',
        _texts,
        _words,
    ),
    "mirrors": Kind(
        "where to look instead of a channel or index",
        '[mirrors] and below "https://conda.anaconda.org/conda-forge" = ["https://conda.example.org/conda-forge"]',
        _mirrors,
        _pairs,
    ),
    "index": Kind(
        "package index instead of the public one",
        'index = "https://packages.example.org/simple"',
        _url,
        variables=("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    ),
    "extra-indexes": Kind(
        "further package indexes",
        'extra-indexes = ["https://packages.example.org/simple"]',
        _urls,
        _words,
        ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    ),
    "proxy": Kind(
        "proxy for all downloads; empty for none at all",
        'proxy = "http://proxy.example.org:3128"',
        _proxy,
        variables=PROXIES,
        empty_counts=True,
    ),
    "no-proxy": Kind(
        "hosts and domains that need no proxy",
        'no-proxy = ["localhost", ".example.org"]',
        _texts,
        _words,
        ("NO_PROXY", "no_proxy"),
        empty_counts=True,
    ),
    "certificates": Kind(
        'trusted authorities: "system", or a PEM file',
        'certificates = "/etc/ssl/company.pem"',
        _certificates,
        variables=("SSL_CERT_FILE",),
    ),
    "authentication-file": Kind(
        "passwords and tokens by host, in rattler's format",
        'authentication-file = "credentials.json"',
        _path,
        variables=("RATTLER_AUTH_FILE",),
    ),
    "package-caches": Kind(
        "folders of unpacked conda packages; downloads go into the first that is writable",
        'package-caches = ["/shared/alcove/packages"]',
        _paths,
        _folders,
    ),
    "uv-cache": Kind("uv's cache", 'uv-cache = "/scratch/uv"', _path, variables=("UV_CACHE_DIR",)),
    "concurrent-downloads": Kind(
        "downloads at the same time", "concurrent-downloads = 20", _positive, _number_in, ("UV_CONCURRENT_DOWNLOADS",)
    ),
    "timeout": Kind(
        "seconds without data until a server counts as gone",
        "timeout = 30",
        _positive,
        _number_in,
        ("UV_HTTP_TIMEOUT",),
    ),
    "retries": Kind("repetitions of a failed download", "retries = 3", _number, _number_in, ("UV_HTTP_RETRIES",)),
    "offline": Kind("use only what is on this machine", "offline = true", _truth, _truth_in, ("UV_OFFLINE",)),
}
