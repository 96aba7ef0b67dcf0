"""Every line that the sessions and our worker say to each other is as ``schemas/message.schema.json`` has it."""

from __future__ import annotations

import json
from typing import Any

import play_session
import pytest
from jsonschema import Draft202012Validator
from our_worker import OUR_WORKER
from play_session import SESSIONS, play
from referencing import Registry

SCHEMAS = SESSIONS.parents[1]
ALL = [json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")) for name in ("message", "op", "value")]
REGISTRY: Any = Registry().with_contents((schema["$id"], schema) for schema in ALL)
NAMES = sorted(path.stem for path in SESSIONS.glob("*.json"))


def problems(definition: str, message: Any) -> list[str]:
    """Where and why a message is not what the schema's definition says."""
    validator = Draft202012Validator({"$ref": f"urn:alcove:message:1#/$defs/{definition}"}, registry=REGISTRY)
    return [f"{definition} {json.dumps(message)[:400]}: {error.message}" for error in validator.iter_errors(message)]


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_as_the_schema_says(name: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    requests: dict[int, Any] = {}
    replies: list[Any] = []
    found: list[str] = []
    player = play_session._Player
    send, receive = player.send, player._message

    def sent(self: Any, message: Any) -> None:
        filled = self._filled(message)
        requests[filled.get("id")] = filled
        send(self, message)

    def received(self: Any, seconds: float) -> dict[str, Any]:
        message = receive(self, seconds)
        found.extend(problems("from_worker", message))
        if "result" in message:
            replies.append(message)
        return message

    monkeypatch.setattr(player, "send", sent)
    monkeypatch.setattr(player, "_message", received)
    play(json.loads((SESSIONS / f"{name}.json").read_text("utf-8")), OUR_WORKER, variables=variables)
    for reply in replies:
        request = requests[reply["id"]]
        found += problems(f"{request['method']}_result", reply["result"])
        if not reply["result"].get("errors"):  # those of rows that are none, in sessions about them
            found += problems("from_host", request)
    assert not found, "\n".join(found[:5])
