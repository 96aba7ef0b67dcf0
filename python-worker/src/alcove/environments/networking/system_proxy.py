"""The proxy of the operating system's own settings, for programs that were started by a click and have no variables."""

from __future__ import annotations

import contextlib
import sys
import urllib.request


def found() -> tuple[dict[str, str], tuple[str, ...]]:
    """Proxies as environment variables, and the hosts that need none. Linux has no such settings."""
    if sys.platform not in ("win32", "darwin"):
        return {}, ()
    system = urllib.request.getproxies()
    proxies = {f"{scheme.upper()}_PROXY": system[scheme] for scheme in ("http", "https") if scheme in system}
    exceptions: list[str] = []
    with contextlib.suppress(OSError, ImportError, KeyError):  # none are set
        exceptions = _exceptions()
    return proxies, tuple(_as_variable(each) for each in exceptions)


def _exceptions() -> list[str]:
    if sys.platform == "win32":
        import winreg

        path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
            return [each for each in str(winreg.QueryValueEx(key, "ProxyOverride")[0]).split(";") if each]
    if sys.platform == "darwin":
        from _scproxy import _get_proxy_settings

        return [str(each) for each in _get_proxy_settings()["exceptions"]]
    return []


def _as_variable(exception: str) -> str:
    """``*.example.org`` as NO_PROXY has it, ``.example.org``; it has no form for Windows' "hosts without a dot"."""
    return "localhost" if exception == "<local>" else exception.removeprefix("*")
