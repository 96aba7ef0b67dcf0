from alcove import op


@op
def segment(image: Image -> None:
    pass
