# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = ["stardist>=0.9.2,<0.10", "tensorflow>=2.16"]
# ///
"""Finds nuclei with StarDist, which draws each as a star-convex polygon, so that those that touch stay apart.

The environment, with TensorFlow, takes hundreds of MB to download, and the weights 5 MB, once.

What was tried: this file with StarDist 0.9.2 and a network of random weights, packed as StarDist's own are, on a
processor. The real weights could not be reached from where it was written: how well it finds nuclei was not looked at.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from alcove import Image, Label, Labels, Range, Shape, Shapes, cached, download, op, progress

ADDRESS = "https://github.com/stardist/stardist-models/releases/download/v0.1/python_{}.zip"
SHA256 = {  # as StarDist 0.9.2 has them in its own list
    "2D_versatile_fluo": "4ad678d0758eed6e55625f1b5ae30771e59adb79f1239e09b9772eac8846c3dd",
    "2D_paper_dsb2018": "4c11cf68512341d9e8ce3d1278c64ceb8ac400582739f85fcab079a2e82840d2",
}


@dataclass
class Nuclei:
    """What ``segment`` gives back.

    labels: one number for each nucleus.
    outlines: a polygon around each nucleus.
    count: how many nuclei there are.
    """

    labels: Labels
    outlines: Shapes
    count: int


@op(title="Segment nuclei (StarDist)", menu="Segmentation", gpu=True, idempotent=True, grace=30)
def segment(
    image: Image,
    network: Literal["2D_versatile_fluo", "2D_paper_dsb2018"] = "2D_versatile_fluo",
    probability: Annotated[float, Range(0, 1, step=0.05), Label("Certainty, 0: the network's own")] = 0.0,
    overlap: Annotated[float, Range(0, 1, step=0.05), Label("Overlap, 0: the network's own")] = 0.0,
    scale: Annotated[float, Range(0.1, 10, step=0.1), Label("Magnify by")] = 1.0,
) -> Nuclei:
    """Finds bright, roundish nuclei on a dark background with StarDist.

    network: what it was trained on: fluorescence images of many kinds, or those of StarDist's article.
    probability: how sure the network has to be of a nucleus; lower finds more.
    overlap: how far two nuclei may overlap before the less likely one is left out.
    scale: the network knows nuclei of about 20 to 40 pixels; 2 makes those of 10 pixels fit.
    """
    import numpy
    from csbdeep.utils import normalize

    model = load_model(network)
    progress(None, "looking for nuclei")
    labels, found = model.predict_instances(
        normalize(image, 1, 99.8),
        prob_thresh=probability or None,
        nms_thresh=overlap or None,
        scale=None if scale == 1 else scale,
        n_tiles=tuple(-(-size // 1024) for size in image.shape),  # an image of any size fits into memory
        show_tile_progress=False,
    )
    outlines: Shapes = [
        Shape(type="polygon", vertices=numpy.asarray(outline, numpy.float64).T) for outline in found["coord"]
    ]
    count = len(outlines)
    return Nuclei(labels.astype(numpy.uint16 if count < 2**16 else numpy.uint32), outlines, count)


@cached
def load_model(network: str) -> Any:
    """The network with its weights, kept for as long as the worker lives."""
    folder = unpacked(download(ADDRESS.format(network), SHA256[network]))
    progress(None, "reading the network")
    from stardist.models import StarDist2D

    return StarDist2D(None, name=folder.name, basedir=str(folder.parent))


def unpacked(archive: Path) -> Path:
    """The folder beside the archive that holds what is in it. It gets its name when it is whole."""
    folder = archive.with_suffix("")
    if folder.exists():
        return folder
    progress(None, "unpacking the network")
    scratch = tempfile.mkdtemp(dir=archive.parent)
    try:
        shutil.unpack_archive(archive, scratch)
        os.rename(scratch, folder)
    except OSError:
        if not folder.exists():  # otherwise another worker was faster
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder
