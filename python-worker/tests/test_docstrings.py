"""What is read from docstrings, in each style."""

from __future__ import annotations

import pytest

from alcove.docstrings import read_docstring

NAMES = ["image", "sigma", "low", "high"]


def read(docstring: str) -> tuple[str, dict[str, str], str, dict[str, str]]:
    return tuple(read_docstring(docstring, NAMES))  # type: ignore[return-value]


def test_nothing() -> None:
    assert read_docstring(None, NAMES) == read_docstring("", NAMES) == ("", {}, "", {})


@pytest.mark.parametrize(
    ("docstring", "summary", "texts"),
    [
        ("Does it.", "Does it.", {}),
        ("Does it.\n\nimage: what", "Does it.", {"image": "what"}),
        ("image: what\nsigma: how", "", {"image": "what", "sigma": "how"}),
        ("image: what\n    goes on\nsigma: how", "", {"image": "what goes on", "sigma": "how"}),
        ("image: what\ngoes on\n\nelse", "", {"image": "what goes on"}),
        ("image (ndarray): what", "", {"image": "what"}),
        ("image:what", "", {"image": "what"}),
        ("image :\n    what", "", {"image": "what"}),
        ("image:", "", {}),
        ("image::\n\n    code", "image::\n\n    code", {}),
        ("Note: this\n\nother: that", "Note: this\n\nother: that", {}),
        ("Does it.\n\n    more: of it\n\nimage: what", "Does it.\n\n    more: of it", {"image": "what"}),
        ("Does it.\n\nArgs:\n    image: what", "Does it.", {"image": "what"}),
        ("Args:\n  image: what\n    goes on\n  sigma: how", "", {"image": "what goes on", "sigma": "how"}),
        ("Args:\n  image: what\n\n    and more\n", "", {"image": "what\n\nand more"}),
        ("Args:\n  low, high (int): both", "", {"low": "both", "high": "both"}),
        ("Args:\n  sigma (tuple(int, int), (1)): a (b): c", "", {"sigma": "a (b): c"}),
        ("Args:\n  *image: what\n  **sigma: how", "", {"image": "what", "sigma": "how"}),
        ("Args:\nimage: what\nsigma: how", "", {"image": "what", "sigma": "how"}),
        ("Arguments:\n    image: what\nRaises:\n    sigma: no", "", {"image": "what"}),
        ("Parameters:\n    image: what\n\nsigma: how", "", {"image": "what", "sigma": "how"}),
        ("args:\n    image: what", "", {"image": "what"}),
        ("A.\n\nParameters\n----------\nimage : ndarray\n    What.", "A.", {"image": "What."}),
        ("Parameters\n---\nlow, high : int\n    B.\nsigma\n    How.", "", {"low": "B.", "high": "B.", "sigma": "How."}),
        ("Parameters\n---\nimage : ndarray\n\n    What.\n\n    More.", "", {"image": "What.\n\nMore."}),
        ("Parameters\n---\nimage : ndarray\nsigma : float\n    How.", "", {"sigma": "How."}),
        ("Parameters\n===\nimage: ndarray\n    What.\n\nNotes\n---\nsigma : no\n    No.", "", {"image": "What."}),
        ("Parameters\nare what they are", "Parameters\nare what they are", {}),
        ("Returns the image.", "Returns the image.", {}),
    ],
)  # fmt: skip
def test_texts(docstring: str, summary: str, texts: dict[str, str]) -> None:
    assert read(docstring)[:2] == (summary, texts)


@pytest.mark.parametrize(
    ("docstring", "result", "results"),
    [
        ("Returns: the cells", "the cells", {}),
        ("Returns:\n    The cells,\n    all of them.", "The cells, all of them.", {}),
        ("Returns:\n    Labels: the cells", "the cells", {"Labels": "the cells"}),
        ("Returns:\n    dict[str, Any]: the cells", "the cells", {}),
        ("Return:\n    a: one\n    b (int): two", "one b (int): two", {"a": "one", "b": "two"}),
        ("Returns\n-------\nndarray\n    The cells.", "The cells.", {"ndarray": "The cells."}),
        ("Returns\n-------\nlist of int\n    The cells.", "The cells.", {"list of int": "The cells."}),
        ("Returns\n-------\na : int\n    One.\nb : int\n    Two.", "One.", {"a": "One.", "b": "Two."}),
        ("Returns\n-------\nnumpy.ndarray", "", {"numpy.ndarray": ""}),
        ("Yields:\n    a: one", "", {}),
    ],
)
def test_results(docstring: str, result: str, results: dict[str, str]) -> None:
    _, _, found, by_name = read("Does it.\n\n" + docstring)
    assert found == result
    assert {name: by_name[name] for name in results} == results


def test_a_parameter_may_be_named_like_a_section() -> None:
    texts = read_docstring("Does it.\n\nnotes: of music\nreturns: of a bond\nargs: all", ["notes", "returns", "args"])
    assert texts == ("Does it.", {"notes": "of music", "returns": "of a bond", "args": "all"}, "", {})


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert read("a\x00b\n\nimage: c\ud800\ufffe") == ("a\ufffdb", {"image": "c\ufffd\ufffd"}, "", {})
