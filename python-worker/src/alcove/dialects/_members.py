"""The members of descriptors, in the order in which every dialect writes them."""

from __future__ import annotations

from typing import Any

OP = (
    "name", "title", "description", "form", "inputs", "outputs", "idempotent", "gpu",
    "version", "menu", "grace", "memory", "id",
)  # fmt: skip
PARAMETER = (
    "name", "type", "nullable", "role", "axes", "dtypes", "items", "choices", "minimum", "maximum", "step", "unit",
    "label", "direction", "required", "default", "description",
)  # fmt: skip


def in_order(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with the members of every descriptor in their order."""
    return {"ops": [_op(op) for op in document["ops"]]}


def _op(op: dict[str, Any]) -> dict[str, Any]:
    ordered = {name: op[name] for name in OP if name in op}
    for side in ("inputs", "outputs"):
        ordered[side] = [_parameter(parameter) for parameter in op[side]]
    return ordered


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    ordered = {name: parameter[name] for name in PARAMETER if name in parameter}
    if "items" in ordered:
        ordered["items"] = _parameter(ordered["items"])
    return ordered
