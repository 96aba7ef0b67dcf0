"""The plots, by matplotlib: ``python -m speed.plots SAMPLES.json FOLDER``, with the Python of ``.venv-benchmark``.

Prints a line for each, its name and what it shows, with a tab between. They are made to be read at half their size.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib  # type: ignore[import-not-found, unused-ignore]

matplotlib.use("Agg")

from matplotlib import pyplot, ticker

from speed.cases import GIGABYTE, KILOBYTE, MEGABYTE, size_name
from speed.figures import middle_half, percentile
from speed.results import Results, Series, read

# The colours of Okabe and Ito, which people with any kind of colour blindness can tell apart; floors are grey.
_BLUE, _VERMILION, _GREEN, _ORANGE, _PURPLE, _SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
_BLACK, _GREY = "#000000", "#888888"

_STYLES: dict[str, dict[str, Any]] = {
    "Alcove": {"color": _BLUE, "marker": "o", "linewidth": 3.2, "zorder": 5},
    "Alcove, in shared memory": {"color": _BLUE, "marker": "o", "linewidth": 3.2, "zorder": 5},
    "Alcove, from and to Java arrays": {"color": _BLUE, "marker": "o", "linestyle": "--", "markerfacecolor": "white"},
    "Appose": {"color": _VERMILION, "marker": "s"},
    "Appose, main queue": {"color": _VERMILION, "marker": "s", "linestyle": "--", "markerfacecolor": "white"},
    "Appose, from and to Java arrays": {"color": _VERMILION, "marker": "s"},
    "Appose, the same, kept in the worker": {
        "color": _VERMILION,
        "marker": "s",
        "linestyle": "--",
        "markerfacecolor": "white",
    },
    "ProcessPoolExecutor": {"color": _GREEN, "marker": "^"},
    "multiprocessing.Pipe": {"color": _PURPLE, "marker": "v"},
    "multiprocessing, pickled": {"color": _GREEN, "marker": "^"},
    "a process per call": {"color": _ORANGE, "marker": "D"},
    "TIFF, temporary files": {"color": _ORANGE, "marker": "D"},
    "base64 in JSON": {"color": _PURPLE, "marker": "v"},
    "bytes through a pipe": {"color": _SKY, "marker": "P"},
    "C echo over pipes": {"color": _BLACK, "marker": "x", "linestyle": ":"},
    "Python echo over pipes": {"color": _GREY, "marker": "+", "linestyle": ":"},
    "NumPy in one process": {"color": _BLACK, "marker": "x", "linestyle": ":"},
}
_ONLY_IN_TABLES = {"NumPy, into an array", "a copy in Java", "Appose, the same, shared arrays reused"}


def main() -> None:
    samples, folder = Path(sys.argv[1]), Path(sys.argv[2])
    results = read(samples)
    pyplot.rcParams.update({
        "figure.figsize": (9, 5.2), "figure.dpi": 180, "savefig.facecolor": "white", "font.size": 14,
        "axes.grid": True, "grid.color": "#DDDDDD", "axes.axisbelow": True, "lines.linewidth": 2.2,
        "lines.markersize": 7, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
        "legend.fontsize": 12,
    })  # fmt: skip
    for name, (words, draw) in _PLOTS.items():
        figure = draw(results)
        if figure is None:
            continue
        # No version of matplotlib in the file: the same figures make the same bytes.
        figure.savefig(folder / f"speed-{name}.png", bbox_inches="tight", metadata={"Software": None})
        pyplot.close(figure)
        print(f"speed-{name}.png\t{words}")


def _calls(results: Results) -> Any:
    """How many calls take longer than a time; the mark is the median."""
    series = results.of("call")
    if not series:
        return None
    figure, axes = pyplot.subplots()
    for each in series:
        samples = sorted(sample for samples in each.rounds for sample in samples)
        # From all calls to one in a thousand, as far as there are samples enough; closer and closer to the slowest.
        shares = [100 * 10 ** -(step / 40) for step in range(121)]
        shares = [share for share in shares if share * len(samples) >= 200]
        style = {**_STYLES.get(each.system, {}), "marker": None}
        times = [percentile(samples, 100 - share) for share in shares]
        (line,) = axes.plot(times, shares, label=each.system, **style)
        marker = _STYLES.get(each.system, {}).get("marker", "o")
        axes.plot([median(samples)], [50], marker=marker, color=line.get_color(), zorder=6, markersize=10)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_yticks([100, 50, 10, 1, 0.1], ["all", "half", "1 in 10", "1 in 100", "1 in 1000"])
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(_microseconds())
    axes.set_xlabel("time of one call")
    axes.set_ylabel("calls that take longer")
    axes.set_ylim(0.1, 110)
    _legend_beside(axes)
    return figure


def _flight(results: Results) -> Any:
    figure, axes = pyplot.subplots()
    drawn = False
    for system, each in _systems(results.of("flight")):
        with_window = [one for one in each if "window" in one.parameters]
        if with_window:
            _line(axes, system, [one.parameters["window"] for one in with_window], with_window)
            drawn = True
    if not drawn:
        return None
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("calls in flight")
    axes.set_ylabel("calls a second")
    _legend_beside(axes)
    return figure


def _map(results: Results) -> Any:
    series = [each for each in results.of("flight") if "rows" in each.parameters]
    if not series:
        return None
    figure, axes = pyplot.subplots(figsize=(9, 2.8))
    _bars(axes, series, 1e-6, lambda value: f"{value:.2g}" if value < 10 else f"{value:.0f}")
    axes.set_xlabel("million rows a second")
    return figure


def _images(results: Results) -> Any:
    series = [each for each in results.of("image") if each.system not in _ONLY_IN_TABLES]
    if not series:
        return None
    figure, axes = pyplot.subplots(figsize=(9, 6.2))
    sizes = sorted({each.parameters["bytes"] for each in series})
    for system, each in _systems(series):
        _line(axes, system, [one.parameters["bytes"] for one in each], each)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    marks = [KILOBYTE, 16 * KILOBYTE, 256 * KILOBYTE, 4 * MEGABYTE, 64 * MEGABYTE, GIGABYTE]
    axes.set_xticks([mark for mark in marks if sizes[0] <= mark <= sizes[-1]])
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: size_name(int(value))))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.yaxis.set_major_formatter(_microseconds())
    axes.set_xlabel("image of 16-bit integers")
    axes.set_ylabel("time of image + 1, there and back")
    _legend_beside(axes)
    return figure


def _starts(results: Results) -> Any:
    series = results.of("start")
    if not series:
        return None
    figure, axes = pyplot.subplots(figsize=(9, 5.6))
    _bars(axes, series, 1e-3, lambda value: f"{value:.0f}")
    axes.set_xlabel("milliseconds")
    return figure


def _workers(results: Results) -> Any:
    series = results.of("workers")
    if not series:
        return None
    figure, axes = pyplot.subplots()
    counts = sorted({each.parameters["workers"] for each in series})
    for system, each in _systems(series):
        _line(axes, system, [one.parameters["workers"] for one in each], each)
    axes.set_xticks(counts)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("workers")
    axes.set_ylabel("calls of a busy function a second")
    _legend_beside(axes)
    return figure


def _growth(results: Results) -> Any:
    samples = results.growth
    if len(samples) < 4:
        return None
    figure, (above, below) = pyplot.subplots(2, 1, sharex=True, figsize=(9, 6.2))
    calls = [sample["calls"] for sample in samples]
    members = [name for name in samples[0] if name != "calls"]
    for axes, chosen, scale in (
        (above, [name for name in members if name.endswith("_bytes")], 1 / MEGABYTE),
        (below, [name for name in members if not name.endswith("_bytes")], 1),
    ):
        for name, style in zip(chosen, _plain_styles()):
            label = name.replace("_resident_bytes", ", resident").replace("_bytes", " memory").replace("_", " ")
            axes.plot(calls, [sample[name] * scale for sample in samples], label=label, markevery=0.1, **style)
        axes.set_ylim(bottom=0)
        _legend_beside(axes)
    above.set_ylabel("MB")
    below.set_ylabel("how many")
    below.set_xlabel("calls with an image of 1 MB")
    below.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return figure


_PLOTS: dict[str, tuple[str, Callable[[Results], Any]]] = {
    "calls": ("Time of one call: two numbers in, one out", _calls),
    "flight": ("Calls a second against calls in flight", _flight),
    "map": ("Rows a second of a tiny function", _map),
    "images": ("Time of image + 1 against the size of the image", _images),
    "starts": ("Starts", _starts),
    "workers": ("Calls a second of a function that keeps a core busy, against workers", _workers),
    "growth": ("Memory, descriptors, threads and blocks over many calls", _growth),
}


# ---- What plots share ----------------------------------------------------------------------------------------------


def _systems(series: list[Series]) -> Iterator[tuple[str, list[Series]]]:
    """Each system with its series, in the order of the first of each."""
    order = list(dict.fromkeys(each.system for each in series))
    for system, each in groupby(sorted(series, key=lambda one: order.index(one.system)), lambda one: one.system):
        yield system, list(each)


def _line(axes: Any, system: str, xs: list[int], series: list[Series]) -> None:
    """Medians, with the middle half of the rounds as a band."""
    medians = [each.medians() for each in series]
    (line,) = axes.plot(
        xs, [median(values) for values in medians], label=system, **_STYLES.get(system, {"marker": "o"})
    )
    halves = [middle_half(values) for values in medians]
    lows, highs = zip(*halves)
    axes.fill_between(xs, lows, highs, color=line.get_color(), alpha=0.15, linewidth=0)


def _bars(axes: Any, series: list[Series], scale: float, words: Callable[[float], str]) -> None:
    """One below the other, Alcove's in its colour."""
    medians = [[value * scale for value in each.medians()] for each in series]
    values = [median(each) for each in medians]
    halves = [middle_half(each) for each in medians]
    errors = [[value - low for value, (low, _) in zip(values, halves)],
              [high - value for value, (_, high) in zip(values, halves)]]  # fmt: skip
    colors = [_color_of_bar(each.system) for each in series]
    axes.barh(
        range(len(series)), values, xerr=errors, color=colors, height=0.7, error_kw={"elinewidth": 2, "capsize": 3}
    )
    axes.set_yticks(range(len(series)), [each.system for each in series])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    for row, (value, (_, high)) in enumerate(zip(values, halves)):
        axes.annotate(words(value), (max(value, high), row), xytext=(8, 0), textcoords="offset points", va="center")
    axes.margins(x=0.12)


def _color_of_bar(system: str) -> str:
    if "lcove" in system:
        return _BLUE
    return _VERMILION if system.startswith("Appose") else _GREY


def _plain_styles() -> Iterator[dict[str, Any]]:
    markers = "o^sDvP*X<>"
    for index, color in enumerate([_BLUE, _VERMILION, _GREEN, _ORANGE, _PURPLE, _SKY, _BLACK, _GREY] * 2):
        yield {"color": color, "marker": markers[index % len(markers)], "linestyle": ["-", "--"][index // 8]}


def _microseconds() -> Any:
    def words(value: float, _: object) -> str:
        for unit, factor in (("s", 1e6), ("ms", 1e3)):
            if value >= factor:
                return f"{value / factor:g} {unit}"
        return f"{value:g} µs"

    return ticker.FuncFormatter(words)


def _legend_beside(axes: Any) -> None:
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


if __name__ == "__main__":
    main()
