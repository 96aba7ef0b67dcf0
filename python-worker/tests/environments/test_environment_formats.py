"""Reading the files in which people write what they need: what is understood, and every mistake with its line."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from alcove import OpError
from alcove.environments.machine import Machine
from alcove.environments.specification import Specification
from alcove.environments.wanted import Wanted

PLAIN = Machine("linux-64", {"__glibc": "2.36"})
WITH_GPU = Machine("linux-64", {"__glibc": "2.36", "__cuda": "12.4"})
A, B = "a" * 64, "b" * 64


def specified(format: str, text: str, machine: Machine = PLAIN, **others: str) -> Specification:
    values = {"name": "cells", "format": format, "text": textwrap.dedent(text), "source": f"/lab/{format}"}
    return Specification.parse({"first_line": 1, **values, **others}, machine)


def wanted(format: str, text: str, machine: Machine = PLAIN, **others: str) -> Wanted:
    return specified(format, text, machine, **others).wanted


def mistakes(format: str, text: str) -> dict[int, str]:
    """What is wrong, by line."""
    with pytest.raises(OpError) as raised:
        wanted(format, text)
    assert raised.value.details["cause"] == "spec_invalid"
    assert raised.value.hint
    found = raised.value.details["mistakes"]
    assert all(mistake["file"] == f"/lab/{format}" and mistake["hint"] for mistake in found)
    assert str(raised.value).count(f"/lab/{format}:") == len(found)
    return {mistake["line"]: mistake["message"] for mistake in found}


def texts(dependencies: tuple[object, ...]) -> list[str]:
    return [getattr(dependency, "text", "") for dependency in dependencies]


def assert_mistakes(found: dict[int, str], expected: dict[int, str]) -> None:
    assert found.keys() == expected.keys()
    for line, word in expected.items():
        assert word in found[line], (line, found[line])


HEADER = """\
requires-python = ">=3.10"
dependencies = ["six"]
[[tool.uv.index]]
name = "lab"
url = "https://example.org/simple"
[tool.alcove]
conda = ["numpy>=1.26", "pytorch"]
channels = ["conda-forge", "https://example.org/channel"]
platforms = ["linux-64", "win-64"]
virtual-packages = {"__glibc" = "2.28"}
[tool.alcove.gpu]
conda = ["cuda-version=12"]
channels = ["nvidia"]
dependencies = ["cupy"]
[tool.alcove.gpu.uv]
prerelease = "allow"
[[tool.alcove.gpu.uv.index]]
name = "gpu"
url = "https://example.org/gpu"
[tool.alcove.cpu]
dependencies = ["numba"]
"""


def test_a_header_with_conda_packages_and_variants() -> None:
    gpu, cpu = wanted("script", HEADER, WITH_GPU), wanted("script", HEADER)

    assert texts(gpu.conda) == ["numpy>=1.26", "pytorch", "cuda-version=12"]
    assert texts(gpu.python) == ["six", "cupy"]
    assert gpu.channels == ("nvidia", "conda-forge", "https://example.org/channel")
    assert gpu.uv["prerelease"] == "allow"
    assert [index["name"] for index in gpu.uv["index"]] == ["gpu", "lab"]
    assert gpu.variant == "gpu"
    assert gpu.conda[2].place == "/lab/script:12"
    assert texts(cpu.conda) == ["numpy>=1.26", "pytorch"]
    assert texts(cpu.python) == ["six", "numba"]
    assert (cpu.variant, cpu.channels, cpu.platforms) == ("cpu", gpu.channels[1:], ("linux-64", "win-64"))
    assert cpu.virtual_packages == {"__glibc": "2.28"}
    assert "prerelease" not in cpu.uv


def test_a_variant_without_channels_around_it_adds_to_the_usual_one() -> None:
    text = "[tool.alcove]\nconda = ['pytorch']\n[tool.alcove.gpu]\nchannels = ['nvidia']\n"

    assert wanted("script", text, WITH_GPU).channels == ("nvidia", "conda-forge")
    assert wanted("script", text).channels == ()


def test_mistakes_in_the_table_of_alcove() -> None:
    found = mistakes(
        "script",
        """\
        [tool.alcove]
        conda = ["numpy", "not a package", "six; sys_platform == 'linux'"]
        chanels = ["conda-forge"]
        platforms = ["linux-64", "linux"]
        virtual-packages = {cuda = "12"}
        [tool.alcove.gpu]
        platforms = []
        channels = "nvidia"
        [tool.alcove.cpu]
        dependencies = ["six >> 2"]
        """,
    )

    assert_mistakes(
        found,
        {2: "six; sys", 3: "chanels", 4: "'linux'", 5: "cuda", 7: "platforms", 8: "must be a list", 10: "six >> 2"},
    )


def test_what_a_text_asks_for_decides_the_engine() -> None:
    assert specified("script", "dependencies = ['six']").engine_name == "uv"
    assert specified("script", "[tool.alcove]\nconda = ['six']").engine_name == "rattler"
    assert specified("environment.yml", "dependencies:\n- pip:\n  - six\n").engine_name == "rattler"
    assert specified("requirements.txt", "six").engine_name == "uv"
    assert specified("script", "dependencies = ['six']", engine="micromamba").engine_name == "micromamba"
    with pytest.raises(OpError, match="/lab/script:2: the engine 'uv' installs nothing from conda"):
        specified("script", "[tool.alcove]\nconda = ['six']", engine="uv")


def test_an_environment_yml_with_a_pip_part_and_variants() -> None:
    text = """\
        name: cells
        channels:
          - conda-forge
          - nodefaults
        prefix: /home/me/envs/cells
        dependencies:
          - python=3.11
          - numpy >=1.26,<3
          - "pytorch=2.*=cuda*"
          - conda-forge::scipy
          - pip:
            - six ; sys_platform == 'linux'
            - --extra-index-url https://example.org/simple
        gpu:
          dependencies: [cuda-version, {pip: [cupy]}]
        """
    gpu, cpu = wanted("environment.yml", text, WITH_GPU), wanted("environment.yml", text)

    assert texts(gpu.conda) == [
        "python=3.11",
        "numpy >=1.26,<3",
        "pytorch=2.*=cuda*",
        "conda-forge::scipy",
        "cuda-version",
    ]
    assert texts(gpu.python) == ["six ; sys_platform == 'linux'", "cupy"]
    assert gpu.channels == ("conda-forge",)
    assert gpu.uv == {"index": [{"url": "https://example.org/simple"}]}
    assert gpu.conda[1].place == "/lab/environment.yml:8"
    assert (texts(cpu.python), cpu.variant) == (texts(gpu.python)[:1], "cpu")


def test_mistakes_in_an_environment_yml() -> None:
    found = mistakes(
        "environment.yml",
        """\
        nme: cells
        channels: conda-forge
        platforms: [linux-64, linux-32]
        dependencies:
          - python: 3.11
          - numpy >> 2
          - [six]
          - pip:
            - -r more.txt
            - ./cells.whl
            - six six
        variables: {}
        gpu: 3
        """,
    )

    assert_mistakes(
        found,
        {
            1: "nme",
            2: "must be a list",
            3: "linux-32",
            5: "'python'",
            6: "numpy >> 2",
            7: "a list",
            9: "--requirement",
            10: "cells.whl",
            11: "six six",
            12: "variables",
            13: "must be a map",
        },
    )


def test_a_requirements_txt_with_options_and_hashes() -> None:
    text = f"""\
        # made by hand
        # requires-python = ">=3.10"
        --index-url https://example.org/simple
        --extra-index-url=https://example.org/more  # and this
        --only-binary :all:
        numpy==2.0 ; python_version >= "3.10" \\
            --hash=sha256:{A} \\
            --hash=sha256:{B}
        six==1.0 --hash sha256:{A}
        """
    found = wanted("requirements.txt", text)

    assert found.hashes
    assert found.requires_python == ">=3.10"
    assert texts(found.python) == [
        f'numpy==2.0 ; python_version >= "3.10" --hash=sha256:{A} --hash=sha256:{B}',
        f"six==1.0 --hash=sha256:{A}",
    ]
    assert found.uv == {
        "index": [{"url": "https://example.org/simple", "default": True}, {"url": "https://example.org/more"}],
        "no-build": True,
    }
    assert not wanted("requirements.txt", "numpy\nsix>=1  # why not\n").hashes


def test_mistakes_in_a_requirements_txt() -> None:
    lines = [
        f"numpy==2.0 --hash=sha256:{A}",
        "six",
        "scipy>1 --hash=md5:123",
        f"pandas>1 --hash=sha256:{A}",
        "-r more.txt",
        "--indx-url https://example.org",
        "-e .",
        "./cells.whl",
        "six @ ../six.whl",
        "-i ${TOKEN}",
        "numpy 2",
        "--index-url simple",
        "--trusted-host example.org",
        "six==1 --global-option x",
    ]
    found = mistakes("requirements.txt", "\n".join(lines))

    assert found.keys() == set(range(2, 15))
    words = [
        "has no hash",
        "has no hash",
        "no version",
        "--requirement",
        "--indx-url",
        "--editable",
        "is a file",
        "six",
    ]
    words += ["environment variables", "numpy 2", "is no address", "--trusted-host", "has no hash"]
    for line, word in enumerate(words, 2):
        assert word in found[line], (line, found[line])


def test_a_pyproject_toml_gives_what_the_project_depends_on() -> None:
    text = """\
        [build-system]
        requires = ["hatchling"]
        [project]
        name = "cells"
        requires-python = ">=3.10"
        dependencies = ["numpy"]
        [dependency-groups]
        dev = ["pytest"]
        [tool.uv]
        package = false
        prerelease = "allow"
        [tool.alcove]
        conda = ["pytorch"]
        """
    found = specified("pyproject.toml", text)

    assert texts(found.wanted.python) == ["numpy"]
    assert texts(found.wanted.conda) == ["pytorch"]
    assert found.wanted.requires_python == ">=3.10"
    assert found.wanted.uv == {"prerelease": "allow"}
    assert found.notes(PLAIN) == [
        "Not installed from pyproject.toml: the project itself; dependency-groups, which are for developers"
    ]


def test_mistakes_in_a_pyproject_toml() -> None:
    found = mistakes(
        "pyproject.toml",
        """\
        [projet]
        [project]
        name = "cells"
        dynamic = ["dependencies"]
        requires_python = ">=3.10"
        [tool.uv.sources]
        mine = { path = "../mine" }
        """,
    )

    assert_mistakes(found, {1: "projet", 4: "dependencies", 5: "requires_python", 7: "mine"})


PIXI = """\
[workspace]
name = "cells"
channels = ["conda-forge", {channel = "bioconda", priority = -1}]
platforms = ["linux-64", "win-64"]
[dependencies]
python = ">=3.10,<3.13"
numpy = "*"
pytorch = {version = ">=2", channel = "pytorch", build = "*cuda*"}
[pypi-dependencies]
six = "*"
cellpose = {version = ">=3", extras = ["gui"]}
trackpy = {git = "https://example.org/trackpy", rev = "abc"}
[target.unix.dependencies]
gcc = "*"
[target.win-64.pypi-dependencies]
pywin32 = ">=300"
[feature.gpu.dependencies]
cupy = "*"
[environments]
gpu = ["gpu"]
[system-requirements]
cuda = "12"
[tasks]
run = "python x.py"
"""


def test_a_pixi_toml_gives_its_default_environment() -> None:
    found = specified("pixi.toml", PIXI)

    assert texts(found.wanted.conda) == [
        "python >=3.10,<3.13",
        "numpy",
        'pytorch::pytorch[version=">=2",build="*cuda*"]',
        "gcc",
    ]
    assert texts(found.wanted.python) == ["six", "cellpose[gui]>=3", "trackpy @ git+https://example.org/trackpy@abc"]
    assert found.wanted.channels == ("conda-forge", "bioconda")
    assert found.wanted.virtual_packages == {"__cuda": "12"}
    assert found.notes(PLAIN) == ["Not taken from pixi.toml: features (gpu)"]


def test_a_pixi_toml_asks_for_other_packages_on_other_platforms() -> None:
    found = specified("pixi.toml", PIXI).on("win-64", PLAIN).wanted

    assert "gcc" not in texts(found.conda)
    assert "pywin32>=300" in texts(found.python)


def test_mistakes_in_a_pixi_toml() -> None:
    found = mistakes(
        "pixi.toml",
        """\
        [workspace]
        chanels = []
        platforms = ["linux"]
        [dependencies]
        numpy = 2
        scipy = { versio = "1" }
        pandas = ">> 1"
        [pypi-dependencies]
        mine = { path = "." }
        [host-dependencies]
        [target.linux-64.dependency]
        [environments]
        default = ["gpu"]
        [pypi-options]
        index-url = 3
        """,
    )

    assert_mistakes(
        found,
        {
            2: "chanels",
            3: "'linux'",
            5: "numpy",
            6: "versio",
            7: ">> 1",
            9: "local folder",
            10: "host-dep",
            11: "dependency",
            13: "default",
            15: "index-url",
        },
    )


PYLOCK = f"""\
lock-version = "1.0"
created-by = "hand"
requires-python = ">=3.10"
[[packages]]
name = "six"
version = "1.0"
wheels = [{{ url = "https://example.org/six-1.0-py3-none-any.whl", hashes = {{ sha256 = "{A}" }} }}]
"""


def test_locks_are_recognised() -> None:
    conda = "version: 1\nmetadata:\n  platforms: [linux-64, win-64]\npackage: []\n"
    pixi = "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64: []\npackages: []\n"
    for format, text, engine in (
        ("conda-lock.yml", conda, "rattler"),
        ("pixi.lock", pixi, "rattler"),
        ("pylock.toml", PYLOCK, "uv"),
    ):
        found = specified(format, text)
        assert found.engine_name == engine
        assert found.wanted.lock is not None
        assert (found.wanted.lock.format, found.wanted.lock.text) == (format, text)
    assert wanted("conda-lock.yml", conda).platforms == ("linux-64", "win-64")
    assert wanted("pixi.lock", pixi).platforms == ("linux-64",)


@pytest.mark.parametrize(
    ("format", "text", "line", "word"),
    [
        ("conda-lock.yml", "version: 2\nmetadata: {}\npackage: []", 1, "version 2"),
        ("conda-lock.yml", "version: 1\nmetadata: {}\npackage:\n- name: x", 4, "without 'version'"),
        ("pixi.lock", "version: 99\nenvironments: {default: {}}\npackages: []", 1, "version 99"),
        ("pixi.lock", "version: 6\nenvironments: {gpu: {}}\npackages: []", 2, "default"),
        ("pylock.toml", PYLOCK.replace("1.0", "2.0", 1), 1, "2.0"),
        ("pylock.toml", PYLOCK.replace("sha256", "md5"), 5, "no SHA-256"),
        ("pylock.toml", PYLOCK.replace("wheels = [", "x = ["), 5, "no files"),
        ("pylock.toml", PYLOCK.split("wheels")[0] + "directory = {path = '.'}", 5, "local folder"),
    ],
)
def test_locks_of_another_kind_are_refused(format: str, text: str, line: int, word: str) -> None:
    assert_mistakes(mistakes(format, text), {line: word})


def test_a_shared_file_says_what_an_op_needs(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "environment.yml").write_text("dependencies: [numpy]\n")
    (tmp_path / "ops").mkdir()
    header = "[tool.alcove]\nenvironment = '../shared/environment.yml'\n"

    found = specified("script", header, source=str(tmp_path / "ops" / "cells.py"))

    assert found.reference == tmp_path / "shared" / "environment.yml"
    assert texts(found.wanted.conda) == ["numpy"]
    assert found.wanted.conda[0].place == f"{found.reference}:1"
    assert found.engine_name == "rattler"


@pytest.mark.parametrize(
    ("path", "content", "word"),
    [
        ("missing.yml", None, "No such file"),
        ("cells.py", b"", "op file itself"),
        ("notes.docx", b"", "says no format"),
        ("environment.yml", b"name: Z\xe4hlung\n", "not UTF-8"),
        ("pyproject.toml", b"[tool.alcove]\nenvironment = 'environment.yml'", "names another file"),
        (".", None, "says no format"),
    ],
)
def test_a_shared_file_that_says_nothing_is_named_with_its_line(
    tmp_path: Path, path: str, content: bytes | None, word: str
) -> None:
    if content is not None:
        (tmp_path / path).write_bytes(content)
    if path == "pyproject.toml":
        (tmp_path / "environment.yml").write_text("dependencies: []")
    source = str(tmp_path / "cells.py")

    with pytest.raises(OpError) as raised:
        specified("script", f"[tool.alcove]\nenvironment = '{path}'\n", source=source)

    assert str(raised.value).startswith(f"{source}:2: ")
    assert word in str(raised.value)
    assert raised.value.details["mistakes"][0]["line"] == 2


def test_mistakes_in_a_shared_file_are_placed_there(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("dependencies:\n- numpy >> 2\n")

    with pytest.raises(OpError) as raised:
        specified("script", "[tool.alcove]\nenvironment = 'environment.yml'", source=str(tmp_path / "cells.py"))

    assert str(raised.value).startswith(f"{tmp_path / 'environment.yml'}:2: ")


def test_a_shared_file_and_packages_of_ones_own_contradict_each_other() -> None:
    text = "dependencies = ['six']\n[tool.alcove]\nenvironment = 'environment.yml'\n"

    assert_mistakes(mistakes("script", text), {3: "'dependencies' beside"})


def test_another_platform_is_refused_where_it_is_to_be_installed() -> None:
    found = specified("environment.yml", "platforms: [win-64]\ndependencies: [numpy]")

    with pytest.raises(OpError, match=r"environment.yml is for win-64, and this computer is linux-64") as raised:
        found.check_platform("linux-64")
    assert raised.value.details["cause"] == "platform"
    found.check_platform("win-64")


@pytest.mark.parametrize("format", ["script", "environment.yml", "requirements.txt", "pyproject.toml", "pixi.toml"])
def test_bytes_that_editors_add_do_no_harm(format: str) -> None:
    empty = {"script": "dependencies = []", "environment.yml": "dependencies: []", "requirements.txt": "six"}
    text = empty.get(format, "[project]\nname = 'x'\n" if format == "pyproject.toml" else "[workspace]\nname = 'x'\n")

    assert wanted(format, "\ufeff" + text.replace("\n", "\r\n") + "\r\n") == wanted(format, text)
