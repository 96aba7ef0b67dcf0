"""Where frames are shown: in a window, in a folder, or nowhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from ._failures import DemoError
from ._pictures import png, portable_pixmap, shown

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]


class Viewer:
    """Shows nothing."""

    def is_open(self) -> bool:
        """Whether somebody still wants to see more."""
        return True

    def show(self, pixels: Array, tally: object) -> None:
        """Shows a frame; ``pixels`` is valid within the call."""

    def close(self) -> None:
        """Takes the window away, if there is one."""

    def __enter__(self) -> Viewer:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class Folder(Viewer):
    """One PNG file for each frame."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = 0

    def show(self, pixels: Array, tally: object) -> None:
        self._count += 1
        (self._folder / f"frame-{self._count:06d}.png").write_bytes(png(shown(pixels)))


class Window(Viewer):
    """A window with the newest frame, and the counts below it."""

    def __init__(self, name: str) -> None:
        try:
            import tkinter
        except ImportError as error:
            raise DemoError("this Python has no tkinter for a window", "take --png FOLDER or --count") from error
        try:
            self._root = tkinter.Tk(className="alcove")
        except tkinter.TclError as error:
            raise DemoError(f"no window can be opened: {error}", "take --png FOLDER or --count") from error
        self._open = True
        self._root.title(f"{name} - Alcove, Python")
        self._root.configure(background="black")
        self._root.geometry("640x590")  # of its own, or it would jump with every change of the frames' size
        self._root.protocol("WM_DELETE_WINDOW", self._leave)
        self._image: Optional[tkinter.PhotoImage] = None
        self._picture = tkinter.Label(self._root, background="black", borderwidth=0)
        self._counts = tkinter.Label(self._root, text="waiting", anchor="w", padx=6, pady=3)
        self._counts.pack(side="bottom", fill="x")
        self._picture.pack(expand=True, fill="both")

    def is_open(self) -> bool:
        if self._open:
            self._root.update()
        return self._open

    def show(self, pixels: Array, tally: object) -> None:
        import tkinter

        self._image = tkinter.PhotoImage(master=self._root, data=portable_pixmap(shown(pixels)), format="PPM")
        self._picture.configure(image=self._image)
        self._counts.configure(text=f"{' x '.join(str(size) for size in reversed(pixels.shape[:2]))}   {tally}")

    def close(self) -> None:
        if self._open:
            self._leave()

    def _leave(self) -> None:
        self._open = False
        self._root.destroy()


def viewer(name: str, window: bool, folder: Optional[Path], count: bool) -> Viewer:
    """The viewer that was asked for; otherwise a window where there can be one.

    Raises:
        DemoError: when a window was asked for, and there can't be one.
    """
    if folder is not None:
        return Folder(folder)
    if count:
        return Viewer()
    try:
        return Window(name)
    except DemoError as error:
        if window:
            raise
        sys.stderr.write(f"{error}; counting only.\n")
        return Viewer()
