from alcove import op


def prepare():
    return {}["missing"]


prepare()


@op
def nothing() -> None: ...
