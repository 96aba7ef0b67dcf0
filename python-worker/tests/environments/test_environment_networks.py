"""Proxies, certificates, passwords and mirrors, each with rattler and with uv against servers that insist on them."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority, authority
from channel_server import ChannelServer
from conda_channel import URL, Channel
from conftest import conda_specification, specification
from package_index import PackageIndex
from proxy_server import ProxyServer

from alcove import OpError, environments
from alcove.environments import caches
from alcove.environments.conda import channels, rattler_messages
from alcove.environments.conda.rattler_calls import Rattler, RattlerError
from alcove.environments.context import Context
from alcove.environments.machine import Machine
from alcove.environments.networking import network, system_proxy
from alcove.environments.networking.network import Network
from alcove.environments.networking.settings import Settings
from alcove.environments.reports import Report
from alcove.environments.specification import Specification
from alcove.environments.uv.uv_calls import Uv

SECRET = "geheim-8c1f"
REPORT = Report(lambda *arguments: None)


class Downloads:
    """An engine's way to its packages: a server of its own, and one package from that."""

    variable: str
    """What tells the engine where the server is."""

    def __init__(self, tmp_path: Path) -> None:
        self.directory = tmp_path / "Jürgens Zellen" / "environments"
        self.work = tmp_path / "work"
        self.work.mkdir(exist_ok=True)
        self.folders: list[Path] = []
        """Where it installed to."""

    def context(self) -> Context:
        return Context(self.directory, False, Settings.load(self.directory), Machine.detect())

    def folder(self) -> Path:
        self.folders.append(self.work / f"prefix{len(self.folders)}")
        return self.folders[-1]


class CondaDownloads(Downloads):
    variable = "ALCOVE_MIRRORS"

    def __init__(self, tmp_path: Path, channel: Channel) -> None:
        super().__init__(tmp_path)
        self._channel = channel
        self._servers: list[ChannelServer] = []

    def serve(self, tls: Any = None) -> ChannelServer:
        self._servers.append(ChannelServer(self._channel.directory, tls))
        return self._servers[-1]

    def value(self, *urls: str) -> str:
        return " ".join(f"{URL}={url}" for url in urls)

    def reach(self) -> bool:
        """Whether the server can be read; raises what users see when it cannot."""
        return bool(self._asked(lambda rattler: self._records(rattler, "lamp")))

    def download(self, package: str = "lamp") -> Path:
        """Installs the package; gives the file that must then be there."""
        prefix = self.folder()
        self._asked(lambda rattler: self._install(rattler, package, prefix))
        return next((prefix / "conda-meta").glob(f"{package}-*.json"))

    def _records(self, rattler: Rattler, package: str) -> list[dict[str, Any]]:
        context = self.context()
        asked = {"platform": context.machine.platform, "specs": [package], "virtual_packages": {}}
        (solution,) = rattler.solve(channels.resolve([], context.settings), [asked], self.work, REPORT)
        records: list[dict[str, Any]] = solution["records"]
        return records

    def _install(self, rattler: Rattler, package: str, prefix: Path) -> None:
        records, platform = self._records(rattler, package), self.context().machine.platform
        rattler.install(records, [package], platform, self.work, prefix, prefix, REPORT, lambda event: None)

    def _asked(self, ask: Callable[[Rattler], Any]) -> Any:
        try:
            return ask(Rattler(self.context()))
        except RattlerError as error:
            wanted = Specification.parse(conda_specification("lamp"))
            raise rattler_messages.explain(error, wanted, self.context()) from error

    def close(self) -> None:
        for server in self._servers:
            server.stop()


class UvDownloads(Downloads):
    variable = "ALCOVE_INDEX"

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self._indexes: list[PackageIndex] = []

    def serve(self, tls: Any = None) -> PackageIndex:
        self._indexes.append(PackageIndex(tls))
        self._indexes[-1].add("lamp")
        return self._indexes[-1]

    def value(self, *urls: str) -> str:
        return urls[0]

    def download(self) -> Path:
        wanted = Specification.parse(specification("lamp"))
        uv, target = Uv(wanted, self.context()), self.folder()
        install = ["pip", "install", "--target", str(target), "--python", sys.executable, "lamp"]
        uv.run(install, self.work, "installing packages", REPORT)
        return target / "lamp.py"

    def reach(self) -> bool:
        return self.download().exists()

    def close(self) -> None:
        for index in self._indexes:
            index.close()


@pytest.fixture
def conda(tmp_path: Path, channel: Channel, clean: None) -> Iterator[CondaDownloads]:
    downloads = CondaDownloads(tmp_path, channel)
    yield downloads
    downloads.close()


@pytest.fixture
def packages(tmp_path: Path, clean: None) -> Iterator[UvDownloads]:
    downloads = UvDownloads(tmp_path)
    yield downloads
    downloads.close()


@pytest.fixture(params=["rattler", "uv"])
def either(request: pytest.FixtureRequest) -> Any:
    """The same for both engines."""
    return request.getfixturevalue("conda" if request.param == "rattler" else "packages")


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's own settings, and no waiting before the next try."""
    for name in list(os.environ):
        settings = name.startswith(("ALCOVE_", "CONDA", "RATTLER", "UV_", "SSL_")) or name.upper().endswith("_PROXY")
        if settings:
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALCOVE_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("ALCOVE_RETRIES", "0")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("alcove.environments.conda.rattler_calls.SECONDS_UNTIL_NEXT_TRY", ())


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    proxy = ProxyServer()
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("company"))


def refused(reach: Callable[[], bool]) -> OpError:
    """The failure about the network, in which no secret may stand."""
    with pytest.raises(OpError) as raised:
        reach()
    error = raised.value
    assert error.details["cause"] == "network", error
    assert error.hint
    assert SECRET not in str(error) + str(error.hint) + json.dumps(error.details)
    return error


def dead_url() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/nobody"


def with_login(url: str, login: str = f"me:{SECRET}") -> str:
    return url.replace("://", f"://{login}@")


# ---- proxies


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
def test_a_proxy_in_a_variable_is_used(
    either: Any, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    server = either.serve()
    monkeypatch.setenv(either.variable, either.value(server.url))
    monkeypatch.setenv(variable, proxy.url)

    assert either.reach()
    assert len(proxy.requests) == len(server.requests)
    assert server.requests


def test_a_proxy_in_the_settings_file_is_used_but_for_exceptions(
    either: Any, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(either.variable, either.value(either.serve().url))
    (tmp_path / "settings.toml").write_text(f'proxy = "{proxy.address}"\n')
    assert either.reach()
    used = len(proxy.requests)
    assert used

    (tmp_path / "settings.toml").write_text(f'proxy = "{proxy.address}"\nno-proxy = ["127.0.0.1"]\n')
    assert either.reach()
    assert len(proxy.requests) == used


@pytest.mark.parametrize("exception", [{"NO_PROXY": "127.0.0.1"}, {"NO_PROXY": "*"}, {"ALCOVE_PROXY": ""}])
def test_a_proxy_is_passed_by_where_the_user_says_so(
    either: Any, monkeypatch: pytest.MonkeyPatch, exception: dict[str, str]
) -> None:
    monkeypatch.setenv(either.variable, either.value(either.serve().url))
    monkeypatch.setenv("HTTP_PROXY", dead_url())
    for name, value in exception.items():
        monkeypatch.setenv(name, value)

    assert either.reach()


def test_a_proxy_that_wants_a_password_says_so_and_gets_it(
    either: Any, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(either.variable, either.value(either.serve().url))
    proxy.password = f"me:{SECRET}"
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    error = refused(either.reach)
    assert f"The proxy (HTTP_PROXY={proxy.url}) wants a name and a password" in str(error.hint)

    monkeypatch.setenv("HTTP_PROXY", with_login(proxy.url, f"me:{SECRET}-wrong"))
    assert f"HTTP_PROXY=http://***@{proxy.address}" in str(refused(either.reach).hint)

    monkeypatch.setenv("HTTP_PROXY", with_login(proxy.url))
    assert either.reach()


def test_encrypted_connections_go_through_a_tunnel(
    either: Any, proxy: ProxyServer, company: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = either.serve(company.server)
    monkeypatch.setenv(either.variable, either.value(server.url))
    monkeypatch.setenv("SSL_CERT_FILE", str(company.file))
    proxy.password = f"me:{SECRET}"
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert "wants a name and a password" in str(refused(either.reach).hint)

    monkeypatch.setenv("HTTPS_PROXY", with_login(proxy.url))
    assert either.reach()
    assert proxy.requests
    assert all(request.startswith("CONNECT 127.0.0.1:") for request in proxy.requests)


def test_the_proxy_of_the_system_holds_when_no_variable_says_anything(
    either: Any, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(either.variable, either.value(either.serve().url))
    monkeypatch.setattr(system_proxy, "found", lambda: ({"HTTP_PROXY": proxy.url}, ()))
    assert either.reach()
    used = len(proxy.requests)
    assert used

    monkeypatch.setattr(system_proxy, "found", lambda: ({"HTTP_PROXY": proxy.url}, ("127.0.0.1",)))
    assert either.reach()
    assert len(proxy.requests) == used


# ---- certificates


def test_a_certificate_of_an_unknown_authority_is_refused_until_the_user_trusts_it(
    either: Any, company: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(either.variable, either.value(either.serve(company.server).url))
    error = refused(either.reach)
    assert "certificate" in str(error)
    assert "SSL_CERT_FILE" in str(error.hint)

    monkeypatch.setenv("SSL_CERT_FILE", str(company.file))
    assert either.reach()

    monkeypatch.delenv("SSL_CERT_FILE")
    (tmp_path / "settings.toml").write_text(f'certificates = "{company.file}"\n')
    assert either.reach()


def test_a_certificate_file_that_is_not_there_is_said(
    either: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(either.variable, either.value(either.serve().url))
    monkeypatch.setenv("ALCOVE_CERTIFICATES", str(tmp_path / "gone.pem"))
    with pytest.raises(OpError, match=r"ALCOVE_CERTIFICATES: there is no file .*gone\.pem"):
        either.reach()


# ---- passwords and tokens


def test_a_server_that_wants_a_password_says_so(either: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = either.serve()
    server.password = f"me:{SECRET}"
    monkeypatch.setenv(either.variable, either.value(server.url))

    error = refused(either.reach)

    assert "401" in str(error)
    assert "ALCOVE_AUTHENTICATION_FILE" in str(error.hint)


@pytest.mark.parametrize("where", ["file", "netrc", "url"])
def test_a_password_is_found_where_it_stands(
    either: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    server = either.serve()
    server.password = f"me:{SECRET}"
    monkeypatch.setenv(either.variable, either.value(with_login(server.url) if where == "url" else server.url))
    if where == "file":
        login = {"BasicHTTP": {"username": "me", "password": SECRET}}
        (tmp_path / "credentials.json").write_text(json.dumps({"127.0.0.1": login}))
        (tmp_path / "settings.toml").write_text('authentication-file = "credentials.json"\n')
    elif where == "netrc":
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")

    assert either.download().exists()
    assert SECRET not in "".join(texts_under(tmp_path / "Jürgens Zellen", tmp_path / "work"))


@pytest.mark.parametrize("kind", ["CondaToken", "BearerToken", "url"])
def test_a_channel_with_a_token_is_read_with_and_without_a_mirror(
    conda: CondaDownloads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    server = conda.serve()
    server.token = SECRET
    url = f"{server.url}/t/{SECRET}" if kind == "url" else server.url
    if kind != "url":
        (tmp_path / "credentials.json").write_text(json.dumps({"127.0.0.1": {kind: SECRET}}))
        monkeypatch.setenv("ALCOVE_AUTHENTICATION_FILE", str(tmp_path / "credentials.json"))

    monkeypatch.setenv("ALCOVE_MIRRORS", f"{URL}={url}/")
    assert json.loads(conda.download().read_text())["url"].startswith(URL)

    monkeypatch.delenv("ALCOVE_MIRRORS")
    monkeypatch.setenv("ALCOVE_CHANNELS", f"{url}/")
    assert json.loads(conda.download().read_text())["url"].startswith(f"{server.url}/")
    assert SECRET not in "".join(texts_under(tmp_path / "Jürgens Zellen", tmp_path / "work"))


def test_a_file_of_passwords_that_is_no_json_is_named(
    either: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials.json").write_text(f'{{"127.0.0.1": {SECRET}')
    monkeypatch.setenv("ALCOVE_AUTHENTICATION_FILE", str(tmp_path / "credentials.json"))
    monkeypatch.setenv(either.variable, either.value(either.serve().url))

    with pytest.raises(OpError, match=r"credentials\.json, the file with passwords, cannot be read") as raised:
        either.download()
    assert raised.value.details["cause"] == "spec_invalid"
    assert SECRET not in str(raised.value)


def texts_under(*folders: Path) -> Iterator[str]:
    for folder in folders:
        for path in folder.rglob("*"):
            yield str(path)
            if path.is_file():
                yield path.read_bytes().decode("latin-1")


# ---- mirrors


def test_a_mirror_that_is_dead_is_passed_over_by_rattler(
    conda: CondaDownloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = conda.serve()
    monkeypatch.setenv("ALCOVE_MIRRORS", conda.value(dead_url(), server.url))

    assert json.loads(conda.download().read_text())["url"].startswith(URL)


def test_a_mirror_that_is_dead_is_passed_over_by_uv(packages: UvDownloads, monkeypatch: pytest.MonkeyPatch) -> None:
    index = packages.serve()
    official = "https://packages.example.org/simple"
    monkeypatch.setenv("ALCOVE_INDEX", official)
    monkeypatch.setenv("ALCOVE_MIRRORS", f"{official}={dead_url()} {official}={index.url}")

    assert packages.download().exists()


def test_what_an_environment_is_does_not_depend_on_the_mirror(
    packages: UvDownloads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    official = "https://packages.example.org"
    wanted = specification("lamp", extra=f'[[tool.uv.index]]\nurl = "{official}/simple"\ndefault = true\n')
    hashes = []
    for index in (packages.serve(), packages.serve()):
        server = index.url.removesuffix("/simple")
        monkeypatch.setenv("ALCOVE_MIRRORS", f"{official}={server}/")
        created = environments.create(wanted, tmp_path / server[-5:])
        hashes.append(created["hash"])
        assert index.requests
        lock = (Path(created["directory"]) / "pylock.toml").read_text()
        assert f'index = "{official}/simple' in lock
        assert f'url = "{official}/files/lamp-1.0' in lock
        assert server not in lock
    assert hashes[0] == hashes[1]


def test_only_whole_urls_are_mirrored(monkeypatch: pytest.MonkeyPatch, clean: None, tmp_path: Path) -> None:
    files = "https://files.example.org/packages"
    monkeypatch.setenv("ALCOVE_MIRRORS", f"{files}=https://me:{SECRET}@mirror.example.net/pypi/packages/")
    network = Network(Settings.load(tmp_path))
    lock = f'url = "{files}/ab/six.whl"\nindex = "{files}"\nother = "{files}-old/six.whl"\n'
    mirrored = lock.replace(f'{files}"', 'https://mirror.example.net/pypi/packages"')
    mirrored = mirrored.replace(f"{files}/", "https://mirror.example.net/pypi/packages/")

    assert network.mirrored(lock) == mirrored
    assert network.unmirrored(mirrored) == lock


# ---- caches


def test_a_cache_that_others_share_is_read_and_what_is_wrong_in_it_is_not_used(
    conda: CondaDownloads, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, shared = conda.serve(), tmp_path / "shared"
    monkeypatch.setenv("ALCOVE_MIRRORS", conda.value(server.url))
    monkeypatch.setenv("ALCOVE_PACKAGE_CACHES", str(shared))
    conda.download("lamp")
    assert server.count("*/lamp-*") == 1
    # From here on somebody else's. (The tests may run as root, who can write everywhere.)
    monkeypatch.setattr(caches, "_is_writable", lambda folder: folder != shared)
    before = snapshot(shared)

    conda.download("lamp")
    conda.download("camera")
    assert server.count("*/lamp-*") == 1
    assert snapshot(shared) == before
    own = conda.directory.parent / "cache" / "conda"
    assert sorted(path.name for path in own.glob("*-h0_0")) == ["camera-1.0-h0_0"]

    file = next(shared.glob("lamp-*/share/lamp/*"))
    file.write_text("tampered")
    record = json.loads(conda.download("lamp").read_text())
    assert server.count("*/lamp-*") == 2
    assert "tampered" not in (conda.folders[-1] / record["files"][0]).read_text()
    assert file.read_text() == "tampered"


def test_a_cache_that_can_only_be_read_is_seen_through_a_folder_of_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared, own, work = tmp_path / "shared", tmp_path / "own", tmp_path / "work"
    (shared / "lamp-1.0-0" / "info").mkdir(parents=True)
    (shared / "lamp-1.0-0.lock").write_bytes(b"state")
    (shared / ".half-unpacked").mkdir()
    work.mkdir()
    monkeypatch.setattr(caches, "_is_writable", lambda folder: folder == own)

    with caches.layers([shared, own, tmp_path / "gone"], work) as (view, second, gone):
        # rattler needs both of a package's names, opens the lock for writing, and goes by the folder's mode.
        assert sorted(os.listdir(view)) == ["lamp-1.0-0", "lamp-1.0-0.lock"]
        assert (view / "lamp-1.0-0" / "info").is_dir()
        assert not (view / "lamp-1.0-0.lock").is_symlink()
        assert not view.stat().st_mode & 0o222
        assert (second, os.listdir(gone)) == (own, [])
    assert os.listdir(work) == []


def snapshot(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file())


# ---- everything together


@pytest.mark.parametrize("kind", ["rattler", "uv"])
def test_nothing_that_is_written_or_said_holds_a_secret(
    kind: str,
    conda: CondaDownloads,
    packages: UvDownloads,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    steps: Any,
) -> None:
    server, index = conda.serve(), packages.serve()
    server.password = index.password = f"me:{SECRET}"
    monkeypatch.setenv("ALCOVE_CHANNELS", with_login(server.url))
    monkeypatch.setenv("ALCOVE_INDEX", with_login(index.url))
    wanted = specification("lamp") if kind == "uv" else conda_specification("python")
    if kind == "rattler":
        wanted["text"] = 'dependencies = ["lamp"]\n' + wanted["text"]
    directory = tmp_path / "data" / "environments"

    created = environments.create(wanted, directory)

    said = json.dumps([created, environments.show(directory, created["name"]), steps])
    assert SECRET not in said
    written = "".join(texts_under(tmp_path / "data"))
    assert f"{server.url}/" in written or kind == "uv"
    assert f"{index.url.removesuffix('/simple')}/files/lamp" in written
    assert SECRET not in written


def test_hints_name_the_proxies_seen(monkeypatch: pytest.MonkeyPatch, clean: None, tmp_path: Path) -> None:
    assert "none is set" in Network(Settings.load(tmp_path)).hint("broken")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "localhost,.example.org")
    network = Network(Settings.load(tmp_path))
    assert network.authentication() == {}  # what the proxy is told is no business of a server on the same host
    assert network.masked(f"said {SECRET}") == "said ***"
    hint = network.hint("broken")
    assert "HTTPS_PROXY=http://***@proxy.example.org:3128, NO_PROXY=localhost,.example.org" in hint


def test_masking_knows_secrets_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch, clean: None, tmp_path: Path
) -> None:
    (tmp_path / "credentials.json").write_text(
        json.dumps({"a.example.org": {"BasicHTTP": {"username": "reader", "password": "from-file"}}})
    )
    monkeypatch.setenv("ALCOVE_AUTHENTICATION_FILE", str(tmp_path / "credentials.json"))
    monkeypatch.setenv("ALCOVE_INDEX", "https://me:p%40ss%2Fword@packages.example.org/simple")
    monkeypatch.setenv("ALCOVE_CHANNELS", "https://conda.example.org/t/to-ken-1/lab")
    monkeypatch.setenv("UV_INDEX_LAB_PASSWORD", "from-variable")
    masked = Network(Settings.load(tmp_path)).masked

    assert masked("got from-file, p@ss/word, p%40ss%2Fword, to-ken-1, from-variable by reader") == (
        "got ***, ***, ***, ***, *** by reader"
    )
    assert masked("https://x:y@host/t/abc/lab failed") == "https://***@host/t/***/lab failed"
    assert network.MASK == "***"


@pytest.mark.parametrize(
    "line", ["https://me:geheim@conda.example.org/lab", "https://geheim@x.org/", "https://x.org/t/geheim/lab"]
)
def test_a_secret_in_what_is_asked_for_is_refused_and_not_repeated(line: str) -> None:
    text = f"name: cells\nchannels:\n  - conda-forge\n  - {line}\ndependencies: [numpy]\n"
    wanted = {"name": "cells", "format": "environment.yml", "text": text, "source": "/ops/environment.yml"}
    with pytest.raises(OpError, match=r"^/ops/environment.yml:4: a password or token in a URL$") as raised:
        Specification.parse({**wanted, "first_line": 1})
    assert "ALCOVE_AUTHENTICATION_FILE" in str(raised.value.hint)
    assert "geheim" not in json.dumps(raised.value.details)

    for harmless in ("https://x.org/t/$TOKEN/lab", "https://${USER}@x.org/lab", "https://x.org/lab"):
        Specification.parse({**wanted, "text": text.replace(line, harmless), "first_line": 1})
