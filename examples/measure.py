# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-image"]  # which brings numpy and scipy
# ///
"""Measures regions: one line of a table for each label."""

from typing import TYPE_CHECKING, Annotated, Literal

from alcove import Axis, Image, Label, Labels, OpError, Range, Table, Unit, axes, op

if TYPE_CHECKING:
    import numpy

    Columns = dict[str, numpy.ndarray]


@op(title="Measure regions", menu="Measurement", idempotent=True)
def regions(
    labels: Labels,
    image: Annotated[Image | None, Label("Brightness from")] = None,
    shape: bool = True,
    unit: Annotated[Literal["calibrated", "pixel"], Label("Lengths and areas")] = "calibrated",
    minimum_area: Annotated[int, Range(0, 1_000_000), Unit("pixel"), Label("Smallest area")] = 0,
) -> Table:
    """Size, place, brightness and shape of each region of a label image.

    labels: one number for each region, 0 for the background.
    image: what the brightness is measured in, as large as the labels; without one, none is measured.
    shape: measures perimeter, circularity, axes, angle and solidity as well.
    unit: calibrated takes the size of the labels' pixels, if it is known.
    minimum_area: smaller regions are left out.

    Returns: one line for each region. x and y are the centre of mass, in pixels or calibrated as ImageJ counts: the
        centre of the first pixel is half a pixel from the corner. The angle goes from the x axis to the major axis,
        anticlockwise, in degrees.
    """
    from skimage.measure import regionprops_table

    y, x = _axes_of_plane(labels) if unit == "calibrated" else (Axis("y"), Axis("x"))
    found = regionprops_table(labels, properties=("label", "num_pixels", "centroid"))
    columns: Columns = {
        "label": found["label"],
        "area": found["num_pixels"] * y.scale * x.scale,
        "x": x.translation + (found["centroid-1"] + 0.5) * x.scale,
        "y": y.translation + (found["centroid-0"] + 0.5) * y.scale,
    }
    if image is not None:
        columns |= _brightness(labels, image, found["label"])
    if shape:
        columns |= _shape(labels, (y.scale, x.scale))
    kept = found["num_pixels"] >= minimum_area
    return Table({name: values[kept] for name, values in columns.items()})


def _axes_of_plane(labels: "numpy.ndarray") -> tuple[Axis, Axis]:
    """The axes y and x, calibrated if the labels are."""
    known = axes(labels)
    return (known[0], known[1]) if known is not None else (Axis("y"), Axis("x"))


def _brightness(labels: "numpy.ndarray", image: "numpy.ndarray", numbers: "numpy.ndarray") -> "Columns":
    """Columns on the pixels of each region."""
    import numpy
    from scipy import ndimage

    if image.shape != labels.shape:
        sizes = [" x ".join(map(str, array.shape[::-1])) for array in (image, labels)]
        raise OpError(
            f"The image has {sizes[0]} pixels, the labels have {sizes[1]}.",
            hint="Choose the image that the labels were made from.",
        )
    measures = {
        "mean": ndimage.mean,
        "standard deviation": ndimage.standard_deviation,
        "minimum": ndimage.minimum,
        "maximum": ndimage.maximum,
        "sum": ndimage.sum_labels,
    }
    with numpy.errstate(invalid="ignore"):  # SciPy divides by the size of regions between these, which may be missing
        return {name: measure(image, labels, numbers) for name, measure in measures.items()}


def _shape(labels: "numpy.ndarray", size_of_pixel: tuple[float, float]) -> "Columns":
    """Columns on the outline of each region."""
    import numpy
    from skimage.measure import regionprops_table

    is_square = size_of_pixel[0] == size_of_pixel[1]  # only then is a perimeter known
    wanted = ["area", "axis_major_length", "axis_minor_length", "orientation", "solidity", *["perimeter"] * is_square]
    found = regionprops_table(labels, spacing=size_of_pixel, properties=wanted)
    columns: Columns = {}
    if is_square:
        columns["perimeter"] = found["perimeter"]
        around = numpy.maximum(found["perimeter"], 1e-9)  # that of a single pixel is 0
        columns["circularity"] = numpy.minimum(4 * numpy.pi * found["area"] / around**2, 1)
    columns["major axis"] = found["axis_major_length"]
    columns["minor axis"] = found["axis_minor_length"]
    columns["angle"] = numpy.degrees(found["orientation"] + numpy.pi / 2) % 180
    columns["solidity"] = found["solidity"]
    return columns
