"""``share`` and ``receive`` an image; ``play`` and ``watch`` frames."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Optional

from ._ending import end_like_ctrl_c
from ._failures import explained


def main(arguments: Optional[list[str]] = None) -> int:
    """Runs a command and returns the exit code: 0, 1 for a failure or a torn frame, 2 for wrong arguments."""
    chosen = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    end_like_ctrl_c()
    try:
        return int(chosen.run(chosen))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    except Exception as error:
        failure = explained(error)
        if failure is None or chosen.debug:
            raise
        sys.stderr.write(f"error: {failure}\n")
        if failure.hint:
            sys.stderr.write(f"hint: {failure.hint}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m alcove.demo", description="Shares pixels between processes, without Alcove calling anything."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (_add_share, _add_receive, _add_play, _add_watch):
        add(commands).add_argument("--debug", action="store_true", help="show a traceback when something fails")
    return parser


def _add_share(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "share",
        help="put an image into shared memory",
        description="Puts an image into shared memory, prints the lines "
        "that open it elsewhere, and tells which pixels change there. Enter or Ctrl-C takes the memory away.",
    )
    _add_image(command)
    command.add_argument("--for", dest="seconds", type=float, metavar="SECONDS", help="end by itself after so long")
    command.set_defaults(run=_share)
    return command


def _add_receive(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "receive",
        help="open the pixels that another process shares",
        description="Opens the pixels that another process shares, without copying them, and can change one.",
    )
    command.add_argument("name", metavar="NAME", help="the block's name, or its file")
    command.add_argument("dtype", metavar="DTYPE", help="uint16, float32, ...")
    command.add_argument("shape", metavar="SHAPE", type=_sizes, help="in numpy's order: 5,512,512")
    command.add_argument("--offset", type=int, default=0, metavar="N", help="where the pixels begin, in bytes")
    command.add_argument("--axes", metavar="NAMES", help='in the order of the shape: "z y x"')
    command.add_argument(
        "--set", dest="change", type=_change, metavar="INDEX=VALUE", help="change one pixel: 0,10,20=255"
    )
    command.add_argument("--watch", action="store_true", help="stay, and tell which pixels change")
    command.set_defaults(run=_receive)
    return command


def _add_play(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "play",
        help="play an image as a stream of frames",
        description="Plays an image as a stream of frames, whose size "
        "changes now and then: the planes of a stack one after the other, or a view that wanders over a single plane.",
    )
    _add_image(command)
    command.add_argument("name", metavar="NAME", nargs="?", default="demo", help="the stream's name (default: demo)")
    command.add_argument("--rate", type=_rate, default=60.0, metavar="N", help="frames in a second (default: 60)")
    length = command.add_mutually_exclusive_group()
    length.add_argument("--frames", type=int, metavar="N", help="end after so many frames")
    length.add_argument("--seconds", type=float, metavar="S", help="end after so long")
    command.set_defaults(run=_play)
    return command


def _add_watch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "watch",
        help="show a stream, and count what is dropped or torn",
        description="Shows a stream, and counts frames: those that passed unseen (dropped), and those that are not as "
        "they were played (torn, then the exit code is 1). It may be started first.",
    )
    command.add_argument("name", metavar="NAME", nargs="?", default="demo", help="the stream's name (default: demo)")
    way = command.add_mutually_exclusive_group()
    way.add_argument("--window", action="store_true", help="in a window (the default where there can be one)")
    way.add_argument("--png", type=Path, metavar="DIR", help="as PNG files in a folder")
    way.add_argument("--count", action="store_true", help="only count")
    command.add_argument("--frames", type=int, metavar="N", help="end after so many frames")
    command.set_defaults(run=_watch)
    return command


def _add_image(command: argparse.ArgumentParser) -> None:
    command.add_argument("image", metavar="IMAGE", type=Path, help="an image file")
    command.add_argument(
        "--reader",
        choices=["imagej", "pyimagej", "files", "numpy"],
        help="who opens it: ImageJ through scyjava, PyImageJ, tifffile and imageio, or numpy (default: numpy for .npy, "
        "else the first of the others that is installed)",
    )


def _numbers(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[0-9]+(,[0-9]+)*", text):
        raise argparse.ArgumentTypeError(f"expected whole numbers like 5,512,512, not {text!r}")
    return tuple(int(size) for size in text.split(","))


def _sizes(text: str) -> tuple[int, ...]:
    sizes = _numbers(text)
    if 0 in sizes:
        raise argparse.ArgumentTypeError(f"there are no pixels in {text}")
    return sizes


def _change(text: str) -> tuple[tuple[int, ...], str]:
    index, equals, value = text.partition("=")
    if not equals or not value:
        raise argparse.ArgumentTypeError(f"expected INDEX=VALUE like 0,10,20=255, not {text!r}")
    return _numbers(index), value


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of frames above 0, not {text!r}")
    return rate


def _share(chosen: argparse.Namespace) -> int:
    from ._sharing import share

    return share(chosen.image, chosen.reader, chosen.seconds)


def _receive(chosen: argparse.Namespace) -> int:
    from ._receiving import receive

    return receive(chosen.name, chosen.dtype, chosen.shape, chosen.offset, chosen.axes, chosen.change, chosen.watch)


def _play(chosen: argparse.Namespace) -> int:
    from ._playing import play

    return play(chosen.image, chosen.reader, chosen.name, chosen.rate, chosen.frames, chosen.seconds)


def _watch(chosen: argparse.Namespace) -> int:
    from ._viewers import viewer
    from ._watching import watch

    return watch(chosen.name, viewer(chosen.name, chosen.window, chosen.png, chosen.count), chosen.frames)


if __name__ == "__main__":
    sys.exit(main())
