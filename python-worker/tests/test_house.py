"""The house's own rules: which module may know which, what the package exports, which Python it runs in."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from worker_process import SOURCES

import alcove

PACKAGE = SOURCES / "alcove"

# The worker half: each module and the modules of the package that it may import.
MAY_IMPORT = {
    "__init__": {
        "annotations",
        "array_axes",
        "arrays",
        "caching",
        "calls",
        "downloads",
        "labelled",
        "messages",
        "ops",
        "sharing",
        "stream_reader",
        "stream_writer",
        "tables",
    },
    "__main__": {"guardian", "loading", "messages", "process", "running", "server"},
    "adaptation": {
        "alignment",
        "annotations",
        "array_axes",
        "arrays",
        "calls",
        "conversion",
        "descriptors",
        "fitting",
        "messages",
        "outputs",
        "tables",
    },
    "alignment": {"annotations", "array_axes", "messages"},
    "annotations": set(),
    "array_files": {"annotations", "arrays", "messages"},
    "array_axes": {"annotations", "axes_of_views"},
    "arrays": {"annotations", "array_axes", "axes_of_views", "memory", "messages", "places"},
    "axes_of_views": {"annotations"},
    "binding": {"descriptors", "fitting", "messages"},
    "by_path": {"local_modules"},
    "caching": set(),
    "calling": {
        "arrays",
        "calls",
        "failures",
        "greeting",
        "heap",
        "inbox",
        "late_imports",
        "leases",
        "loading",
        "logs",
        "mapping",
        "messages",
        "outbox",
        "params",
        "plans",
        "process",
        "values",
    },
    "calls": set(),
    "descriptors": {
        "docstrings",
        "evaluating",
        "fitting",
        "messages",
        "mistakes",
        "ops",
        "signatures",
        "type_descriptors",
        "values",
    },
    "conversion": set(),
    "docstrings": set(),
    "downloads": {"calls", "locks", "messages", "network_settings"},
    "evaluating": {"annotations", "mistakes"},
    "failures": {"messages", "values"},
    "fitting": {"tables"},
    "greeting": {"locks", "messages", "params", "places"},
    "guardian": {"leases", "process"},
    "import_failures": {"evaluating", "messages", "mistakes"},
    "heap": {"process"},
    "hosted": {"__main__", "greeting", "guardian", "leases", "locks", "messages", "process"},
    "inbox": {"messages", "process", "spinning"},
    "labelled": {"annotations", "array_axes", "messages"},
    "late_imports": set(),
    "leases": {"locks", "stream_registry"},
    "loading": {"by_path", "descriptors", "import_failures", "local_modules", "messages", "mistakes", "ops", "sources"},
    "local_modules": set(),
    "locks": {"process"},
    "logs": set(),
    "mapping": {
        "array_axes",
        "arrays",
        "binding",
        "calls",
        "conversion",
        "descriptors",
        "messages",
        "outputs",
        "params",
        "plans",
        "row_functions",
        "row_runs",
        "values",
    },
    "memory": {"messages", "places", "process"},
    "messages": set(),
    "mistakes": set(),
    "ndsharray": {"memory", "messages", "stream_reader", "stream_writer"},
    "network_settings": set(),
    "ops": set(),
    "outbox": {"messages"},
    "outputs": {
        "alignment",
        "annotations",
        "array_axes",
        "arrays",
        "conversion",
        "descriptors",
        "fitting",
        "labelled",
        "messages",
        "tables",
    },
    "params": {"conversion", "messages", "places"},
    "places": {"messages"},
    "plans": {"adaptation", "arrays", "binding", "loading", "local_modules", "values"},
    "process": set(),
    "range_locks": set(),
    "row_clock": set(),
    "row_functions": {"adaptation", "binding", "calls", "loading", "local_modules", "outputs", "values"},
    "row_runs": {"calls", "failures", "messages", "row_clock", "row_functions"},
    "running": {
        "adaptation",
        "arrays",
        "binding",
        "calls",
        "conversion",
        "failures",
        "loading",
        "logs",
        "messages",
        "outbox",
        "process",
        "simple_arrays",
        "values",
    },
    "server": {"calling", "calls", "greeting", "guardian", "inbox", "locks", "messages", "outbox", "process"},
    "sharing": {"annotations", "array_axes", "arrays", "labelled", "leases", "memory", "messages", "places"},
    "signatures": set(),
    "simple_arrays": {"array_axes", "array_files", "arrays", "messages"},
    "sources": set(),
    "spinning": set(),
    "stream_files": {"arrays", "memory", "messages", "range_locks"},
    "stream_reader": {"messages", "places", "range_locks", "stream_files", "stream_registry"},
    "stream_registry": {"messages", "range_locks", "stream_files"},
    "stream_writer": {"memory", "messages", "places", "range_locks", "stream_files", "stream_registry"},
    "tables": {"labelled"},
    "type_descriptors": {
        "annotations",
        "arrays",
        "docstrings",
        "evaluating",
        "fitting",
        "messages",
        "mistakes",
        "tables",
    },
    "values": {"arrays", "labelled", "messages", "tables"},
}
# The toolbox half, which runs in the toolbox alone.
TOOLBOX = {"batches", "describing", "dialects", "environments", "files"}
# What people try; it uses the package as they would.
PROGRAMS = {"demo"}
NEWER_THAN_THIS_PYTHON = {"annotationlib"}
# Where an array appears.
MAY_IMPORT_NUMPY = {
    "adaptation",
    "alignment",
    "annotations",
    "array_axes",
    "array_files",
    "arrays",
    "axes_of_views",
    "conversion",
    "labelled",
    "memory",
    "ndsharray",
    "outputs",
    "sharing",
    "simple_arrays",
    "stream_reader",
    "stream_writer",
}


def imports_of(tree: ast.AST, name: str) -> list[tuple[str, ast.stmt]]:
    """The dotted names that a module imports, those of the package itself without it, each with its statement."""
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((str(node.module), node))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, f"{name} looks outside the package"
            found += [(f".{node.module or alias.name}", node) for alias in node.names]
    return found


def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))


def test_every_module_has_its_place() -> None:
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there == set(MAY_IMPORT) | TOOLBOX | PROGRAMS


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_modules_import_only_what_they_may(module: str) -> None:
    within = {name[1:].partition(".")[0] for name, _ in imports_of(tree_of(module), module) if name.startswith(".")}
    assert within <= MAY_IMPORT[module]


def test_imports_run_one_way() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {module for module, known in MAY_IMPORT.items() if module not in done and known <= done}
        assert ready, f"a circle among {set(MAY_IMPORT) - done}"
        done |= ready


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_the_worker_half_needs_python_alone(module: str) -> None:
    tree = tree_of(module)
    top = set(tree.body)
    for name, statement in imports_of(tree, module):
        package = name.partition(".")[0]
        if package == "numpy":
            assert module in MAY_IMPORT_NUMPY
            assert statement not in top, "numpy is imported where an array appears"
        elif package:
            assert package in sys.stdlib_module_names | NEWER_THAN_THIS_PYTHON, f"{module} imports {name}"


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_the_worker_half_is_written_for_python_3_9(module: str) -> None:
    text = (PACKAGE / f"{module}.py").read_text("utf-8")
    ast.parse(text, feature_version=(3, 9))
    if module != "__init__":
        assert "from __future__ import annotations" in text


def test_a_start_loads_neither_numpy_nor_what_is_slow() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import alcove, alcove.server; print(*sorted(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(SOURCES)], capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert "alcove.server" in loaded
    assert not any(name.startswith("alcove.stream") for name in loaded)
    assert not loaded & {"numpy", "inspect", "dataclasses", "logging", "traceback", "ctypes", "subprocess", "asyncio"}
    # What serves calls is imported when the host has its first answer.
    assert not loaded & {"typing", "pathlib", "contextlib", "alcove.arrays", "alcove.calling", "alcove.annotations"}


def test_what_the_package_exports() -> None:
    assert sorted(alcove.__all__) == [
        "AlcoveError",
        "Array",
        "Axes",
        "Axis",
        "Cancelled",
        "DTypes",
        "Image",
        "InOut",
        "Label",
        "Labels",
        "Mask",
        "OpError",
        "Out",
        "Points",
        "Range",
        "Shape",
        "Shapes",
        "SharedArray",
        "StreamReader",
        "StreamWriter",
        "Table",
        "Tracks",
        "Unit",
        "Vectors",
        "Writable",
        "attach",
        "axes",
        "cached",
        "download",
        "empty",
        "op",
        "progress",
        "set_axes",
        "share",
        "share_empty",
        "to_xarray",
    ]
    assert all(hasattr(alcove, name) for name in alcove.__all__)


def test_the_version_stands_in_one_other_place_alone() -> None:
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    assert f'\nversion = "{alcove.__version__}"\n' in text
