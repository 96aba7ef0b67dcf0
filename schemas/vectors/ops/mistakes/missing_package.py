import os

import no_such_package_anywhere
from alcove import op


@op
def nothing() -> None: ...
