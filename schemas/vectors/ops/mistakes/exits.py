import sys

from alcove import op


@op
def nothing() -> None: ...


sys.exit(0)
