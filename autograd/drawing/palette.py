"""Colours and line widths: what a gradient's sign and size look like, by day and by night."""

from collections.abc import Iterable
from math import isfinite

# A role, and its colour on a light and on a dark background; the SVG knows it by the light one.
# Every kind of colour vision tells blue from orange, and a grey print shows width and contrast.
COLOURS = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "symbol": ("#1f2329", "#e7eef4"),
    "data": ("#24292f", "#d9e1e8"),
    "grad": ("#57606a", "#9aa4af"),
    "partial": ("#636c76", "#8b949e"),
    "rule": ("#d8dee4", "#363d47"),
    "parameter": ("#fff5d9", "#35290b"),
    "input": ("#e3f0ff", "#10263f"),
    "constant": ("#f6f8fa", "#161b22"),
    "operation": ("#fffffe", "#0f141b"),
    "output": ("#f5edff", "#271a3d"),
    "module": ("#eef1f4", "#1c222b"),
    "frame": ("#f6f8fb", "#12171e"),
    "outline": ("#c5ccd3", "#454d57"),
    "none": ("#8c959f", "#6e7681"),
    "zero": ("#b6bec7", "#4a525c"),
    "p1": ("#9ebcdc", "#33506f"),
    "p2": ("#6aa3d5", "#3f7fb8"),
    "p3": ("#2f7fc1", "#5fb0f2"),
    "p4": ("#084f91", "#b3dcff"),
    "n1": ("#f5c08f", "#6a4424"),
    "n2": ("#f0964a", "#ad6325"),
    "n3": ("#d9660f", "#f2943f"),
    "n4": ("#9c3f04", "#ffcf9e"),
    "bad": ("#bf3989", "#ff7bc0"),
}

# The share of the largest gradient above which a gradient has level 1, 2, 3, 4.
SHARES = (0.0, 0.01, 0.1, 0.3)
LEVELS = ("n4", "n3", "n2", "n1", "zero", "p1", "p2", "p3", "p4")
WIDTHS = {"none": 1.0, "zero": 0.8, "bad": 2.4}
WIDTHS |= {f"{s}{i}": (0.9, 1.4, 2.0, 2.8)[i - 1] for s in "pn" for i in (1, 2, 3, 4)}


def largest_of(gradients: Iterable[float | None]) -> float:
    """The largest finite one by size: what the others are measured by."""
    return max((abs(x) for x in gradients if x is not None and isfinite(x)), default=0.0)


def level(gradient: float | None, largest: float) -> str:
    """The name of the colour and width of a gradient: by sign, and by its share of the largest one.

    >>> [level(gradient, 1.0) for gradient in (0.5, -0.02, 0.0, float("nan"), None)]
    ['p4', 'n2', 'zero', 'bad', 'none']
    """
    if gradient is None:
        return "none"
    if not isfinite(gradient):
        return "bad"
    size = sum(abs(gradient) > share * largest for share in SHARES) if largest else 0
    return f"{'p' if gradient > 0 else 'n'}{size}" if size else "zero"


def style(root: str = ".glassgrad") -> str:
    """CSS: pictures in root follow the reader's theme, or a data-theme on root."""
    themes = {}
    for i, theme in enumerate(("light", "dark")):
        colours = "".join(f"--{role}:{pair[i]};" for role, pair in COLOURS.items())
        themes[theme] = f"{{{colours}color-scheme:{theme}}}"
    rules = [root + themes["light"]]
    rules.append(f"@media (prefers-color-scheme:dark){{{root}{themes['dark']}}}")
    rules += [f'{root}[data-theme="{theme}"]{colours}' for theme, colours in themes.items()]
    rules.append(f"@media print{{{root},{root}[data-theme]{themes['light']}}}")
    rules.append(".glassgrad text{font-family:Helvetica,Arial,'Liberation Sans',sans-serif}")
    halo = "paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round"
    rules.append(f".glassgrad .edge text{{{halo}}}")  # numbers stand on their arrows
    for role, (light, _) in COLOURS.items():
        for what in ("fill", "stroke"):
            rules.append(f'.glassgrad [{what}="{light}"]{{{what}:var(--{role})}}')
    return "\n".join(rules)


def dynamic() -> str:
    """The CSS by which a player colours what it gives a ``data-level``."""
    rules = []
    for name, width in WIDTHS.items():
        what = f'.glassgrad [data-level="{name}"]'
        rules.append(f"{what} .outline{{stroke:var(--{name});stroke-width:{width}}}")
        rules.append(f"{what} .head{{fill:var(--{name})}}")
    return "\n".join(rules)
