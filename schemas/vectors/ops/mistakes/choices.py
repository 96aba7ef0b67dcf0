import enum
from typing import Literal

from alcove import op


class Nothing(enum.Enum):
    pass


class Level(enum.Enum):
    LOW = 1


@op
def choose(
    no_member: Nothing,
    of_bytes: Literal[b"a", b"b"],
    of_members: Literal[Level.LOW],
    only_none: Literal[None],
    control: Literal["a", "\x07"],
    long: Literal[10**1000],
    in_a_list: list[Literal[b"a"]],
) -> Literal["\ud800"]:
    return "\ud800"
