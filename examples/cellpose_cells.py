# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = ["cellpose>=4.0.6,<5"]
# ///
"""Finds cells with Cellpose-SAM, a large network that knows cells of many kinds.

The environment takes 3 GB to download, as PyTorch comes with CUDA on Linux, and the weights 1.2 GB, once. Without a GPU
it takes its time.

What was tried: this file with Cellpose 4.2.1 and weights of the same shape but of random numbers, on a processor. The
real weights could not be reached from where it was written, nor was there a GPU: how well it finds cells was not looked
at.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from alcove import Axes, Image, Label, Labels, OpError, Range, Unit, cached, download, op, progress

# Cellpose would fetch the newest weights by itself, unchecked. These are those of its article, and stay so.
WEIGHTS = "https://huggingface.co/mouseland/cellpose-sam/resolve/7c61431b5fbb078f3296754bd15d9f51b320f837/cpsam"
SHA256 = "e1440429eb384f95afe32bcba6510f90d518eaedc917ede549bed6804004abe2"
_MOST_CHANNELS = 3  # more the network cannot take


@dataclass
class Cells:
    """What ``segment`` gives back.

    labels: one number for each cell.
    count: how many cells there are.
    """

    labels: Labels
    count: int


@op(title="Segment cells (Cellpose-SAM)", menu="Segmentation", gpu=True, idempotent=True, grace=30)
def segment(
    image: Annotated[Image, Axes("c? y x")],
    diameter: Annotated[float, Range(0, 500, step=1), Unit("pixel"), Label("Diameter of a cell, 0: unknown")] = 0.0,
    flow_threshold: Annotated[float, Range(0, 3, step=0.1), Label("Largest error of a flow")] = 0.4,
    certainty: Annotated[float, Range(-6, 6, step=0.5), Label("Certainty")] = 0.0,
    minimum_area: Annotated[int, Range(0, 100_000), Unit("pixel"), Label("Smallest area")] = 15,
) -> Cells:
    """Finds cells or nuclei with Cellpose-SAM.

    image: grey, or up to three channels in any order.
    diameter: the width of a typical cell, where that is far from 30 pixels; 0 leaves the image as it is.
    flow_threshold: lower leaves out cells of odd shapes, higher keeps more of them.
    certainty: how sure the network has to be that a pixel is in a cell; lower finds more and makes them larger.
    minimum_area: smaller objects are left out.
    """
    import numpy

    if image.ndim == 3 and len(image) > _MOST_CHANNELS:
        raise OpError(
            f"The image has {len(image)} channels, and Cellpose-SAM takes {_MOST_CHANNELS} at most.",
            hint="Make an image of the channels that show cells and nuclei, and give it that.",
        )
    model = load_model(SHA256)
    progress(None, "looking for cells")
    found, _, _ = model.eval(
        image,
        channel_axis=0 if image.ndim == 3 else None,
        diameter=diameter or None,
        flow_threshold=flow_threshold,
        cellprob_threshold=certainty,
        min_size=minimum_area,
    )
    labels = numpy.asarray(found)
    count = int(labels.max())
    return Cells(labels.astype(numpy.uint16 if count < 2**16 else numpy.uint32), count)


@cached
def load_model(sha256: str) -> Any:
    """The network with its weights, on the GPU if there is one; kept for as long as the worker lives."""
    weights = download(WEIGHTS, sha256)
    progress(None, "reading the network")
    from cellpose import models

    return models.CellposeModel(gpu=True, pretrained_model=str(weights))
