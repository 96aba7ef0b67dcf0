"""As Pillow and others name theirs: the packages need not be there."""

import types

from alcove import op


def pretended(name: str, kind: str) -> type:
    return type(kind, (), {"__module__": name})


Image = types.ModuleType("PIL.Image")
Image.Image = pretended("PIL.Image", "Image")
DataFrame = pretended("pandas.core.frame", "DataFrame")
Tensor = pretended("torch", "Tensor")


@op
def segment(
    module: Image,
    image: Image.Image,
    frame: DataFrame,
    tensor: Tensor,
) -> Image.Image:
    return image
