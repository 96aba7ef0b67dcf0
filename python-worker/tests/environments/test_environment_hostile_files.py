"""Files that are broken, or meant to break something: each gives a specification or says ``spec_invalid``."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from test_environment_formats import HEADER, PIXI, PYLOCK, A

from alcove import OpError
from alcove.environments.formats import FORMATS
from alcove.environments.machine import Machine
from alcove.environments.specification import Specification

MACHINE = Machine("linux-64", {"__cuda": "12.4"})
GOOD = {
    "script": HEADER,
    "environment.yml": "channels: [a]\ndependencies:\n  - numpy >=1\n  - pip:\n    - six\ngpu:\n  dependencies: [x]\n",
    "requirements.txt": f"-i https://x.org/s\nsix==1.0 --hash=sha256:{A}\n",
    "pyproject.toml": '[project]\nname = "x"\ndependencies = ["numpy"]\n' + HEADER[HEADER.index("[[") :],
    "pixi.toml": PIXI,
    "conda-lock.yml": "version: 1\nmetadata:\n  platforms: [linux-64]\npackage: []\n",
    "pixi.lock": "version: 6\nenvironments:\n  default:\n    packages: {linux-64: []}\npackages: []\n",
    "pylock.toml": PYLOCK,
}
PIECES = [
    "\0",
    "\t",
    "\ud800",
    "é",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "&a ",
    "*a",
    "<<: ",
    "- ",
    ": ",
    "=",
    "\n",
    "\r",
    "#",
]
PIECES += [
    "!!python/object:os.system ",
    "---\n",
    "\\",
    "--hash=",
    "-r ",
    "[[tool.alcove]]\n",
    "99999999999999999999",
    "null",
]


def parsed(format: str, text: str) -> Specification | None:
    """The specification, None when it was refused as it should."""
    values = {"name": "cells", "format": format, "text": text, "source": "/lab/file", "first_line": 1}
    try:
        return Specification.parse(values, MACHINE)
    except OpError as error:
        refusal = error
    assert refusal.details["cause"] == "spec_invalid"
    assert refusal.hint
    assert len(str(refusal)) < 20_000
    return None


@pytest.mark.parametrize("format", FORMATS)
def test_texts_that_were_mangled(format: str) -> None:
    dice = random.Random(format)
    assert parsed(format, GOOD[format]) is not None
    refused = 0
    for _ in range(150):
        text = GOOD[format]
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(text) + 1)
            end = at + dice.choice([0, 0, 1, 5, 20])
            text = text[:at] + dice.choice([*PIECES, text[: dice.randint(0, 30)]]) + text[end:]
        refused += parsed(format, text) is None
    assert refused > 20


TOO_MUCH = {
    "nested lists": "x: " + "[" * 50_000,
    "nested items": "- " * 50_000,
    "a bomb of aliases": "a: &a [x, x]\n"
    + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
    "an alias of a list": "platforms: &a [linux-64]\ndependencies: *a",
    "an alias of itself": "dependencies: &a [*a]",
    "two documents": "dependencies: []\n---\ndependencies: []",
    "one key twice": "dependencies: []\ndependencies: []",
    "a merge": "a: &a {b: c}\n<<: *a",
    "tabs": "dependencies:\n\t- six",
    "no map": "just a text",
    "a huge file": "# x\n" * 200_000,
    "a long line": "dependencies: [" + "x" * 400_000 + "]",
    "many packages": "dependencies: [" + "six," * 10_000 + "]",
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_yaml_that_is_too_much(case: str) -> None:
    assert parsed("environment.yml", TOO_MUCH[case]) is None


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 50_000,
        "x = " + "{a = " * 50_000,
        "a = 1\na = 2",
        "dependencies = " + "9" * 10_000,
        "dependencies = ['" + "x" * 200_000 + "']",
        "dependencies = [" + "'six'," * 50_000 + "]",
        "requires-python = '" + ">=3," * 10_000 + "'",
        "[tool.alcove]\nenvironment = '" + "x" * 5_000 + "'",
        "[tool.alcove]\nenvironment = 3",
        "[tool]\nalcove = 3",
        "[tool.alcove]\ngpu = 3",
        "[[tool.alcove]]",
        "[tool.alcove.gpu]\nuv = 3",
        "[tool.alcove]\nvirtual-packages = {'__cuda' = 12}",
        "# x\n" * 200_000,
    ],
)
def test_toml_that_is_too_much(text: str) -> None:
    assert parsed("script", text) is None
    assert parsed("pyproject.toml", text) is None


def test_requirements_that_are_too_much() -> None:
    for text in (
        "six\n" * 50_000,
        "\\\n" * 10_000 + "six six",
        "six[" * 10_000,
        "six" + " " * 100_000 + "x",
        "-" * 100_000,
    ):
        assert parsed("requirements.txt", text) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="such files are POSIX's")
@pytest.mark.parametrize("kind", ["endless", "silent"])
def test_a_shared_file_that_is_none(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "environment.yml"
    file.symlink_to("/dev/zero") if kind == "endless" else os.mkfifo(file)
    values = {
        "name": "cells",
        "text": "[tool.alcove]\nenvironment = 'environment.yml'",
        "source": str(tmp_path / "x.py"),
    }

    with pytest.raises(OpError, match="is no file"):
        Specification.parse(values, MACHINE)
