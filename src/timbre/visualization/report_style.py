"""Paper and ink of a report's figures: each is drawn twice, for light and for dark screens."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

_DPI = 140
FIGURE_INCHES = 7.6  # wide, unless its content asks for more
TEXT_POINTS, SMALL_POINTS = 8.0, 6.5


@dataclass(frozen=True)
class Theme:
    """Colours as on the page that the figures lie on; `first` and `second` tell two lines apart."""

    paper: str
    ink: str
    soft: str
    line: str
    first: str
    second: str


LIGHT = Theme("#faf8f4", "#1f1c18", "#6f685d", "#dfd8cc", "#0072b2", "#c04e00")
DARK = Theme("#141416", "#f2efe9", "#979187", "#313136", "#56b4e9", "#e69f00")


@dataclass(frozen=True)
class Drawing:
    """A figure of a report.

    Attributes
    ----------
    name
        Of its file, without an ending.
    alt
        What it shows, for those who cannot see it.
    """

    name: str
    alt: str
    draw: Callable[[Theme], Figure]

    def rendered(self) -> "Picture":
        """Drawn in both themes."""
        return Picture(self.name, self.alt, _png(self.draw(LIGHT)), _png(self.draw(DARK)))


@dataclass(frozen=True)
class Picture:
    """A drawing as PNG, on light and on dark paper."""

    name: str
    alt: str
    light: bytes
    dark: bytes


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, dpi=_DPI, format="png")
    return out.getvalue()


def new_figure(theme: Theme, height: float, width: float = FIGURE_INCHES) -> Figure:
    """An empty figure, inches."""
    return Figure(figsize=(width, height), layout="constrained", facecolor=theme.paper)


def plain(axes: Axes, theme: Theme, **labels: Any) -> None:
    """Axes of thin lines; `labels` are matplotlib's: `xlabel`, `title`, limits ..."""
    axes.set(**labels)
    axes.set_facecolor(theme.paper)
    axes.tick_params(colors=theme.soft, labelsize=TEXT_POINTS, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(theme.line)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set(color=theme.soft, size=TEXT_POINTS)
    axes.title.set(color=theme.ink, size=TEXT_POINTS)


def legend(axes: Axes, theme: Theme, **place: Any) -> None:
    """What the lines are, without a frame."""
    axes.legend(frameon=False, fontsize=TEXT_POINTS, labelcolor=theme.ink, **place)
