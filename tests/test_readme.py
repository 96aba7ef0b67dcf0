"""What README tells people to do, done word by word."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import tifffile
from alcove_program import EXAMPLES, ROOT, Alcove

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_op_and_the_commands_of_the_tour(alcove: Alcove, tmp_path: Path) -> None:
    (op_file,) = blocks("python")
    (tmp_path / "blobs.py").write_text(op_file, encoding="utf-8")
    (tmp_path / "examples").symlink_to(EXAMPLES)
    for part in ("plugins", "macros"):
        (tmp_path / "Fiji.app" / part).mkdir(parents=True)
    commands = [line for block in blocks("sh") for line in block.splitlines() if "blobs.py" in line]
    assert len(commands) == 6
    for command in commands:
        launcher, *arguments = shlex.split(command.replace("~", str(tmp_path)), comments=True)
        assert launcher == "./alcove"
        alcove.run(*arguments, check=True)
    assert tifffile.imread(tmp_path / "results" / "labels.tif").max() > 10
    assert tifffile.imread(tmp_path / "once" / "labels.tif").max() > 10
    assert (tmp_path / "Fiji.app" / "plugins" / "Alcove" / "blobs.py").is_file()
    assert 'name="segment"' in (tmp_path / "blobs.xml").read_text(encoding="utf-8")


def test_the_java_snippet_compiles_and_runs(alcove: Alcove, tmp_path: Path) -> None:
    (snippet,) = blocks("java")
    (tmp_path / "cells.py").write_bytes((EXAMPLES / "cells.py").read_bytes())
    seen = snippet.replace(".toShorts();", '.toShorts();\nSystem.out.println("labels: " + labels.length);')
    (tmp_path / "Snippet.java").write_text(
        "import java.nio.file.Path;\nimport java.util.Map;\nimport org.alcove.*;\n"
        "public class Snippet {\n  public static void main(String[] arguments) {\n"
        "    short[] pixels = new short[512 * 512];\n"
        "    for (int i = 0; i < pixels.length; i++)\n"
        "      pixels[i] = (short) (i / 512 % 50 < 20 && i % 50 < 20 ? 900 : i % 7);\n"
        f"{seen}  }}\n}}\n"
    )
    alcove.run("--version", check=True)  # builds the jar if need be
    class_path = f"{ROOT / 'java-manager' / 'target' / 'run' / 'alcove.jar'}:{tmp_path}"
    subprocess.run(["javac", "-cp", class_path, "Snippet.java"], cwd=tmp_path, check=True, timeout=120)
    command = ["java", "-cp", class_path, "Snippet"]
    done = subprocess.run(
        command, cwd=tmp_path, env=alcove.variables(), capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"labels: {512 * 512}\n"


def test_no_instruction_fetches_the_package_from_a_registry() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        assert not re.search(r"(pip|uv|conda|mamba) (pip )?install alcove", document.read_text(encoding="utf-8"))
