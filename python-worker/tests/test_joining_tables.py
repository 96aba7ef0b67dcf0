"""The tables of a batch, joined into one."""

from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path

import pytest

from alcove import OpError, batches


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tä bles"
    made.mkdir()
    return made


def manifest(folder: Path, tables: dict[str, bytes]) -> Path:
    """Writes the tables, and a list of them in their order."""
    lines = []
    for number, (item, content) in enumerate(tables.items()):
        path = folder / f"{number}.csv"
        path.write_bytes(content)
        lines.append(json.dumps([item, str(path)]) + "\n")
    file = folder / "manifest.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    return file


def joined(folder: Path, tables: dict[str, bytes]) -> bytes:
    output = folder / "out" / "all.csv"
    batches.join(manifest(folder, tables), output)
    return output.read_bytes()


def test_unites_columns_and_keeps_every_cell_as_it_was_written(folder: Path) -> None:
    text = joined(
        folder,
        {
            "a/ü.tif": b'area,"my, name"\r\n1,"a, ""b""\r\nc"\r\n2,""\r\n3,\r\n',
            "b , x": b'"my, name",area,well\r\nx,2.50,007\r\n',
            "empty": b"",
            "no rows": b"area\r\n",
            "one column": b'well\r\n""\r\n5\r\n',
        },
    )
    assert text.decode() == (
        'item,area,"my, name",well\r\n'
        'a/ü.tif,1,"a, ""b""\r\nc",\r\n'
        'a/ü.tif,2,"",\r\n'
        "a/ü.tif,3,,\r\n"
        '"b , x",2.50,x,007\r\n'
        "one column,,,\r\n"
        "one column,,,5\r\n"
    )


def test_tables_with_the_same_columns_are_taken_as_they_are(folder: Path) -> None:
    table = b'label,name\r\n1,"two\r\nlines"\r\n2,\xc3\xa4\r\n'
    rows = list(csv.reader(joined(folder, {f"i{n}": table for n in range(3)}).decode().splitlines(keepends=True)))
    assert rows[0] == ["item", "label", "name"]
    assert rows[1:3] == [["i0", "1", "two\r\nlines"], ["i0", "2", "ä"]]
    assert len(rows) == 7


def test_a_table_may_have_a_column_of_items_itself(folder: Path) -> None:
    assert joined(folder, {"a": b"item,batch_item\r\n1,2\r\n"}) == b"batch_item_2,item,batch_item\r\na,1,2\r\n"
    assert joined(folder, {"a": b"item\r\n1\r\n"}) == b"batch_item,item\r\na,1\r\n"


def test_no_tables_are_a_table_without_rows(folder: Path) -> None:
    assert joined(folder, {}) == b"item\r\n"


@pytest.mark.parametrize("content", [b'a,b\r\n1,"2\r\n', b'a,b\r\n1,2"3"\r\n', b"a\r\n1,2\r\n", b"\xff,b\r\n"])
def test_a_file_that_is_no_table(folder: Path, content: bytes) -> None:
    (folder / "all.csv").write_text("as before")
    listed = manifest(folder, {"good": b"a,b,c\r\n1,2,3\r\n", "bad": content})
    with pytest.raises(OpError, match=r"1\.csv is no table") as refused:
        batches.join(listed, folder / "all.csv")
    assert refused.value.details["cause"] == "damaged"
    assert (folder / "all.csv").read_text() == "as before"


def test_a_table_that_is_gone(folder: Path) -> None:
    listed = manifest(folder, {"a": b"a\r\n1\r\n"})
    (folder / "0.csv").unlink()
    with pytest.raises(OpError, match="there is no file"):
        batches.join(listed, folder / "all.csv")


def test_holds_a_row_at_a_time(folder: Path) -> None:
    table = b"a,b\r\n" + b"1,22222222222222222222\r\n" * 1000
    tables = {f"i{n}": table for n in range(200)}
    listed = manifest(folder, tables)
    tracemalloc.start()
    batches.join(listed, folder / "all.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (folder / "all.csv").stat().st_size > 5_000_000
    assert peak < 1_000_000
