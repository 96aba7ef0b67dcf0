from alcove import Image, Mask, op, progress


@op
def threshold(image: Image, level: float = 10.0) -> Mask:
    """Marks what is brighter than a level.

    level: in the units of the image
    """
    progress(0.5, "comparing")
    return image > level
