"""Says how many vectors passed on each side: ``count_vectors.py REPORT...``, the JUnit reports of pytest and of Maven.

A Python test says in the property ``vectors`` what it ran ("values 1", "messages 193"); a Java class whose name ends
with ``VectorsTest`` has a test for each. What ran in a second way as well (``[portable]``) counts once.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree


def main(reports: list[str]) -> None:
    """Prints a line for each side that ran vectors."""
    sides = {"Python": Counter[str](), "Java": Counter[str]()}
    for report in map(Path, reports):
        for case in ElementTree.parse(report).iter("testcase") if report.exists() else ():
            if case.find("failure") is None and case.find("error") is None:
                _count(case, sides)
    for side, passed in sides.items():
        if passed:
            details = ", ".join(f"{name} {count}" for name, count in sorted(passed.items()))
            print(f"Vectors passed on the {side} side: {passed.total()} ({details})")


def _count(case: ElementTree.Element, sides: dict[str, Counter[str]]) -> None:
    of_java = re.search(r"(\w*)VectorsTest$", case.get("classname", ""))
    if of_java:
        sides["Java"][of_java[1].lower() or "lines, values, inputs"] += 1
    for found in case.iter("property"):
        if found.get("name") == "vectors" and "[portable" not in case.get("name", ""):
            name, count = found.get("value", "").split()
            sides["Python"][name] += int(count)


if __name__ == "__main__":
    main(sys.argv[1:])
