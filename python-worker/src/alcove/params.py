"""Reading what a request says: members of its params, each checked."""

from __future__ import annotations

from .conversion import MODES
from .messages import unexpected
from .places import is_block_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_KINDS = {dict: "an object", str: "a string", int: "an integer", list: "a list"}


def member(params: dict[str, Any], name: str, kind: type, within: str = "", default: Any = None) -> Any:
    """The member of this name.

    Args:
        params: an object of the message.
        name: the member's name.
        kind: dict, str, int or list; a boolean is no int.
        within: what stands before the name in the path for the error.
        default: what an absent member counts as; None where it may not be absent.

    Raises:
        AlcoveError: ``invalid_params`` with the path to what is missing or of another kind.
    """
    if name not in params and default is not None:
        return default
    value = params.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise unexpected(within + name, _KINDS[kind])
    return value


def at_least(least: int, value: int, path: str) -> int:
    """The value; raises ``invalid_params`` when it is smaller."""
    if value < least:
        raise unexpected(path, f"an integer from {least}")
    return value


def choice(params: dict[str, Any], name: str, choices: Sequence[str], default: str) -> str:
    """The member of this name, which must be one of the choices; raises ``invalid_params``."""
    value = params.get(name, default)
    if value not in choices:
        raise unexpected(name, "one of " + ", ".join(choices))
    return str(value)


def adapt(params: dict[str, Any]) -> str:
    """How far inputs may be fitted to what the op declares."""
    return choice(params, "adapt", MODES, "lossless") if "adapt" in params else "lossless"


def block_names(params: dict[str, Any]) -> list[str]:
    """The names in ``blocks``; what can be no block's name is left out."""
    return [name for name in member(params, "blocks", list) if is_block_name(name)]
