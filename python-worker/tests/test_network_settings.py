"""What a download of an op goes by: the settings by which environments are made, as far as they concern it."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from file_server import FileServer, file_server

sys.path.append(str(Path(__file__).parent / "environments"))

from certificates import Authority, authority
from proxy_server import ProxyServer

from alcove import OpError, download, network_settings

CONTENT = b"weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
VARIABLES = ("PROXY", "NO_PROXY", "CERTIFICATES", "OFFLINE")
OTHERS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "UV_OFFLINE", "SSL_CERT_FILE")
needs_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python reads TOML from 3.11 on")


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, which is not there yet; nothing else is set."""
    for name in (*(f"ALCOVE_{name}" for name in VARIABLES), *OTHERS, *map(str.upper, OTHERS)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALCOVE_DATA_DIR", str(tmp_path / "dätä"))
    monkeypatch.setenv("ALCOVE_SETTINGS", str(tmp_path / "own ü.toml"))
    monkeypatch.setattr(network_settings, "system_folder", lambda environment: tmp_path / "etc")
    return tmp_path / "own ü.toml"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as served:
        served.content = CONTENT
        yield served


@pytest.fixture
def proxy() -> Iterator[ProxyServer]:
    server = ProxyServer()
    yield server
    server.close()


@pytest.fixture
def company(tmp_path: Path) -> Iterator[tuple[Authority, str]]:
    """An authority that nobody trusts yet, and the address of a server with a certificate from it."""
    made = authority(tmp_path / "certificates")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_: object) -> None:
            pass

    class Server(HTTPServer):
        def handle_error(self, *_: object) -> None:  # whoever does not trust it hangs up
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = made.server.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made, f"https://127.0.0.1:{server.server_port}/weights.bin"
        finally:
            server.shutdown()
            thread.join()


def assert_refused(url: str) -> None:
    with pytest.raises(OpError) as error:
        download(url, DIGEST)
    assert error.value.details["cause"] == "network"
    assert "offline" in str(error.value.hint)
    assert str(Path("downloads", DIGEST, "weights.bin")) in str(error.value.hint)


@pytest.mark.parametrize("variable", ["ALCOVE_OFFLINE", "UV_OFFLINE"])
def test_offline_no_network_is_used(server: FileServer, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "True")
    assert_refused(f"{server.address}/weights.bin")
    assert server.paths == []
    monkeypatch.setenv(variable, "no")
    file = download(f"{server.address}/weights.bin", DIGEST)
    monkeypatch.setenv(variable, "1")
    assert download(f"{server.address}/weights.bin", DIGEST) == file


def test_offline_a_file_of_this_machine_may_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCOVE_OFFLINE", "on")
    (tmp_path / "weights.bin").write_bytes(CONTENT)
    assert download((tmp_path / "weights.bin").as_uri(), DIGEST).read_bytes() == CONTENT


@needs_toml
@pytest.mark.parametrize("variable", ["ALCOVE_OFFLINE", "UV_OFFLINE"])
def test_offline_by_the_settings_file(
    server: FileServer, settings: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    settings.write_text("offline = true\n")
    assert_refused(f"{server.address}/weights.bin")
    monkeypatch.setenv(variable, "false")
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT


@needs_toml
def test_the_users_file_beats_the_machines(server: FileServer, settings: Path, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "settings.toml").write_text("offline = true\n")
    assert_refused(f"{server.address}/weights.bin")
    settings.write_text("offline = false\n")
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT


@needs_toml
@pytest.mark.parametrize("text", ["offline = \n", "offline = 5\nproxy = 7\ncertificates = [1]\nno-proxy = 3\n", "\0"])
def test_a_file_with_mistakes_is_for_others_to_complain_about(server: FileServer, settings: Path, text: str) -> None:
    settings.write_text(text)
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT


def test_by_a_proxy(server: FileServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCOVE_PROXY", proxy.address)  # without http://, as curl takes it
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALCOVE_NO_PROXY", "27.0.0.1, 0.0.2 , example.org")
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT
    assert proxy.requests == [f"GET {server.address}/weights.bin"]


def test_no_proxy_at_all(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALCOVE_PROXY", "")
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT


@pytest.mark.parametrize("names", ["example.org 127.0.0.1", ".0.0.1", "*", "LOCAL,127.0.0.1"])
def test_past_the_proxy(server: FileServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    monkeypatch.setenv("ALCOVE_PROXY", proxy.url)
    monkeypatch.setenv("ALCOVE_NO_PROXY", names)
    assert download(f"{server.address}/weights.bin", DIGEST).read_bytes() == CONTENT
    assert proxy.requests == []


@needs_toml
def test_by_the_proxy_of_the_settings_file(
    server: FileServer, proxy: ProxyServer, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text(f'proxy = "{proxy.url}"\nno-proxy = ["127.0.0.1"]\n')
    file = download(f"{server.address}/weights.bin", DIGEST)
    assert proxy.requests == []
    file.unlink()
    settings.write_text(f'proxy = "{proxy.url}"\n')
    download(f"{server.address}/weights.bin", DIGEST).unlink()
    assert len(proxy.requests) == 1
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    download(f"{server.address}/weights.bin", DIGEST)
    assert len(proxy.requests) == 1


def test_the_companys_authority(company: tuple[Authority, str], monkeypatch: pytest.MonkeyPatch) -> None:
    made, url = company
    with pytest.raises(OpError, match="certificate"):
        download(url, DIGEST)
    monkeypatch.setenv("ALCOVE_CERTIFICATES", str(made.file))
    assert download(url, DIGEST).read_bytes() == CONTENT


@needs_toml
def test_the_authority_of_the_settings_file(company: tuple[Authority, str], settings: Path) -> None:
    made, url = company
    settings.write_text(f'certificates = "certificates/{made.file.name}"\n')
    assert download(url, DIGEST).read_bytes() == CONTENT


def test_an_authority_that_is_not_there(company: tuple[Authority, str], monkeypatch: pytest.MonkeyPatch) -> None:
    _, url = company
    monkeypatch.setenv("ALCOVE_CERTIFICATES", "no such file.pem")
    with pytest.raises(OpError, match="no such file"):
        download(url, DIGEST)
    monkeypatch.setenv("ALCOVE_CERTIFICATES", "system")
    with pytest.raises(OpError, match="CERTIFICATE_VERIFY_FAILED"):
        download(url, DIGEST)
