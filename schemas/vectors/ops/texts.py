"""Texts that a careless writer of YAML or XML would change."""

from typing import Annotated, Any, Literal

from alcove import Label, Unit, op


@op
def for_yaml(
    no: str = "no",
    yes: str = "Yes",
    off: str = "off",
    null: str = "null",
    tilde: str = "~",
    true: str = "true",
    exponent: str = "1e3",
    integer: str = "12",
    octal: str = "010",
    underscores: str = "1_000",
    sexagesimal: str = "12:30:45",
    date: str = "2001-12-14",
    infinity: str = ".inf",
    merge: str = "<<",
    equals: str = "=",
    comment: str = "a # b",
    mapping: str = "a: b",
    colon: str = "a:",
    item: str = "- a",
    anchor: str = "&a *a !a",
    percent: str = "%YAML 1.2",
    document: str = "---\na\n...\n",
    flow: str = "{a: [b, c]}",
    block: str = "|\n  a",
    folded: str = ">-",
    quotes: str = "'a' \"b\"",
    backslash: str = "\\n \\x41",
    at: str = "@a `b`",
) -> None:
    """no"""


@op
def for_xml(
    markup: str = "<a b='c'>&amp;</a>",
    end_of_section: str = "]]>",
    comment: str = "<!-- a -- b -->",
    instruction: str = "<?xml version='1.0'?>",
    entity: str = "&#65;&lt;&unknown;",
    quotes: str = "\"'",
) -> None:
    """a < b && b > c ]]> d"""


@op
def blanks(
    empty: str = "",
    blank: str = " ",
    leading: str = "  a",
    trailing: str = "a  ",
    inner: str = "a   b",
    newline: str = "\n",
    trailing_newlines: str = "a\n\n",
    leading_newline: str = "\n a",
    return_: str = "a\rb",
    return_newline: str = "a\r\nb\r\n",
    tab: str = "\ta\tb\t",
    no_break: str = "\u00a0a\u00a0",
    next_line: str = "a\u0085b",
    separators: str = "a\u2028b\u2029c",
    mixed: str = " \t\r\n ",
) -> None:
    """Blanks of every kind."""


@op(title="  Größe: ½ × 漢字 – 🔬 ", menu="Mikroskopie>Größe & Form <neu", version="1.10")
def beyond_ascii(
    größe: Annotated[str, Unit("µm²·s⁻¹"), Label("Größe\n(in µm²)")] = "äöü ß ẞ",
    astral: str = "🔬\U0010ffff\U0001d49c",
    combining: str = "e\u0301 é",
    right_to_left: str = "שלום \u202eabc\u202c",
    byte_order_mark: str = "\ufeffa",
    replacement: str = "\ufffd",
    controls: str = "\x7f\x80\x9f",
    last: str = "\ud7ff\ue000",
    choice: Literal["ä", "no", " a", "a\nb", "]]>", "\t", "\r"] = "\r",
    anything: Any = {"no": "no", " a ": "\r\n", "": "", "ü\n": ["<", "&"]},  # noqa: B006
) -> None:
    """Größe – „groß“.

    größe: »Größe« in µm² 🔬
    """
