from typing import Annotated

from alcove import Range, op


@op(title="Answer", output="answer")
def answer(seed: Annotated[int, Range(0, 9)] = 1) -> int:
    return 42
