# /// script
# requires-python = ">=3.10"
# dependencies = ["torch", "onnx", "onnxruntime", "numpy", "scipy", "scikit-image", "tifffile", "imagecodecs"]
# ///
"""Trains the network of ``nuclei_unet.py`` and writes ``models/nuclei.onnx``; says how good it is on what it never saw.

    uv run examples/training/train_nuclei.py

It learns from generated images (``generated_nuclei.py``) and from the left half of ``images/nuclei.tif``; the right
half and other generated images are held out. All randomness comes from one seed; another processor or another version
of PyTorch still rounds differently, so that weights and figures differ a little from those in the repository.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy
import tifffile
import torch
from generated_nuclei import generate
from scipy import ndimage
from torch import nn

EXAMPLES = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(EXAMPLES), str(EXAMPLES.parent / "python-worker" / "src")]

import nuclei_unet  # noqa: E402  # the op file: what it does with a network is what is judged here
from accuracy import dice, matches  # noqa: E402

SEED = 20
PATCH = 128
BATCH = 8
WIDTHS = (12, 24, 32, 48)
GENERATED = 160
FIRST_HELD_OUT_SEED = 1_000_000
HELD_OUT = 20


class Block(nn.Sequential):
    """Two convolutions."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(),
            nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(),
        )


class UNet(nn.Module):
    """From an image of one channel to two maps: whether a pixel is in a nucleus, and how deep inside."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(Block(below, width) for below, width in zip((1, *WIDTHS), WIDTHS, strict=False))
        pairs = zip(reversed(WIDTHS[:-1]), reversed(WIDTHS[1:]), strict=True)
        self.up = nn.ModuleList(Block(wide + deep, wide) for wide, deep in pairs)
        self.head = nn.Conv2d(WIDTHS[0], 2, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        levels: list[torch.Tensor] = []
        features = image
        for number, block in enumerate(self.down):
            features = block(features if number == 0 else nn.functional.max_pool2d(features, 2))
            levels.append(features)
        for block, level in zip(self.up, reversed(levels[:-1]), strict=True):
            features = nn.functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = block(torch.cat([level, features], dim=1))
        maps: torch.Tensor = torch.sigmoid(self.head(features))
        return maps


def answer(labels: numpy.ndarray) -> numpy.ndarray:
    """The two maps that the network is to give: 1 inside of nuclei, and from 0 at a nucleus' rim to 1 at its centre."""
    depth = numpy.zeros(labels.shape, numpy.float32)
    for number, place in enumerate(ndimage.find_objects(labels), 1):
        if place is not None:
            inside = numpy.pad(labels[place] == number, 1)
            distance = ndimage.distance_transform_edt(inside)[1:-1, 1:-1]
            depth[place] = numpy.maximum(depth[place], distance / distance.max())
    return numpy.stack([(labels > 0).astype(numpy.float32), depth])


class Material:
    """What the network learns from: patches of the images, turned, mirrored and scaled in brightness."""

    def __init__(self, random: numpy.random.Generator) -> None:
        self._random = random
        pairs = [generate(seed) for seed in range(GENERATED)]
        self._generated = [(nuclei_unet.normalized(image), answer(labels)) for image, labels in pairs]
        image, labels = photograph("left")
        self._photograph = (nuclei_unet.normalized(image), answer(labels))

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = [self._patch() for _ in range(BATCH)]
        images = numpy.stack([image for image, _ in chosen])[:, None]
        return torch.from_numpy(images), torch.from_numpy(numpy.stack([maps for _, maps in chosen]))

    def _patch(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        random = self._random
        pick = self._generated[random.integers(GENERATED)] if random.random() < 0.7 else self._photograph
        image, maps = pick
        y, x = (random.integers(size - PATCH + 1) for size in image.shape)
        image, maps = image[y : y + PATCH, x : x + PATCH], maps[:, y : y + PATCH, x : x + PATCH]
        turns = int(random.integers(4))
        image, maps = numpy.rot90(image, turns), numpy.rot90(maps, turns, axes=(1, 2))
        if random.random() < 0.5:
            image, maps = image[:, ::-1], maps[:, :, ::-1]
        image = image * random.uniform(0.8, 1.25) + random.uniform(-0.05, 0.05)
        return numpy.ascontiguousarray(image, numpy.float32), numpy.ascontiguousarray(maps)


def photograph(half: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Half of the image that was labelled by hand."""
    image, labels = (tifffile.imread(EXAMPLES / "images" / name) for name in ("nuclei.tif", "nuclei-truth.tif"))
    middle = image.shape[1] // 2
    columns = slice(None, middle) if half == "left" else slice(middle, None)
    return image[:, columns], labels[:, columns].astype(numpy.int32)


def train(steps: int) -> UNet:
    torch.manual_seed(SEED)
    material = Material(numpy.random.default_rng(SEED))
    network = UNet().train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    began = time.monotonic()
    for step in range(1, steps + 1):
        images, wanted = material.batch()
        maps = network(images)
        inside = nn.functional.binary_cross_entropy(maps[:, 0], wanted[:, 0])
        depth = nn.functional.mse_loss(maps[:, 1], wanted[:, 1])
        loss = inside + 4 * depth
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.4f}, {time.monotonic() - began:.0f} s", flush=True)
    return network.eval()


def export(network: UNet, file: Path) -> None:
    """One file with graph and weights, for images whose height and width are multiples of eight."""
    sizes = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(
        network,
        (torch.zeros(1, 1, 64, 64),),
        str(file),
        dynamo=False,  # the newer exporter needs a further package
        opset_version=17,
        input_names=["image"],
        output_names=["maps"],
        dynamic_axes={"image": sizes, "maps": sizes},
    )


def judge(name: str, pairs: list[tuple[numpy.ndarray, numpy.ndarray]]) -> None:
    """Says how well the op, as users call it, does on images whose answer is known."""
    overlaps, found, there, objects = [], 0, 0, 0
    for image, truth in pairs:
        labels = nuclei_unet.segment(image).labels
        overlaps.append(dice(labels > 0, truth > 0))
        right, wanted, given = matches(labels, truth)
        found, there, objects = found + right, there + wanted, objects + given
    print(f"{name}: dice {numpy.mean(overlaps):.3f}, {found} of {there} nuclei found among {objects} objects")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--steps", type=int, default=400, help="how often to correct the weights (default: %(default)s)"
    )
    parser.add_argument("--judge-only", action="store_true", help="train nothing, say how good the shipped network is")
    arguments = parser.parse_args()
    if not arguments.judge_only:
        network = train(arguments.steps)
        export(network, nuclei_unet.MODEL)
        weights = sum(value.numel() for value in network.parameters())
        print(f"{weights} weights, {nuclei_unet.MODEL.stat().st_size} bytes")
    judge("images/nuclei.tif, the right half", [photograph("right")])
    judge("generated", [generate(FIRST_HELD_OUT_SEED + number) for number in range(HELD_OUT)])


if __name__ == "__main__":
    main()
