"""How programs reach the network, as the settings say: mirrors, proxies, certificates, passwords.

rattler and uv read most of that from environment variables, each its own selection, so variables are the one way used
here for both. What they take from elsewhere (mirrors, indexes) is handed to them as they want it.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from alcove import OpError, __version__

from ..failures import failure
from . import system_proxy
from .masking import MASK, Credentials, split, without_secrets
from .setting_kinds import PROXIES
from .settings import Settings

CLIENT_VARIABLE = "ALCOVE_RATTLER_CLIENT"
"""Tells the process that runs rattler how to make its client; as JSON."""
_NO_PROXIES = ("NO_PROXY", "no_proxy")
_SECONDS_FOR_PROBES = 5
# What proxies and load balancers say when nobody is behind them.
_GONE = (502, 503, 504)
_SHORTEST_SECRET = 4
# Where Linux distributions keep the store; elsewhere it is the system's and always there.
_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class Network:
    """The network as programs that make environments are to use it."""

    def __init__(self, settings: Settings, offline: bool = False) -> None:
        """Looks at nothing yet; ``offline`` adds to what the settings say."""
        self._settings = settings
        self._offline = offline or settings.offline
        self._answering: dict[str, str] = {}
        """Mirrors that were found to answer, by what they stand for."""

    @property
    def offline(self) -> bool:
        """Whether it is not to be used at all."""
        return self._offline

    @property
    def has_index(self) -> bool:
        """Whether the settings name a package index in place of the public one."""
        return self._settings.index is not None

    def rattler_variables(self, variables: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Environment variables for ``_rattler``: those given, and the client that the settings describe.

        Raises:
            OpError: ``spec_invalid``, when the file with passwords or the one with certificates cannot be read.
        """
        settings = self._settings
        most_mirrors = max((len(mirrors) for mirrors in settings.mirrors.values()), default=0)
        client = {
            "retries": max(settings.retries, most_mirrors),  # each try takes the next mirror
            "mirrors": {url: list(mirrors) for url, mirrors in self._mirrors.items()},
            "authentication": self.authentication(),
            "user_agent": f"alcove/{__version__}",
        }
        # A variable, because only this user can read it, and because no disk keeps it when somebody is killed.
        return {**self.environment(variables), CLIENT_VARIABLE: json.dumps(client)}

    def index_url(self, url: str) -> str:
        """Where to look instead of a package index: the first of its mirrors that answers, without password."""
        return self._mirror(_bare(url)) if _bare(url) in self._mirrors else split(url)[0]

    def mirrored(self, text: str) -> str:
        """A lock, or another text with URLs, with those of mirrors in place of what they stand for."""
        for url, pattern in self._patterns.items():
            if pattern.search(text):
                text = pattern.sub(_literally(self._mirror(url)), text)
        return text

    def mirrored_settings(self, settings: Any) -> Any:
        """``[tool.uv]``, or a part of it, with the URLs of mirrors in place of what they stand for."""
        if isinstance(settings, dict):
            return {key: self.mirrored_settings(value) for key, value in settings.items()}
        if isinstance(settings, list):
            return [self.mirrored_settings(value) for value in settings]
        return self.mirrored(settings) if isinstance(settings, str) else settings

    def unmirrored(self, text: str) -> str:
        """A lock with the URLs that mirrors stand for: what it says must not depend on where one was when making it."""
        for url, mirrors in self._mirrors.items():
            for mirror in mirrors:
                text = _pattern(mirror).sub(_literally(url), text)
        return text

    def uv_environment(self, variables: Mapping[str, str], indexes: Iterable[Any] = ()) -> dict[str, str]:
        """Environment variables for uv: those given, and what the settings say.

        Args:
            variables: the environment that uv would get otherwise.
            indexes: entries of ``[tool.uv.index]``; uv gets the passwords of those with a name.
        """
        settings = self._settings
        kept = self.environment(variables)
        kept["UV_CACHE_DIR"] = str(settings.uv_cache or kept.get("UV_CACHE_DIR", ""))
        kept["UV_CONCURRENT_DOWNLOADS"] = str(settings.concurrent_downloads)
        kept["UV_HTTP_TIMEOUT"] = kept.get("UV_HTTP_TIMEOUT") or str(settings.timeout)
        kept["UV_HTTP_RETRIES"] = str(settings.retries)
        if settings.index is not None:
            kept.pop("UV_INDEX_URL", None)  # the same by an older name
            kept["UV_DEFAULT_INDEX"] = self._with_password(self.index_url(settings.index), settings.index)
        if settings.extra_indexes:
            kept.pop("UV_EXTRA_INDEX_URL", None)
            urls = [self._with_password(self.index_url(url), url) for url in settings.extra_indexes]
            kept["UV_INDEX"] = " ".join(urls)
        if "SSL_CERT_FILE" not in kept and "UV_SYSTEM_CERTS" not in kept and _has_store():
            kept["UV_SYSTEM_CERTS"] = "true"
        if self._offline:
            kept["UV_OFFLINE"] = "1"
        for index in indexes:
            kept.update(self._login(index))
        return {name: value for name, value in kept.items() if value != ""}

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Environment variables for any program: those given, with the proxies and certificates of the settings."""
        kept = dict(variables)
        settings = self._settings
        if not _is_of(settings, "proxy", PROXIES) or "*" in settings.no_proxy:
            for name in (*PROXIES, *_NO_PROXIES):
                kept.pop(name, None)
            kept.update(self._proxies())
        elif settings.no_proxy and not _is_of(settings, "no-proxy", _NO_PROXIES):
            kept.pop("no_proxy", None)
            kept["NO_PROXY"] = ",".join(settings.no_proxy)
        certificates = self._certificates()
        kept.pop("SSL_CERT_FILE", None)
        if certificates:
            kept["SSL_CERT_FILE"] = certificates
        return kept

    def hint(self, text: str) -> str:
        """What to do about a failed download.

        Args:
            text: what the program said.
        """
        seen = self.environment(os.environ)
        named = [f"{name}={without_secrets(seen[name])}" for name in (*PROXIES, *_NO_PROXIES) if seen.get(name)]
        proxies = ", ".join(named) or "none is set: HTTPS_PROXY sets one"
        if re.search(r"(?<![\w:])407\b|proxy authorization required", text, re.IGNORECASE):
            return f"The proxy ({proxies}) wants a name and a password: set HTTPS_PROXY=http://name:password@host:port"
        if re.search(r"(?<![\w:])(401|403)\b", text):
            return (
                "The server wants a password or a token, or does not accept yours: put it into the file that "
                "ALCOVE_AUTHENTICATION_FILE names, or into .netrc in your home folder"
            )
        if re.search(r"certificate|UnknownIssuer", text, re.IGNORECASE):
            return (
                "Nobody whom this computer trusts vouches for the server's certificate; where a company's proxy looks "
                "into connections, let SSL_CERT_FILE (or the setting certificates) name its certificate's file"
            )
        return f"Check the network connection and the proxy ({proxies})"

    def masked(self, text: str) -> str:
        """A text without any password or token that the settings know, and without those in its URLs."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return without_secrets(text)

    def authentication(self) -> dict[str, Any]:
        """Passwords and tokens by host, in the format of rattler's file.

        Raises:
            OpError: ``spec_invalid``, when the file that the settings name cannot be read.
        """
        file = self._settings.authentication_file
        known: dict[str, Any] = {}
        if file is not None:
            try:
                known = json.loads(file.read_text(encoding="utf-8"))
                if not isinstance(known, dict):
                    raise ValueError("it holds no object")
            except (OSError, ValueError) as error:
                raise failure(
                    "spec_invalid",
                    f"{file}, the file with passwords, cannot be read: {error}",
                    'Write it like {"conda.example.org": {"BasicHTTP": {"username": "me", "password": "..."}}}',
                ) from error
        for credentials in self._embedded():
            login = {"username": credentials.user, "password": credentials.password}
            known[credentials.host] = {"CondaToken": credentials.token} if credentials.token else {"BasicHTTP": login}
        return known

    @functools.cached_property
    def _mirrors(self) -> dict[str, tuple[str, ...]]:
        """Mirrors by what they stand for, without secrets and without slashes at the end."""
        known = self._settings.mirrors.items()
        return {_bare(url): tuple(_bare(mirror) for mirror in mirrors) for url, mirrors in known}

    @functools.cached_property
    def _secrets(self) -> list[str]:
        """What must not be seen, the longest first; a name of three letters is no secret, but part of many words."""
        found = {split(self._settings.proxy)[1].secret} if self._settings.proxy else set()
        found.update(credentials.secret for credentials in self._embedded())
        with contextlib.suppress(OpError):  # a broken file is said where it is used
            found.update(_texts_in(self.authentication()))
        found.update(value for name, value in os.environ.items() if re.fullmatch(r"UV_INDEX_.*_PASSWORD", name))
        written = found | {urllib.parse.quote(secret, safe="") for secret in found}
        return sorted((each for each in written if len(each) >= _SHORTEST_SECRET), key=len, reverse=True)

    def _embedded(self) -> list[Credentials]:
        """Credentials in the settings' URLs of servers; the proxy's are no server's business."""
        settings = self._settings
        urls = [*settings.channels, *settings.extra_indexes, *settings.mirrors]
        urls += [mirror for mirrors in settings.mirrors.values() for mirror in mirrors]
        urls += [settings.index] if settings.index else []
        found = [split(url)[1] for url in urls if "://" in url]
        return [credentials for credentials in found if credentials.secret]

    def _proxies(self) -> dict[str, str]:
        proxy, direct = self._settings.proxy, self._settings.no_proxy
        if proxy is None and "*" not in direct:
            proxies, exceptions = system_proxy.found()
            direct = direct or exceptions
        else:
            proxies = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy} if proxy and "*" not in direct else {}
        return {**proxies, "NO_PROXY": ",".join(direct)} if proxies and direct else proxies

    def _certificates(self) -> str | None:
        file = self._settings.certificates
        if file == "system" or Path(file).is_file():
            return None if file == "system" else file
        if _is_of(self._settings, "certificates", ("SSL_CERT_FILE",)):
            return None  # conda's shells leave such variables behind, and most programs pass over them
        source = self._settings.sources.get("certificates", "certificates")
        raise failure("spec_invalid", f"{source}: there is no file {file}", "Name a PEM file, or remove the setting")

    @functools.cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {url: _pattern(url) for url in self._mirrors}

    def _mirror(self, url: str) -> str:
        """The first mirror that answers; programs that take one place know no other."""
        mirrors = self._mirrors[url]
        if len(mirrors) > 1 and not self._offline and url not in self._answering:
            self._answering[url] = next(filter(self._answers, mirrors), mirrors[0])
        return self._answering.get(url, mirrors[0])

    def _answers(self, url: str) -> bool:
        request = urllib.request.Request(url + "/", method="HEAD", headers={"User-Agent": "alcove"})
        variables = self.environment(os.environ)
        proxies = {
            name: variables[f"{name.upper()}_PROXY"]
            for name in ("http", "https")
            if f"{name.upper()}_PROXY" in variables
        }
        trust = ssl.create_default_context(cafile=variables.get("SSL_CERT_FILE"))
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=trust)
        )
        try:
            opener.open(request, timeout=_SECONDS_FOR_PROBES).close()
        except urllib.error.HTTPError as error:
            error.close()
            return error.code not in _GONE
        except OSError:
            return False
        return True

    def _with_password(self, url: str, of: str) -> str:
        """The URL of an index, or of its mirror, with the name and password that are known for it."""
        parts = urllib.parse.urlsplit(url)
        user, password = self._password(url, of)
        if not user:
            return url
        login = urllib.parse.quote(user, safe="") + (":" + urllib.parse.quote(password, safe="") if password else "")
        return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()

    def _password(self, url: str, of: str) -> tuple[str, str]:
        """Name and password for an index: those in its own URL, else those of its host."""
        for each in (url, of):
            credentials = split(each)[1]
            if credentials.user and credentials.host == urllib.parse.urlsplit(url).hostname:
                return credentials.user, credentials.password
        login = self.authentication().get(urllib.parse.urlsplit(url).hostname or "", {})
        basic = login.get("BasicHTTP", {}) if isinstance(login, dict) else {}
        return str(basic.get("username", "")), str(basic.get("password", ""))

    def _login(self, index: Any) -> dict[str, str]:
        """uv's variables with the name and password of one ``[tool.uv.index]`` entry."""
        if not isinstance(index, dict) or not index.get("name") or not index.get("url"):
            return {}
        user, password = self._password(str(index["url"]), str(index["url"]))
        stem = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", str(index["name"]).upper())
        return {f"{stem}_USERNAME": user, f"{stem}_PASSWORD": password} if user else {}


def _bare(url: str) -> str:
    return split(url)[0].rstrip("/")


def _pattern(url: str) -> re.Pattern[str]:
    """Finds a URL and those below it, but none that merely begins alike."""
    return re.compile(re.escape(url) + r"(?![\w.:%-])")


def _literally(text: str) -> str:
    return text.replace("\\", r"\\")


def _is_of(settings: Settings, key: str, variables: tuple[str, ...]) -> bool:
    """Whether a setting comes from one of the field's own variables."""
    return settings.sources.get(key) in variables


def _has_store() -> bool:
    return os.name == "nt" or Path("/System/Library").is_dir() or any(Path(file).is_file() for file in _STORES)


def _texts_in(value: Any) -> Iterator[str]:
    """The passwords and tokens among the values of rattler's file; names of users are none."""
    for key, each in value.items() if isinstance(value, dict) else ():
        if isinstance(each, str) and key != "username":
            yield each
        yield from _texts_in(each)
