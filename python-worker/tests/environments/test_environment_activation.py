"""What a conda environment's activation sets, found out without a shell of the user's."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from alcove import Cancelled
from alcove.environments.conda import activation
from alcove.environments.reports import Report

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its scripts are others")

FINAL = Path("/data/Jürgens Zellen/environments/cells/0123")


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A prefix that is being built, with a blank and letters beyond ASCII in its path."""
    prefix = tmp_path / "Jürgens Zellen" / ".staging-1" / "prefix"
    (prefix / "etc" / "conda" / "activate.d").mkdir(parents=True)
    (prefix / "etc" / "conda" / "env_vars.d").mkdir()
    (prefix / "conda-meta").mkdir()
    return prefix


def script(prefix: Path, name: str, text: str) -> None:
    (prefix / "etc" / "conda" / "activate.d" / name).write_text(text, encoding="utf-8")


def capture(prefix: Path, on_report: Callable[..., None] = lambda *_: None) -> tuple[list[str], dict[str, str | None]]:
    path, variables = activation.capture(prefix, FINAL, Report(on_report))
    # In whatever form: nothing may tell of the place where it was built.
    assert ".staging" not in json.dumps([path, variables])
    assert variables.pop("CONDA_PREFIX") == variables.pop("CONDA_DEFAULT_ENV") == str(FINAL)
    return path, variables


def test_a_prefix_without_scripts_has_only_its_place(prefix: Path) -> None:
    assert capture(prefix) == (["bin"], {})


def test_scripts_build_on_one_another_and_their_paths_become_final(prefix: Path) -> None:
    script(prefix, "a-first.sh", 'export DATA="$CONDA_PREFIX/share/data"\nhidden=1\n')
    script(prefix, "b-second.sh", 'export MODEL="$DATA/model" HIDDEN=$hidden URL="file://$CONDA_PREFIX/x"\n')

    assert capture(prefix)[1] == {
        "DATA": f"{FINAL}/share/data",
        "MODEL": f"{FINAL}/share/data/model",
        "HIDDEN": "",
        "URL": f"file://{FINAL}/x",
    }


def test_a_path_that_is_percent_encoded_or_resolved_becomes_final_too(prefix: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(prefix.parent.parent)
    script(prefix, "a.sh", 'export REAL="$(cd "$CONDA_PREFIX" && pwd -P)"\n')
    assert capture(link / ".staging-1" / "prefix")[1] == {"REAL": str(FINAL)}

    script(prefix, "a.sh", 'export URL="file://$(printf %s "$CONDA_PREFIX" | sed "s/ /%20/g; s/ü/%C3%BC/g")"\n')
    assert capture(prefix)[1] == {"URL": "file:///data/J%C3%BCrgens%20Zellen/environments/cells/0123"}


def test_values_keep_line_ends_quotes_and_letters(prefix: Path) -> None:
    script(prefix, "a.sh", "export ODD='one\ntwo \"quoted\" $HOME \\ µm = 細胞'\nexport EMPTY=\n")
    assert capture(prefix)[1] == {"ODD": 'one\ntwo "quoted" $HOME \\ µm = 細胞', "EMPTY": ""}


def test_what_scripts_print_and_where_they_go_has_no_influence(prefix: Path) -> None:
    script(prefix, "a.sh", "printf 'X=1\\0\\377garbage\\n'; printf 'more' >&2; export A=1; cd /\n")
    script(prefix, "b.sh", "export B=2; exec 1>&-\n")
    assert capture(prefix)[1] == {"A": "1", "B": "2"}


def test_a_variable_that_a_script_unsets_is_to_be_unset(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    script(prefix, "a.sh", "unset LANG\nexport BACK=1\n  unset BACK NEVER_SET_HERE\nexport BACK=2\n")
    assert capture(prefix)[1] == {"LANG": None, "NEVER_SET_HERE": None, "BACK": "2"}


def test_the_surroundings_of_the_one_who_installs_do_not_leak(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/mine")
    monkeypatch.setenv("BASH_ENV", "/nonsense")
    script(prefix, "a.sh", 'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib:${LD_LIBRARY_PATH:-}"\n')
    assert capture(prefix)[1] == {"LD_LIBRARY_PATH": f"{FINAL}/lib:"}


def test_folders_that_scripts_put_into_path_come_first(prefix: Path) -> None:
    script(prefix, "a.sh", 'export PATH="$CONDA_PREFIX/opt/tools/bin:/elsewhere:$PATH"\n')
    assert capture(prefix) == (["opt/tools/bin", "bin"], {})

    script(prefix, "a.sh", "export PATH=/nowhere\n")
    assert capture(prefix) == (["bin"], {})


def test_a_script_that_fails_counts_as_far_as_it_got(prefix: Path, caplog: pytest.LogCaptureFixture) -> None:
    script(prefix, "a.sh", "export A=1\nexit 3\nexport NEVER=1\n")
    script(prefix, "b.sh", "set -eu\nexport B=1\nnonsense\n")
    script(prefix, "c.sh", "export C=1\n[[ $C == 1 ]] && export BASHISM=1\nfalse\n")

    assert capture(prefix)[1] == {"A": "1", "B": "1", "C": "1", "BASHISM": "1"}
    assert "a.sh ended with exit code 3" in caplog.text
    assert "nonsense" in caplog.text


def test_a_script_that_does_not_end_is_killed_and_passed_over(
    prefix: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(activation, "SECONDS_FOR_A_SCRIPT", 0.3)
    os.mkfifo(prefix / "alive")
    alive = os.open(prefix / "alive", os.O_RDONLY | os.O_NONBLOCK)
    script(prefix, "a.sh", 'export A=1\nexec 9> "$CONDA_PREFIX/alive"\nsleep 1000 &\nwait\n')
    script(prefix, "b.sh", "while :; do echo noise; done\n")
    script(prefix, "c.sh", "export C=1\n")

    with caplog.at_level(logging.WARNING):
        assert capture(prefix)[1] == {"C": "1"}
    assert "a.sh did not end" in caplog.text
    assert "b.sh did not end" in caplog.text
    os.set_blocking(alive, True)
    assert os.read(alive, 1) == b""  # the end, which comes when nobody has it open any more
    os.close(alive)


def test_a_cancel_ends_a_script(prefix: Path) -> None:
    script(prefix, "a.sh", f"touch '{prefix}/running'\nsleep 1000\n")

    def cancel(*_: object) -> None:
        if (prefix / "running").exists():
            raise Cancelled

    with pytest.raises(Cancelled):
        capture(prefix, cancel)


def test_declared_variables_hold_the_users_above_the_packages_and_scripts_see_them(
    prefix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    declared = prefix / "etc" / "conda" / "env_vars.d"
    (declared / "a.json").write_text('{"A": "package", "B": "package", "NUMBER": 5}')
    (declared / "b.json").write_text("nonsense")
    state = {"env_vars": {"B": "user", "GONE": "***unset***"}, "version": 1}
    (prefix / "conda-meta" / "state").write_text(json.dumps(state))
    script(prefix, "a.sh", 'export SEEN="$A $B"\n')

    assert capture(prefix)[1] == {"A": "package", "B": "user", "NUMBER": "5", "SEEN": "package user"}
    assert "b.json is passed over" in caplog.text


def test_a_value_that_is_no_text_is_passed_over(prefix: Path, caplog: pytest.LogCaptureFixture) -> None:
    script(prefix, "a.sh", "export BAD=$(printf '\\377')\nexport A=1\nf() { :; }\nexport -f f\n")
    assert capture(prefix)[1] == {"A": "1"}
    assert "BAD" in caplog.text
