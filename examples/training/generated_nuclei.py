"""Pictures of nuclei that never were: training data with a perfect answer, made from a seed.

Needs numpy and scipy.
"""

from __future__ import annotations

import numpy
from scipy import ndimage

_TRIES_PER_NUCLEUS = 10


def generate(seed: int, size: int = 192) -> tuple[numpy.ndarray, numpy.ndarray]:
    """An image (float32, y x) and its labels (int32, 0 is background), both ``size`` pixels wide and high.

    Nuclei are wavy ellipses of 14 to 36 pixels, dim and bright, some of them touching, a few in mitosis, with texture,
    on an uneven background, seen through a microscope that blurs and by a camera that adds noise.
    """
    random = numpy.random.default_rng(seed)
    labels, brightness = _nuclei(random, size)
    texture = 1 + _smooth_noise(random, size, random.uniform(1.5, 4), random.uniform(0.02, 0.2))
    image = brightness[labels] * texture
    image = ndimage.gaussian_filter(image, random.uniform(0.6, 2.0))
    image = image + random.uniform(0.02, 0.25) * (1 + _smooth_noise(random, size, size / 4, 0.4))
    photons = 10 ** random.uniform(1.5, 3)
    image = random.poisson(image.clip(0) * photons) / photons
    image = image + random.normal(0, random.uniform(0, 0.02), image.shape)
    return image.astype(numpy.float32), labels


def _nuclei(random: numpy.random.Generator, size: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Labels of nuclei that were put one after the other where there was room, and how bright each is."""
    labels = numpy.zeros((size, size), numpy.int32)
    brightness = [0.0]
    centres: list[numpy.ndarray] = []
    diameter = random.uniform(18, 29)
    dimmest = random.uniform(0.1, 0.5)
    overlap = random.uniform(0, 0.12)
    wanted = round(random.uniform(0.1, 0.6) * size**2 / (numpy.pi / 4 * diameter**2))
    for _ in range(wanted * _TRIES_PER_NUCLEUS):
        if len(centres) == wanted:
            break
        centre = random.uniform(-5, size + 5, 2)
        if centres and random.random() < 0.4:  # beside another, so that some touch
            angle = random.uniform(0, 2 * numpy.pi)
            beside = numpy.array([numpy.sin(angle), numpy.cos(angle)]) * diameter * random.uniform(0.75, 1)
            centre = centres[random.integers(len(centres))] + beside
        in_mitosis = random.random() < 0.03
        place, inside = _outline(random, size, diameter * random.uniform(0.8, 1.25), centre, in_mitosis)
        taken = inside & (labels[place] > 0)
        if inside.any() and taken.sum() <= overlap * inside.sum():
            centres.append(centre)
            labels[place][inside & ~taken] = len(centres)
            brightness.append(random.uniform(1.5, 3) if in_mitosis else random.uniform(dimmest, 1))
    return labels, numpy.array(brightness)


def _outline(
    random: numpy.random.Generator, size: int, diameter: float, centre: numpy.ndarray, in_mitosis: bool
) -> tuple[tuple[slice, slice], numpy.ndarray]:
    """One wavy ellipse, slender and small in mitosis: where it is in the image, and a mask of that place."""
    begin = (centre - diameter).astype(int).clip(0, size)
    end = (centre + diameter).astype(int).clip(0, size)
    y = numpy.arange(begin[0], end[0])[:, None] - centre[0]
    x = numpy.arange(begin[1], end[1])[None, :] - centre[1]
    turned = random.uniform(0, numpy.pi)
    aspect = random.uniform(2, 3.5) if in_mitosis else random.uniform(1, 2)
    stretch = numpy.sqrt(aspect)
    along = (x * numpy.cos(turned) + y * numpy.sin(turned)) / stretch
    across = (y * numpy.cos(turned) - x * numpy.sin(turned)) * stretch
    angle = numpy.arctan2(across, along)
    radius = numpy.full(angle.shape, diameter / (4 if in_mitosis else 2))
    for order in range(2, 6):
        wave = numpy.cos(order * angle + random.uniform(0, 2 * numpy.pi))
        radius += radius.mean() * random.normal(0, 0.06 / order) * wave if radius.size else 0
    return (slice(begin[0], end[0]), slice(begin[1], end[1])), numpy.hypot(along, across) < radius


def _smooth_noise(random: numpy.random.Generator, size: int, width: float, strength: float) -> numpy.ndarray:
    noise = ndimage.gaussian_filter(random.normal(size=(size, size)), width, mode="wrap")
    result: numpy.ndarray = strength * noise / noise.std()
    return result
