"""``./alcove env`` and ``./alcove doctor``."""

from __future__ import annotations

from pathlib import Path

from alcove_program import Alcove

BARE = "from alcove import op\n@op\ndef f() -> int:\n    return 1\n"


def test_lists_and_removes(fresh_alcove: Alcove, tmp_path: Path) -> None:
    file = tmp_path / "bare.py"
    file.write_text(BARE)
    assert fresh_alcove.run("env", "list", "--json", check=True).json == []
    fresh_alcove.run("run", f"{file}:f", check=True)
    (environment,) = fresh_alcove.run("env", "list", "--json", check=True).json
    assert environment["state"] == "ready"
    assert environment["name"].startswith("bare-")
    assert environment["name"] in fresh_alcove.run("env", "list", check=True).out
    fresh_alcove.run("env", "remove", environment["name"], check=True)
    assert fresh_alcove.run("env", "list", "--json", check=True).json == []
    fresh_alcove.run("env", "remove", environment["name"]).assert_failed(environment["name"])
    fresh_alcove.run("run", f"{file}:f", check=True)


def test_listing_nothing_makes_nothing(memory_directory: Path, tmp_path: Path) -> None:
    alcove = Alcove(tmp_path / "new data", memory_directory, tmp_path)
    assert "No environments" in alcove.run("env", "list", check=True, ALCOVE_OFFLINE="1").err
    assert not (alcove.data_directory / "toolbox").exists()


def test_an_environment_in_use_is_not_removed(fresh_alcove: Alcove, tmp_path: Path) -> None:
    file = tmp_path / "slow.py"
    file.write_text(
        "import time\nfrom alcove import op, progress\n@op\ndef f() -> int:\n"
        "    progress(None, 'it runs')\n    time.sleep(1000)\n    return 1\n"
    )
    with fresh_alcove.start("run", f"{file}:f") as running:
        fresh_alcove.wait_for_line(running, "it runs")
        (environment,) = fresh_alcove.run("env", "list", "--json", check=True).json
        assert environment["in_use"] is True
        fresh_alcove.run("env", "remove", environment["name"]).assert_failed("in use")
        running.kill()


def test_doctor_finds_everything_in_order(alcove: Alcove) -> None:
    alcove.run("env", "settings", check=True)
    findings = {finding["name"]: finding for finding in alcove.run("doctor", "--json", check=True).json}
    assert {"Java", "Python", "uv", "memory directory", "data directory", "toolbox"} <= set(findings)
    assert str(alcove.memory_directory) in findings["memory directory"]["value"]
    assert all(finding["status"] != "problem" for finding in findings.values())


def test_doctor_says_what_is_wrong_and_how_to_mend_it(alcove: Alcove, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    checked = alcove.run("doctor", ALCOVE_PYTHON="/nowhere/python", ALCOVE_DATA_DIR=str(tmp_path / "a file"))
    assert checked.code == 1
    assert "PROBLEM  Python" in checked.out
    assert "PROBLEM  data directory" in checked.out
    assert "ALCOVE_DATA_DIR" in checked.out
