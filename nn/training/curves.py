"""The losses of a run as curves in a notebook's cell; those of files are ``nn.plot``'s."""

from base64 import b64encode
from contextlib import suppress
from math import log10

from autograd import Viewable
from nn.training.history import History
from nn.training.loss_curves import LossCurves, loss_curves

WIDTH, HEIGHT, LEFT, FOOT = 640, 220, 70, 24  # of the picture, and of its margins
COLOURS = {"training": "#2f7fc1", "validation": "#d9660f"}
INK = "#77808a"  # which is seen on light pages and on dark ones


class Curves(Viewable):
    """The losses of both parts by epoch, as an image, which notebooks show that are not trusted."""

    def __init__(self, history: History) -> None:
        self.history, self.found = history, LossCurves([], 0.0, 0.0, False)
        with suppress(ValueError):  # of a run without a loss
            self.found = loss_curves(history)

    def __repr__(self) -> str:
        known = self.found.curves if self.found.runs else []
        ends = (f"{part} {losses[0][1]:.4g} to {losses[-1][1]:.4g}" for part, losses in known)
        return f"losses of {len(self.history)} epochs: {', '.join(ends)}"

    def _repr_html_(self) -> str:
        picture = b64encode(self.svg.encode()).decode()
        size = f"width:100%;max-width:{WIDTH}px"
        return f'<img src="data:image/svg+xml;base64,{picture}" alt="{self!r}" style="{size}">'

    @property
    def svg(self) -> str:
        """The picture."""
        found, low, high = self.found, self.found.low, self.found.high
        if not found.runs:
            return f'<svg xmlns="http://www.w3.org/2000/svg">{_text(70, 14, "no losses")}</svg>'
        scale = log10 if found.log else float
        last = max(len(self.history), 2)
        first = self.history[0].number

        def at(epoch: float, loss: float) -> tuple[float, float]:
            across = (epoch - first) / (last - 1)
            up = (scale(min(loss, high)) - scale(low)) / (scale(high) - scale(low) or 1.0)
            return LEFT + across * (WIDTH - LEFT - 10), HEIGHT - FOOT - up * (HEIGHT - FOOT - 30)

        parts = list[str]()
        middle = (low * high) ** 0.5 if found.log else (low + high) / 2
        for y in dict.fromkeys((low, middle, high)):
            _, down = at(first, y)
            parts.append(_line(LEFT, down, WIDTH - 10, down))
            parts.append(_text(LEFT - 8, down + 4, f"{y:.3g}", "end"))
        for n in dict.fromkeys((first, first + len(self.history) - 1)):
            parts.append(_text(at(n, low)[0], HEIGHT - 6, f"epoch {n}" if n == first else f"{n}"))
        for k, (part, losses) in enumerate(found.curves):
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in losses))
            look = f'fill="none" stroke="{COLOURS[part]}" stroke-width="2"'
            parts.append(f'<polyline {look} points="{points}"/>')
            name = f"{part} {losses[-1][1]:.4g}"
            parts.append(_text(LEFT + 180 * k, 14, name, "start", COLOURS[part]))
        if best := self.history.best:
            x, y = at(best.number, best.validation_loss)
            colour = COLOURS["validation"]
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
            lowest = f"● lowest {best.validation_loss:.4g}, epoch {best.number}"
            parts.append(_text(LEFT + 360, 14, lowest, "start", colour))
        size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _text(x: float, y: float, text: str, anchor: str = "middle", ink: str = INK) -> str:
    look = f'font-size="13" font-family="system-ui,sans-serif" fill="{ink}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{text}</text>'


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"'
    return f'<line {ends} stroke="{INK}" opacity=".3"/>'
