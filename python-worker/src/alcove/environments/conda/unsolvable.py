"""Why conda packages cannot be had together, said so that whoever asked for them can act on it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from alcove import OpError

from ..failures import failure
from ..specification import Specification
from . import channels
from .solving import Question

_MOST_LINES = 10
_MOST_ALTERNATIVES = 3

# The solver's words, and ours. Its trees are kept, as they say what follows from what.
_WORDS = [
    (r" can be installed with any of the following options:", " would be:"),
    (r", which can be installed with any of the following options:", ", which would be:"),
    (r",? (?:which )?cannot be installed because there are no viable options:", " cannot be had:"),
    (r" would require$", " needs"),
    (r", for which no candidates were found\.?", ", which does not exist here"),
    (r", which conflicts with the versions reported above\.?", ", which contradicts what is above"),
    (r"is excluded because candidate not in requested channel: '([^']+)'", r"is not in the channel \1"),
    (r"is excluded because ", "is excluded: "),
    (r"the constraint (.+) cannot be fulfilled", r"\1 is demanded"),
    (r" \*(?=$|[ ,])", ""),
]


def explain(error: Mapping[str, Any], question: Question, urls: Sequence[str], specification: Specification) -> OpError:
    """The failure of a solver.

    Args:
        error: what rattler's process tells: "text", "blamed" (entries that exclude each other), and what the channels
            have: "names" and "versions".
        question: what was asked.
        urls: the channels.
        specification: where it was asked.
    """
    where = f"{' and '.join(channels.name_of(url) for url in urls)} for {question.platform}"
    text = str(error["text"])
    log = str(error.get("all_text") or text).splitlines()
    system = _missing_system(text)
    if system is not None:
        return _no_system(system, error, question, specification, log)
    alone = re.fullmatch(r"Cannot solve the request because of: No candidates were found for (\S+) ?(.*?)\.\s*", text)
    if alone:
        return _not_there(alone[1], alone[2], error, question, where, log)
    return _contradiction(text, error, question, where, specification, log)


def _missing_system(text: str) -> tuple[str, str] | None:
    """The first virtual package that nothing provides, and the version wanted of it."""
    for line in text.splitlines():
        if "no candidates" not in line.lower():
            continue
        found = re.search(r"(__\w+) ?([^,\n]*?)(?:, for which no candidates|\.\s*$)", line)
        if found:
            return found[1], "" if found[2] == "*" else found[2].strip()
    return None


def _no_system(
    system: tuple[str, str],
    error: Mapping[str, Any],
    question: Question,
    specification: Specification,
    log: list[str],
) -> OpError:
    name, version = system
    text = str(error["text"])
    needs = re.findall(r"[├└]─ (\S+ [^\n]*?) would require", text)
    who = _shortened(needs[-1]) if needs else f"What {specification.file} asks for"
    has = question.virtual_packages.get(name)
    what = {
        "__cuda": "an NVIDIA GPU with CUDA",
        "__glibc": "glibc, the Linux system's C library,",
        "__osx": "macOS",
        "__win": "Windows",
        "__linux": "Linux",
    }.get(name, name)
    hints = {
        "__cuda": "Use a computer with an NVIDIA GPU and a new enough driver, or ask for the CPU build; to lock for "
        'another computer, say which it has: virtual-packages = {"__cuda" = "12.4"}',
        "__glibc": "Ask for older versions of the packages, or use a newer system; the limit is in the packages",
    }
    return failure(
        "platform",
        f"{who} needs {what}{' ' + version if version else ''}, and "
        + (f"this is {has}" if has else f"there is none on {question.platform} here")
        + _asked_by(question, error["blamed"]),
        hints.get(name, "The packages are made for other systems; look for others that do the same"),
        log=log,
        virtual_package=name,
    )


def _not_there(
    name: str, version: str, error: Mapping[str, Any], question: Question, where: str, log: list[str]
) -> OpError:
    asked = _asked_by(question, error["blamed"])
    versions = error["versions"].get(name) or []
    if name not in error["names"] or not versions:
        close = difflib.get_close_matches(name, error["names"], n=1, cutoff=0.7)
        meant = f"Did you mean {close[0]!r}? " if close else ""
        return failure(
            "unsolvable",
            f"There is no package named {name!r} in {where}{asked}",
            f"{meant}Correct the name, or add the channel that has it (for biology often bioconda); what only the "
            "package index has goes into dependencies",
            package=name,
            log=log,
        )
    return failure(
        "unsolvable",
        f"There is no {name} {version} in {where}{asked}; there is {_listed(versions)}",
        "Change the version limit to one of these",
        package=name,
        versions=versions[-20:],
        log=log,
    )


def _contradiction(
    text: str,
    error: Mapping[str, Any],
    question: Question,
    where: str,
    specification: Specification,
    log: list[str],
) -> OpError:
    blamed = [_entry(spec, question) for spec in error["blamed"]]
    lines = [f"What {specification.file} asks for cannot be installed together from {where}:"]
    lines += [f"- {entry}" for entry in blamed[: _MOST_LINES // 2]]
    lines += [f"- and {len(blamed) - _MOST_LINES // 2} more"] if len(blamed) > _MOST_LINES // 2 else []
    reasons = _reasons(text)
    room = _MOST_LINES - len(lines)
    lines += reasons if len(reasons) <= room else [*reasons[: room - 1], "..."]
    hint = "Widen or remove the version limit of one of these entries"
    if elsewhere := re.search(r"not in requested channel: '([^']+)'", text):
        hint = f"Add {elsewhere[1]!r} to the channels, or leave it out before the package's name"
    elif len(blamed) == 1:
        hint = "Remove this entry, or ask for another version of it"
    return failure("unsolvable", "\n".join(lines), hint, entries=list(error["blamed"]), log=log)


def _entry(spec: str, question: Question) -> str:
    origin = question.origins.get(spec)
    if origin is None:
        return f"{spec} (what Alcove needs)"
    return f"{origin.text} ({origin.place})" if origin.place else origin.text


def _asked_by(question: Question, specs: Sequence[str]) -> str:
    places = [question.origins[spec].place for spec in specs if spec in question.origins]
    named = [place for place in places if place]
    return f" ({', '.join(named)})" if named else ""


def _reasons(text: str) -> list[str]:
    """The solver's tree without its frame, in fewer and plainer words."""
    body = re.sub(r"^Cannot solve the request because of: ?", "", text).strip()
    body = re.sub(r"^The following packages are incompatible\s*", "", body)
    lines = []
    for line in body.splitlines():
        indent, words = re.fullmatch(r"([│├└─ ]*)(.*)", line).groups()  # type: ignore[union-attr]
        words = _shortened(words.strip())
        for pattern, ours in _WORDS:
            words = re.sub(pattern, ours, words)
        if words:
            lines.append((len(indent), words))
    return _joined(lines)


def _joined(lines: list[tuple[int, str]]) -> list[str]:
    """Puts what has a single consequence on one line with it."""
    depths = sorted({depth for depth, _ in lines})
    joined: list[tuple[int, str]] = []
    for number, (depth, words) in enumerate(lines):
        before = joined[-1][1] if joined else ""
        alone = not any(other == depth for other, _ in _within(lines, number))
        if before.endswith((" needs", ":")) and alone:
            joined[-1] = (joined[-1][0], f"{before} {words}")
        else:
            joined.append((depths.index(depth), words))
    return ["  " * depth + words for depth, words in joined]


def _within(lines: list[tuple[int, str]], number: int) -> list[tuple[int, str]]:
    """The lines after one, up to the end of what its parent holds."""
    depth = lines[number][0]
    found = []
    for line in lines[number + 1 :]:
        if line[0] < depth:
            break
        found.append(line)
    return found


def _shortened(words: str) -> str:
    """ "numpy 1.21.0 | 1.21.1 | ... | 2.2.6" as "numpy 1.21.0 to 2.2.6"."""

    def shorter(match: re.Match[str]) -> str:
        versions = list(dict.fromkeys(match[0].split(" | ")))
        return _listed(versions)

    return re.sub(r"[^\s|]+(?: \| [^\s|]+)+", shorter, words)


def _listed(versions: Sequence[str]) -> str:
    if len(versions) <= _MOST_ALTERNATIVES:
        return " and ".join([", ".join(versions[:-1]), versions[-1]]) if len(versions) > 1 else versions[0]
    return f"{versions[0]} to {versions[-1]}"
