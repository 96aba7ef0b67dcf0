from alcove import op


@op
def größe() -> int:
    return 1
