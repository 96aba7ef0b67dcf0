"""Which conda channels may be used: those that the settings allow, and Anaconda's own only when named there.

Anaconda's terms ask organisations of more than 200 people to pay for its own channels; conda-forge is free for all.
Their users often do not know that they use them, so that they must be asked for twice: by the environment, and by a
setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from ..failures import failure
from ..locks.locked import public_url
from ..networking.masking import plain
from ..networking.settings import Settings

DEFAULT = "conda-forge"
_SERVER = "https://conda.anaconda.org"
_EVERY = "*"
# Channels whose packages Anaconda's terms of service are about, by the names they have on the servers that carry them.
_COMMERCIAL = ("defaults", "anaconda", "main", "r", "msys2")
_COMMERCIAL_HOSTS = ("repo.anaconda.com", "repo.continuum.io")
_SERVERS = ("conda.anaconda.org", "anaconda.org", "conda-static.anaconda.org")
_WHY = (
    "Anaconda's terms ask larger organisations, universities and institutes too, to pay for its channels; conda-forge "
    "has nearly all of their packages and is free"
)


def resolve(channels: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """The URLs of the channels that an environment asks for, each checked; the settings' own when it asks for none.

    Raises:
        OpError: ``channel_refused`` or ``spec_invalid``.
    """
    # The network knows the passwords of the settings' channels; locks and prefixes, which repeat the URLs, must not.
    usual = tuple(plain(channel) for channel in settings.channels)
    asked = [channel for channel in tuple(channels) or usual or (DEFAULT,) if channel != "nodefaults"]
    urls: dict[str, str] = {}
    for channel in asked:
        urls.setdefault(_url(channel), channel)
    for url, name in urls.items():
        check(url, settings, name)
    return tuple(urls)


def check(url: str, settings: Settings, name: str = "") -> None:
    """Refuses a channel that may not be used.

    Args:
        url: of the channel.
        settings: with the channels that are allowed.
        name: as the user wrote it.

    Raises:
        OpError: ``channel_refused``.
    """
    shown = public_url(name or url)
    allowed = settings.allowed_channels
    for mirror in _mirrors(url, settings):
        _check_not_commercial(mirror, settings, f"{mirror}, the mirror of {shown},")
    if _names(url, allowed):
        return
    _check_not_commercial(url, settings, f"The channel {shown!r}")
    if _EVERY not in allowed:
        raise failure(
            "channel_refused",
            f"The channel {shown!r} is not among those that may be used here: {', '.join(allowed) or 'none'}",
            f"Use one of them, or ask whoever looks after this computer to add it: allowed-channels{_where(settings)}",
            channel=public_url(url),
        )


def check_records(origins: Iterable[tuple[str, str, str]], channels: Iterable[str], settings: Settings) -> None:
    """Refuses packages that lie under no allowed channel, or whose content nothing pins.

    Args:
        origins: name, URL and SHA-256 (hexadecimal) of each package.
        channels: URLs that the packages must lie under; none for any that may be used.
        settings: with the channels that are allowed.

    Raises:
        OpError: ``channel_refused``.
    """
    allowed = tuple(channel.rstrip("/") + "/" for channel in channels)
    checked: set[str] = set()
    for name, url, sha256 in origins:
        channel = public_url(url).rsplit("/", 2)[0]
        if allowed and not public_url(url).startswith(allowed):
            raise failure(
                "channel_refused",
                f"{name} would come from {channel}, which is none of the channels asked for",
                "Add that channel if it is meant; else the channel asked for is not to be trusted",
                channel=channel,
                package=name,
            )
        if channel not in checked:
            check(channel, settings)
            checked.add(channel)
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise failure(
                "channel_refused",
                f"The SHA-256 of {name} is not known, so that nobody could tell a changed package from the right one",
                "Use a channel that names it for each package, as conda-forge does; make an old lock file anew",
                channel=channel,
                package=name,
            )


def name_of(url: str) -> str:
    """How people call a channel: "conda-forge"; the URL without secrets when it lies on another server."""
    shown = public_url(url).rstrip("/")
    return shown.removeprefix(_SERVER + "/")


def _url(channel: str) -> str:
    if "://" in channel:
        return channel.rstrip("/")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", channel):
        raise failure(
            "spec_invalid",
            f"{channel!r} is neither the name nor the URL of a conda channel",
            'Write "conda-forge", "https://conda.example.org/channel" or "file:///shared/channel"',
        )
    return f"{_SERVER}/{channel}"


def _names(url: str, allowed: Iterable[str]) -> bool:
    """Whether one of the allowed names or URLs is this channel, or begins its URL at a slash."""
    address = _comparable(url) + "/"
    for each in allowed:
        if each == _EVERY:
            continue
        if "://" not in each and each in _COMMERCIAL and _commercial_name(url) is not None:
            # "defaults" is the name for all of Anaconda's; "main" is one of them.
            if each in ("defaults", "anaconda") or each == _commercial_name(url):
                return True
        elif address.startswith(_comparable(each if "://" in each else f"{_SERVER}/{each}") + "/"):
            return True
    return False


def _check_not_commercial(url: str, settings: Settings, what: str) -> None:
    if _commercial_name(url) is None or _names(url, settings.allowed_channels):
        return
    raise failure(
        "channel_refused",
        f"{public_url(what)} is one of Anaconda's own and is not used unless a setting allows it",
        f'Use "conda-forge" instead. {_WHY}. Who may use them can set allowed-channels = ["*", "defaults"]',
        channel=public_url(url),
    )


def _commercial_name(url: str) -> str | None:
    """Which of Anaconda's own channels a URL leads to, also on servers that mirror them; None for others'."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    path = [part.lower() for part in unquote(parts.path).split("/") if part]
    if path[:1] == ["t"] and len(path) > 2:
        path = path[2:]  # after a token
    last = path[-1] if path else ""
    if host in _COMMERCIAL_HOSTS:
        return last or "defaults"
    if host in _SERVERS:
        return path[0] if path and path[0] in _COMMERCIAL else None
    if path[-2:-1] == ["pkgs"]:
        return last  # mirrors of repo.anaconda.com keep its "pkgs/main"
    return last if last in _COMMERCIAL else None


def _comparable(url: str) -> str:
    """A URL without what does not tell channels apart."""
    parts = urlsplit(public_url(url).rstrip("/"))
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{unquote(parts.path)}"


def _mirrors(url: str, settings: Settings) -> tuple[str, ...]:
    wanted = _comparable(url)
    found = [mirrors for channel, mirrors in settings.mirrors.items() if _comparable(channel) == wanted]
    return tuple(mirror for mirrors in found for mirror in mirrors)


def _where(settings: Settings) -> str:
    source = settings.sources.get("allowed-channels")
    return f" ({source})" if source else ""
