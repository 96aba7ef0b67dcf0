"""Units and calibration as ImageJ and OME write them, and as Alcove names them (OME-NGFF: "micrometer", "second")."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from alcove import Axis
from alcove.files._layout import axis

_METERS = {
    "kilometer": 1e3,
    "meter": 1.0,
    "centimeter": 1e-2,
    "millimeter": 1e-3,
    "micrometer": 1e-6,
    "nanometer": 1e-9,
    "angstrom": 1e-10,
    "picometer": 1e-12,
    "inch": 0.0254,
}
_SECONDS = {"hour": 3600.0, "minute": 60.0, "second": 1.0, "millisecond": 1e-3, "microsecond": 1e-6, "nanosecond": 1e-9}
_SYMBOLS = {
    "kilometer": "km",
    "meter": "m",
    "centimeter": "cm",
    "millimeter": "mm",
    "micrometer": "\u00b5m",
    "nanometer": "nm",
    "angstrom": "\u00c5",
    "picometer": "pm",
    "inch": "in",
    "hour": "h",
    "minute": "min",
    "second": "s",
    "millisecond": "ms",
    "microsecond": "\u00b5s",
    "nanosecond": "ns",
}
_ALIASES = {
    **{symbol: name for name, symbol in _SYMBOLS.items()},
    **{f"{name}s": name for name in _SYMBOLS},
    "um": "micrometer",
    "\u03bcm": "micrometer",
    "micron": "micrometer",
    "microns": "micrometer",
    "us": "microsecond",
    "\u03bcs": "microsecond",
    "sec": "second",
    "msec": "millisecond",
    "hr": "hour",
    "inches": "inch",
}
_NO_UNITS = {"", "pixel", "pixels", "px", "reference frame"}


def unit_name(text: Any) -> str | None:
    """The name of a unit written in whatever way, None for pixels or nothing; an unknown unit keeps its own text."""
    plain = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), str(text or "")).strip()
    if plain.lower() in _NO_UNITS:
        return None
    lower = plain.lower().replace("metre", "meter")
    return _ALIASES.get(plain) or _ALIASES.get(lower) or (lower if lower in _SYMBOLS else plain)


def factor(unit: str | None, target: str | None) -> float:
    """What a length or time in ``unit`` is multiplied with to be in ``target``; 1 where the two cannot be compared."""
    for table in (_METERS, _SECONDS):
        if unit in table and target in table and unit != target:
            return table[unit] / table[target]
    return 1.0


def from_imagej(metadata: Mapping[str, Any], resolution: Mapping[str, Axis]) -> dict[str, Axis]:
    """Axes by name from an ImageJ TIFF's description.

    Args:
        metadata: the description's values by key.
        resolution: x and y of the TIFF's resolution tags, which ImageJ gives in the description's unit.
    """
    unit = unit_name(metadata.get("unit"))
    axes = {
        "x": axis("x", unit, resolution["x"].scale),
        "y": axis("y", unit_name(metadata.get("yunit")) or unit, resolution["y"].scale),
        "z": axis("z", unit_name(metadata.get("zunit")) or unit, _step(metadata.get("spacing"))),
    }
    for name, known in axes.items():
        # ImageJ's origin is the pixel at which the calibrated coordinate is 0.
        origin = _number(metadata.get(f"{name}origin"))
        if origin:
            axes[name] = known._replace(translation=-origin * known.scale)
    interval = _number(metadata.get("finterval"))
    if interval > 0:
        axes["t"] = axis("t", unit_name(metadata.get("tunit")) or "second", interval)
    return axes


def to_imagej(axes: Sequence[Axis]) -> tuple[tuple[float, float] | None, dict[str, Any]]:
    """Resolution (pixels per unit along x and y) and values for the description of an ImageJ TIFF.

    ImageJ knows one unit of length and seconds: what is in others is converted.
    """
    by_name = {known.name: known for known in axes}
    x = by_name.get("x", axis("x"))
    y = by_name.get("y", axis("y", x.unit, x.scale))
    metadata: dict[str, Any] = {}
    if x.unit is not None:
        metadata["unit"] = _imagej_unit(x.unit)
    if "z" in by_name:
        metadata["spacing"] = by_name["z"].scale * factor(by_name["z"].unit, x.unit)
    if "t" in by_name and by_name["t"].unit in _SECONDS:
        metadata["finterval"] = by_name["t"].scale * factor(by_name["t"].unit, "second")
    for name in "xyz":
        if name in by_name and by_name[name].translation:
            metadata[f"{name}origin"] = -by_name[name].translation / by_name[name].scale
    sizes = (x.scale, y.scale * factor(y.unit, x.unit))
    calibrated = x.unit is not None or sizes != (1.0, 1.0)
    return ((1 / sizes[0], 1 / sizes[1]) if calibrated and min(sizes) > 0 else None), metadata


def _imagej_unit(unit: str) -> str:
    """As ImageJ itself writes it: the symbol, in ASCII with escapes."""
    symbol = "inch" if unit == "inch" else _SYMBOLS.get(unit, unit)
    return "".join(letter if " " <= letter <= "~" else f"\\u{ord(letter):04X}" for letter in symbol)


def from_ome(xml: str, index: int, size_x: int, size_y: int) -> dict[str, Axis]:
    """Axes by name from the OME-XML of image number ``index``, if its size is the one given.

    Stage positions are left out: they say where the stage stood, not where the image's first pixel lies.
    """
    try:
        pixels = ElementTree.fromstring(xml).findall(".//{*}Image/{*}Pixels")[index].attrib
    except (ElementTree.ParseError, IndexError):
        return {}
    if (pixels.get("SizeX"), pixels.get("SizeY")) != (str(size_x), str(size_y)):
        return {}
    axes: dict[str, Axis] = {}
    for name in "xyz":
        key = f"PhysicalSize{name.upper()}"
        if key in pixels:
            axes[name] = axis(name, unit_name(pixels.get(f"{key}Unit", "\u00b5m")), _step(pixels[key]))
    if "TimeIncrement" in pixels:
        axes["t"] = axis("t", unit_name(pixels.get("TimeIncrementUnit", "s")), _step(pixels["TimeIncrement"]))
    return axes


def to_ome(axes: Sequence[Axis]) -> dict[str, Any]:
    """Attributes of OME-XML's Pixels for tifffile; an axis with a unit that OME does not have gets none."""
    metadata: dict[str, Any] = {}
    for known in axes:
        key = {"x": "PhysicalSizeX", "y": "PhysicalSizeY", "z": "PhysicalSizeZ", "t": "TimeIncrement"}.get(known.name)
        units = _SECONDS if known.name == "t" else _METERS
        if key is None or known.scale <= 0:
            continue
        if known.unit in units:
            metadata[key], metadata[f"{key}Unit"] = known.scale, _SYMBOLS[known.unit]
        elif known.unit is None and known.scale != 1.0 and known.name != "t":
            metadata[key], metadata[f"{key}Unit"] = known.scale, "pixel"
    return metadata


def to_resolution(axes: Sequence[Axis]) -> tuple[float, float] | None:
    """Pixels per centimeter along x and y, for programs that do not know OME; None when that cannot be said."""
    steps = [known.scale * factor(known.unit, "centimeter") for name in "xy" for known in axes if known.name == name]
    lengths = [known for known in axes if known.name in "xy" and known.unit in _METERS]
    return (1 / steps[0], 1 / steps[1]) if len(lengths) == 2 and min(steps) > 0 else None


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _step(value: Any) -> float:
    return abs(_number(value)) or 1.0
