"""Epoch and History: what a run of training was like, epoch by epoch."""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from math import isnan, nan
from pathlib import Path
from typing import Any, SupportsIndex, overload

from autograd import Table, Viewable
from nn.checks import Cures, file_name
from nn.io.json_file import PathLike, write_text
from nn.training.config import TrainConfig

__all__ = ["Epoch", "History"]


@dataclass(frozen=True, repr=False, eq=False)
class Epoch:
    """One pass over the training rows; figures that do not apply are nan.

    ``loss``, ``accuracy`` (of classes) and ``r_squared`` (of numbers) are taken from the batches
    as they came, while the model was still learning; the validation figures are taken at the end of
    the epoch. Losses are without the penalty and per row, so that the two parts compare.
    ``learning_rate`` is that of the epoch's first step, ``gradient_norm`` the mean length of the
    gradient over its steps (with the penalty, before clipping), ``weight_norm`` the length of all
    weights (not biases) at its end."""

    number: int
    loss: float
    accuracy: float = nan
    validation_loss: float = nan
    validation_accuracy: float = nan
    r_squared: float = nan
    validation_r_squared: float = nan
    learning_rate: float = nan
    gradient_norm: float = nan
    weight_norm: float = nan

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Epoch):
            return NotImplemented
        pairs = zip(astuple(self), astuple(other), strict=True)
        return all(a == b or (isnan(a) and isnan(b)) for a, b in pairs)

    def __hash__(self) -> int:
        return hash(self.number)

    @property
    def shown(self) -> dict[str, str]:
        """The losses and scores that apply, by name, with four digits."""
        kinds = ("loss", "accuracy", "r_squared")
        names = [*kinds, *(f"validation_{kind}" for kind in kinds)]
        known = [(name, x) for name in names if not isnan(x := getattr(self, name))]
        words = ((name.replace("_", " ").replace("r squared", "R²"), x) for name, x in known)
        return {name: f"{x:.4g}" for name, x in words}

    def __repr__(self) -> str:
        return f"epoch {self.number}: {', '.join(map(' '.join, self.shown.items()))}"


class History(list[Epoch], Viewable, Cures):
    """The epochs of a run, and why it stopped before its time, if it did.

    ``engine`` is what computed it, and why, if that was not what was asked for; ``config``
    is how the run was made, and ``callbacks`` the names of those of one's own."""

    stopped: str = ""
    diverged: bool = False
    engine: str = "eager"
    config: TrainConfig | None = None
    callbacks: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Epoch: ...
    @overload
    def __getitem__(self, index: slice) -> "History": ...
    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        if isinstance(index, slice):
            found = History(found)
            found.engine, found.config = self.engine, self.config
            found.callbacks = self.callbacks
        return found

    @property
    def best(self) -> Epoch | None:
        """The first epoch with the lowest validation loss; None if there is no validation loss."""
        known = [epoch for epoch in self if not isnan(epoch.validation_loss)]
        return min(known, key=lambda epoch: epoch.validation_loss, default=None)

    def page(self, path: PathLike = "run.html", *, dry_run: bool = False) -> Path:
        """Write a page that replays the run from its initial parameters, with live controls.

        Returns the path; dry_run: writes nothing. Raises ValueError where a page cannot train such
        a run (no MLP, other than 2 features, a loss that mixes rows), StoreError if not written."""
        from nn.training.live_page import live_page

        if self.config is None:
            need = "a page needs the history that train returned, with its config"
            raise ValueError(f"{need}, got one without: a pickle has none")
        if not file_name(path).endswith((".html", ".htm")):
            raise ValueError(f"a page is written as .html, got {file_name(path)!r}")
        write_text(path, live_page(self.config, self), dry_run=dry_run)
        return Path(path)

    def __getstate__(self) -> dict[str, Any]:
        # a pickle would take all rows along, and a loss need not allow it
        return vars(self) | {"config": None}

    def _parts(self) -> list[Any]:
        head = f"{len(self)} epochs" if len(self) != 1 else "1 epoch"
        epochs: list[Epoch] = [*self[:3], *self[max(3, len(self) - 3) :]]
        columns = list(dict.fromkeys(name for epoch in epochs for name in epoch.shown))
        rows = [[str(e.number), *(e.shown.get(name, "") for name in columns)] for e in epochs]
        if len(self) > len(epochs):
            rows.insert(3, [""] * (len(columns) + 1))
        table = Table(("epoch", *columns), rows)
        return [head, *([table] if self else []), *filter(None, [self.stopped])]

    def __repr__(self) -> str:
        lines = [*map(repr, self), *([self.stopped] if self.stopped else [])]
        if len(lines) > 8:
            lines = [*lines[:3], f"... {len(lines) - 6} more ...", *lines[-3:]]
        return "\n".join(lines) if lines else "no epochs"


# Looks at the history after each epoch, and says why to stop; "" means to go on.
Rule = Callable[[History], str]
