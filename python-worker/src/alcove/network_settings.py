"""How an op's downloads reach the network: by the settings that hold for environments, too.

A worker has the standard library alone, which reads TOML from Python 3.11 on; before, only the variables count.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib.request import BaseHandler, OpenerDirector

FILE = "settings.toml"
FILE_VARIABLE = "ALCOVE_SETTINGS"
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")
_NO_PROXIES = ("NO_PROXY", "no_proxy")
_TRUE = ("true", "1", "yes", "on")


def is_offline() -> bool:
    """Whether only what is on this machine may be used."""
    said = _setting("offline", "UV_OFFLINE")
    return str(os.environ.get("UV_OFFLINE") if said is None else said).strip().lower() in _TRUE


def opener() -> OpenerDirector:
    """What opens addresses.

    Raises:
        OSError: when the file with certificates cannot be read.
    """
    from urllib.request import build_opener

    handlers = [_proxies()]
    certificates = _setting("certificates", "SSL_CERT_FILE")
    if isinstance(certificates, str) and certificates != "system":
        handlers.append(_trust(certificates))
    return build_opener(*handlers)


def files(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Where settings files are looked for, the strongest last."""
    named = environment.get(FILE_VARIABLE)
    own = own_folder(environment) / FILE if named is None else Path(named).expanduser()
    return [system_folder(environment) / FILE, *([] if named == "" else [own])]


def own_folder(environment: Mapping[str, str]) -> Path:
    """Where the user's settings are."""
    if sys.platform == "win32":
        return Path(environment.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "Alcove"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Alcove"
    folder = environment.get("XDG_CONFIG_HOME", "")
    return (Path(folder) if Path(folder).is_absolute() else Path.home() / ".config") / "alcove"


def system_folder(environment: Mapping[str, str]) -> Path:
    """Where the settings of the whole machine are."""
    if sys.platform == "win32":
        return Path(environment.get("PROGRAMDATA") or "C:/ProgramData") / "Alcove"
    return Path("/Library/Application Support/Alcove" if sys.platform == "darwin" else "/etc/alcove")


def _proxies() -> BaseHandler:
    from urllib.request import ProxyHandler

    class Proxies(ProxyHandler):
        """Takes hosts from our own setting as well that are reached directly; urllib knows the common ones."""

        def proxy_open(self, request: Any, proxy: str, type: str) -> Any:
            if any(_is_within(request.host, str(domain)) for domain in direct):
                return None
            return super().proxy_open(request, proxy, type)

    said = _setting("no-proxy", *_NO_PROXIES)
    direct = re.split(r"[,\s]+", said) if isinstance(said, str) else said if isinstance(said, list) else []
    proxy = _setting("proxy", *_PROXIES)
    if not isinstance(proxy, str):
        return Proxies()
    return Proxies({"http": proxy, "https": proxy} if proxy else {})


def _is_within(host: str, domain: str) -> bool:
    """Whether a host, perhaps with a port, is the domain or in it; ``*`` is every one."""
    name, wanted = re.sub(r":\d+$", "", host).lower(), domain.strip().lower().lstrip(".")
    return wanted == "*" or (wanted != "" and (name == wanted or name.endswith(f".{wanted}")))


def _trust(certificates: str) -> BaseHandler:
    """Trusts whom this file names, and nobody else."""
    import ssl
    from urllib.request import HTTPSHandler

    if not Path(certificates).is_file():
        raise FileNotFoundError(f"there is no file {certificates}, which shall hold the certificates to trust")
    return HTTPSHandler(context=ssl.create_default_context(cafile=certificates))


def _setting(key: str, *others: str) -> Any:
    """The value of ``ALCOVE_...`` as text; else what a settings file says.

    None where neither says anything, and where one of the ``others``, the field's own variables, does: these come after
    ours and before the files, and Python knows them itself.
    """
    said = os.environ.get("ALCOVE_" + key.upper().replace("-", "_"))
    if said or (said == "" and key == "proxy"):  # which means none at all
        return said
    if any(os.environ.get(name) for name in others):
        return None
    for file in reversed(files()):
        value = _table(file).get(key)
        if key == "certificates" and isinstance(value, str) and value != "system":
            return str(file.parent / Path(value).expanduser())
        if value is not None:
            return value
    return None


def _table(file: Path) -> dict[str, Any]:
    """What the file says; nothing where it is not there, or wrong: who makes environments complains about that."""
    if sys.version_info < (3, 11):
        return {}
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
