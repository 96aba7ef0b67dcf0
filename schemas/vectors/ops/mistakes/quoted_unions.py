from alcove import Image, op


@op
def segment(image: "Image" | None) -> None: ...
