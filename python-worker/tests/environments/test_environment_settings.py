"""The settings file and the variables: which wins, what is refused, and what is shown."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from alcove import OpError, network_settings
from alcove.environments.networking.setting_kinds import KEYS
from alcove.environments.networking.settings import Settings, files

EXAMPLES = {
    "conda-engine": ("micromamba", '"micromamba"', "micromamba"),
    "micromamba": ("/opt/micromamba", '"/opt/micromamba"', Path("/opt/micromamba")),
    "channels": ("conda-forge,bioconda", '["conda-forge", "bioconda"]', ("conda-forge", "bioconda")),
    "allowed-channels": ("conda-forge", '"conda-forge"', ("conda-forge",)),
    "mirrors": (
        "https://a.org/x=https://b.org/x https://a.org/x=https://c.org/x?y=z",
        '{"https://a.org/x/" = ["https://b.org/x", "https://c.org/x?y=z"]}',
        {"https://a.org/x": ("https://b.org/x", "https://c.org/x?y=z")},
    ),
    "index": ("https://packages.example.org/simple", '"https://packages.example.org/simple"', None),
    "extra-indexes": ("https://a.org/s https://b.org/s", '["https://a.org/s", "https://b.org/s"]', None),
    "proxy": ("proxy.example.org:3128", '"http://proxy.example.org:3128"', "http://proxy.example.org:3128"),
    "no-proxy": ("localhost, .example.org", '["localhost", ".example.org"]', ("localhost", ".example.org")),
    "certificates": ("/etc/company.pem", '"/etc/company.pem"', "/etc/company.pem"),
    "authentication-file": ("/etc/credentials.json", '"/etc/credentials.json"', Path("/etc/credentials.json")),
    "package-caches": (os.pathsep.join(["/a b", "/c"]), '["/a b", "/c"]', (Path("/a b"), Path("/c"))),
    "uv-cache": ("/scratch/uv", '"/scratch/uv"', Path("/scratch/uv")),
    "concurrent-downloads": ("4", "4", 4),
    "timeout": ("90", "90", 90),
    "retries": ("0", "0", 0),
    "offline": ("true", "true", True),
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, and nothing of this machine's."""
    for name in list(os.environ):
        if name.startswith(("ALCOVE_", "UV_", "RATTLER_", "SSL_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(network_settings, "system_folder", lambda environment: tmp_path / "etc")
    monkeypatch.setenv("ALCOVE_SETTINGS", str(tmp_path / "settings.toml"))
    return tmp_path / "settings.toml"


def load(tmp_path: Path) -> Settings:
    return Settings.load(tmp_path / "data" / "environments", dict(os.environ))


def refused(tmp_path: Path) -> OpError:
    with pytest.raises(OpError) as raised:
        load(tmp_path)
    assert raised.value.details["cause"] == "spec_invalid"
    return raised.value


@pytest.mark.parametrize("key", KEYS)
def test_a_setting_reads_the_same_from_file_and_variable(
    key: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, toml, value = EXAMPLES[key]
    attribute = key.replace("-", "_")
    file.write_text(f"# a comment\n{key} = {toml}\n")
    found = load(tmp_path)
    assert getattr(found, attribute) == (getattr(found, attribute) if value is None else value)
    assert getattr(found, attribute) != getattr(Settings(), attribute)
    assert found.sources == {key: f"{file}:2"}

    file.unlink()
    monkeypatch.setenv(f"ALCOVE_{key.upper().replace('-', '_')}", text)
    assert getattr(load(tmp_path), attribute) == getattr(found, attribute)


def test_without_any_settings_the_defaults_hold(file: Path, tmp_path: Path) -> None:
    found = load(tmp_path)

    assert found.package_caches == (tmp_path / "data" / "cache" / "conda",)
    assert found.uv_cache == tmp_path / "data" / "cache" / "uv"
    assert found.sources == {}
    assert found.channels == ("conda-forge",)


def test_a_variable_beats_the_users_file_and_that_the_machines(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "settings.toml").write_text('timeout = 1\nretries = 1\nchannels = ["lab"]\n')
    file.write_text("timeout = 2\nretries = 2\n")
    monkeypatch.setenv("ALCOVE_TIMEOUT", "4")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "3")

    found = load(tmp_path)

    assert (found.timeout, found.retries, found.channels) == (4, 2, ("lab",))
    assert found.sources == {
        "timeout": "ALCOVE_TIMEOUT",
        "retries": f"{file}:2",
        "channels": f"{tmp_path / 'etc' / 'settings.toml'}:3",
    }
    monkeypatch.delenv("ALCOVE_TIMEOUT")
    assert load(tmp_path).timeout == 3


def test_the_user_may_have_no_file_at_all(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALCOVE_SETTINGS", "")
    assert files(dict(os.environ)) == [tmp_path / "etc" / "settings.toml"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the folder has another name there")
def test_the_users_file_is_where_the_platform_has_such_files(tmp_path: Path) -> None:
    assert files({"XDG_CONFIG_HOME": str(tmp_path)})[-1] == tmp_path / "alcove" / "settings.toml"
    assert files({"XDG_CONFIG_HOME": "relative"})[-1] == Path.home() / ".config" / "alcove" / "settings.toml"


def test_all_mistakes_are_named_with_file_and_line(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('chanels = ["lab"]\n\noffline = "yes"\ntimeout = 0\nproxy = "not a proxy"\n[mirrors]\nx = ["y"]\n')
    monkeypatch.setenv("ALCOVE_OFFLINE", "perhaps")

    error = refused(tmp_path)

    assert str(error).splitlines() == [
        f"{file}:1: unknown setting 'chanels'",
        f"{file}:3: offline must be true or false, and is 'yes'",
        f"{file}:4: timeout must be a whole number above 0, and is 0",
        f"{file}:5: proxy must be a URL, and is 'not a proxy'",
        f"{file}:6: mirrors must be a URL, and is {{'x': ['y']}}",
        "ALCOVE_OFFLINE: must be true or false, and is 'perhaps'",
    ]
    assert error.hint == "Did you mean 'channels'?"
    assert error.details["mistakes"][1]["line"] == 3


def test_a_file_that_is_no_toml_is_named_with_the_line(file: Path, tmp_path: Path) -> None:
    file.write_text('offline = true\nproxy = "\n')
    assert str(refused(tmp_path)).startswith(f"{file}:2: ")


def test_passwords_in_wrong_values_are_not_repeated(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCOVE_INDEX", "https://me:geheim@packages.example.org/a b")
    file.write_text('proxy = 3\nindex = ["https://me:geheim@packages.example.org"]\n')
    error = refused(tmp_path)
    assert "geheim" not in str(error) + json.dumps(error.details)


def test_what_only_other_programs_understand_is_left_to_them(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "0.5")
    monkeypatch.setenv("UV_INDEX", "lab=https://packages.example.org/simple")
    monkeypatch.setenv("ALL_PROXY", "")

    found = load(tmp_path)

    assert (found.timeout, found.extra_indexes, found.proxy) == (30, (), None)


def test_paths_lie_beside_the_file_that_names_them(file: Path, tmp_path: Path) -> None:
    file.write_text('certificates = "company.pem"\nmicromamba = "~/bin/micromamba"\n')
    found = load(tmp_path)
    assert found.certificates == str(tmp_path / "company.pem")
    assert found.micromamba == Path.home() / "bin" / "micromamba"


def test_the_description_tells_where_each_value_comes_from_and_no_secret(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[mirrors]\n"https://conda.example.org/lab" = ["https://x.example.org/t/geheim/lab"]\n')
    monkeypatch.setenv("HTTPS_PROXY", "http://me:geheim@proxy.example.org:3128")
    monkeypatch.setenv("ALCOVE_DATA_DIR", str(tmp_path))

    listed = load(tmp_path).describe(dict(os.environ))

    rows = {row["variable"]: row for row in listed}
    assert rows["ALCOVE_PROXY"]["value"] == "http://***@proxy.example.org:3128"
    assert rows["ALCOVE_PROXY"]["source"] == "HTTPS_PROXY"
    assert rows["ALCOVE_MIRRORS"]["value"] == {"https://conda.example.org/lab": ["https://x.example.org/t/***/lab"]}
    assert rows["ALCOVE_MIRRORS"]["source"] == f"{file}:1"
    assert rows["ALCOVE_CHANNELS"]["source"] == "default"
    assert rows["ALCOVE_DATA_DIR"]["value"] == str(tmp_path)
    assert {row["name"] for row in listed} == {*KEYS, None}
    assert "geheim" not in json.dumps(listed)
