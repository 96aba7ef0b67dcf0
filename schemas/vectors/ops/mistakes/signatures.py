from alcove import Image, op


@op
def untyped(
    image,
    sigma: float,
    *sizes: int,
    **options: float,
) -> Image:
    return image


@op
def no_result(image: Image):
    return image


@op
def position_only(
    image: Image,
    /,
) -> Image:
    return image
