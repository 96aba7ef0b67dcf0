"""Images opened by ImageJ itself, in this process: its pixels go into an ndarray with one copy, made by Java."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcove import Axis

from ._failures import DemoError
from ._images import Picture

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

IMAGEJ = "net.imagej:ij:1.54p"
_DTYPES = {8: "uint8", 16: "uint16", 32: "float32", 24: "uint8"}


def open_by_imagej(file: Path) -> Picture:
    """Opens the file with ImageJ, without a window. Axes are t z c y x, those of length 1 left out but for y and x; the
    colours of an RGB image are a last axis c.

    Raises:
        DemoError: without scyjava or Java, or when ImageJ cannot open the file.
    """
    image = start_imagej().openImage(str(file))
    if image is None:
        raise DemoError(f"ImageJ cannot open {file}", "open it in Fiji and save it as TIFF, or try --reader files")
    return picture_of(image)


def start_imagej() -> Any:
    """Starts Java in this process, once, and returns the class ``ij.IJ``."""
    import scyjava  # type: ignore[import-untyped]

    if not scyjava.jvm_started():
        scyjava.config.set_java_constraints(fetch="never")
        scyjava.config.endpoints.append(IMAGEJ)
        scyjava.config.add_option("-Djava.awt.headless=true")
        # Java would end the process by itself when Ctrl-C is pressed, and leave the shared memory there.
        scyjava.config.add_option("-Xrs")
        scyjava.config.add_kwargs(interrupt=False)
        try:
            scyjava.start_jvm()
        except Exception as error:
            raise DemoError(
                f"ImageJ could not be started in this process: {error}",
                "it needs a JDK (set JAVA_HOME to one) and, the first time, the network; --reader files does without",
            ) from error
    return scyjava.jimport("ij.IJ")


def picture_of(image: Any) -> Picture:
    """An ``ij.ImagePlus`` as a picture; its numbers are the stored ones, but for signed 16-bit images."""
    is_colour = image.getBitDepth() == 24 or image.getType() == image.COLOR_256
    dtype = (
        "int16" if image.getCalibration().isSigned16Bit() else "uint8" if is_colour else _DTYPES[image.getBitDepth()]
    )
    sizes = {
        "t": image.getNFrames(),
        "z": image.getNSlices(),
        "c": image.getNChannels(),
        "y": image.getHeight(),
        "x": image.getWidth(),
    }
    kept = {name: int(size) for name, size in sizes.items() if size > 1 or name in "yx"}
    shape = tuple(kept.values()) + ((3,) if is_colour else ())
    axes = _calibrated(image.getCalibration(), list(kept))
    if is_colour:
        axes.append(Axis("s" if "c" in kept else "c", "channel", None, 1.0, 0.0))
    return Picture(dtype, shape, axes, lambda target: _fill(target, image, is_colour, dtype == "int16"))


def _fill(target: Array, image: Any, is_colour: bool, is_signed: bool) -> None:
    import numpy

    stack = image.getStack()
    # ImageJ's order of planes is that of the array: channels change fastest, then slices, then frames.
    planes = target.reshape(stack.getSize(), image.getHeight(), image.getWidth(), *((3,) if is_colour else ()))
    for number, plane in enumerate(planes, start=1):
        if is_colour:
            colours = numpy.empty(plane.shape[:2], numpy.int32)
            _copy(stack.getProcessor(number).convertToRGB().getPixels(), colours)
            for channel, shift in enumerate((16, 8, 0)):
                plane[..., channel] = colours >> shift & 0xFF
        else:
            _copy(stack.getPixels(number), plane)
    if is_signed:
        # Stored with 32768 added, because ImageJ's 16 bits have no sign.
        numpy.bitwise_xor(planes, planes.dtype.type(-0x8000), out=planes)


def _copy(pixels: Any, plane: Array) -> None:
    """A primitive Java array into memory of ours, by Java: several times faster than through a Python buffer."""
    import jpype.nio  # type: ignore[import-untyped]
    import numpy
    from jpype.types import JByte, JFloat, JInt, JShort  # type: ignore[import-untyped]

    order = jpype.JClass("java.nio.ByteOrder").nativeOrder()
    buffer = jpype.nio.convertToDirectBuffer(plane.reshape(-1).view(numpy.uint8)).order(order)
    views = {
        JByte[:]: buffer,
        JShort[:]: buffer.asShortBuffer(),
        JInt[:]: buffer.asIntBuffer(),
        JFloat[:]: buffer.asFloatBuffer(),
    }
    next(view for kind, view in views.items() if isinstance(pixels, kind)).put(pixels)


def _calibrated(calibration: Any, names: list[str]) -> list[Axis]:
    """Axes with the calibration that Alcove's own readers would find in the same image."""
    from alcove.files._calibration import from_imagej, unit_name
    from alcove.files._layout import axis

    unit = calibration.getUnit()
    found = from_imagej(
        {
            "unit": unit,
            "yunit": calibration.getYUnit(),
            "zunit": calibration.getZUnit(),
            "spacing": calibration.pixelDepth,
            "finterval": calibration.frameInterval,
            "tunit": calibration.getTimeUnit(),
            "xorigin": calibration.xOrigin,
            "yorigin": calibration.yOrigin,
            "zorigin": calibration.zOrigin,
        },
        {
            "x": axis("x", unit_name(unit), float(calibration.pixelWidth)),
            "y": axis("y", unit_name(unit), float(calibration.pixelHeight)),
        },
    )
    return [found.get(name) or axis(name) for name in names]
