"""What ``schemas/README.md`` shows is true: the conversation takes place, and the documents are of its op."""

from __future__ import annotations

import json
import re
from typing import Any

from documents import SCHEMAS
from test_schemas import require
from worker_process import Host

from alcove import dialects
from alcove.messages import CODES

README = (SCHEMAS / "README.md").read_text("utf-8")
OP_FILE = SCHEMAS / "vectors/threshold.py"
CONVERSATION = [
    (line[:3], json.loads(line[4:])) for line in README.splitlines() if line.startswith(("--> ", "<-- "))
]  # fmt: skip


def test_the_conversation_takes_place(host: Host) -> None:
    worker = host.start()
    # The README's names stand for those of this machine.
    here = {
        "/dev/shm": str(host.directory),
        "/ops/threshold.py": str(OP_FILE),
        "alcove-5f3a91c2-w1-": worker.prefix,
        "alcove-5f3a91c2-h-0": host.block(4096),
        "alcove-5f3a91c2-w1-0": f"{worker.prefix}0",
    }
    (host.directory / here["alcove-5f3a91c2-h-0"]).write_bytes(bytes([0, 20, 30, 5]))
    for direction, shown in CONVERSATION:
        message = replaced(shown, here)
        require("from_host" if direction == "-->" else "from_worker", message)
        if direction == "-->":
            worker.write(json.dumps(message).encode() + b"\n")
            continue
        answer = worker.message()
        if "worker" in message.get("result", {}):
            described = answer["result"].pop("worker")
            expected = message["result"].pop("worker")
            assert {name: type(value) for name, value in described.items()} == {
                name: type(value) for name, value in expected.items()
            }
        assert answer == message
        if "outputs" in message.get("result", {}):
            mask = host.array(answer["result"]["outputs"]["mask"])
            assert mask.tolist() == [[False, True], [True, False]]
    worker.loaned.clear()
    worker.stop()


def replaced(value: Any, here: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: replaced(item, here) for name, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, here) for item in value]
    return here.get(value, value) if isinstance(value, str) else value


def test_the_conversation_has_most_kinds_of_messages() -> None:
    methods = {message["method"] for direction, message in CONVERSATION if "method" in message}
    assert methods == {"initialize", "load", "call", "release", "progress"}
    assert any("error" in message for _, message in CONVERSATION)


def test_the_documents_are_those_of_the_op() -> None:
    (op,) = next(message["result"]["ops"] for _, message in CONVERSATION if "ops" in message.get("result", {}))
    op.pop("id")
    for dialect in ("yaml", "xml"):
        (shown,) = re.findall(rf"```{dialect}\n(.*?)```", README, re.DOTALL)
        assert shown == dialects.render([op], dialect)  # type: ignore[arg-type]


def test_the_table_of_errors_is_whole() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (-\d+) \|", README, re.MULTILINE)
    assert {kind: int(code) for kind, code in rows} == CODES


def test_it_names_every_method_every_type_and_every_feature() -> None:
    schema = json.loads((SCHEMAS / "message.schema.json").read_text("utf-8"))["$defs"]
    for method in schema["from_host"]["properties"]["method"]["enum"] + ["progress", "log"]:
        assert f"| `{method}` |" in README
    tags = json.loads((SCHEMAS / "value.schema.json").read_text("utf-8"))["$defs"]["tagged"]["properties"]["$type"][
        "enum"
    ]
    for tag in tags:
        assert f"| `{tag}` |" in README


def test_every_link_leads_somewhere() -> None:
    for page in (SCHEMAS / "README.md", SCHEMAS / "vectors/README.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), link
