"""Rules that end a run of training."""

from dataclasses import dataclass

from nn.checks import positive
from nn.training.history import History

__all__ = ["EarlyStopping"]


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the validation loss has not become better by more than ``least`` for ``patience``
    epochs.

    A rule for ``train(..., until=...)``: a function of the history so far that returns why to stop,
    or nothing. ``train`` then goes back to the best epoch. Source: Prechelt, Early Stopping — But
    When? (1998).

    >>> from nn import Epoch
    >>> losses = [0.9, 0.5, 0.6, 0.7]
    >>> EarlyStopping(patience=2)(History(Epoch(k, 0.1, validation_loss=x) for k, x in enumerate(losses, 1)))
    'the validation loss has not become better for 2 epochs'
    """

    patience: int = 10
    least: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.patience, int) or self.patience < 1:
            raise ValueError(
                f"EarlyStopping needs a patience of at least 1 epoch, got {self.patience!r}"
            )
        positive("EarlyStopping", "least", self.least, zero=True)

    def __call__(self, history: History) -> str:
        best, since = float("inf"), 0
        for epoch in history:
            if epoch.validation_loss != epoch.validation_loss:
                raise ValueError(
                    "EarlyStopping needs a validation part, got none: give train a validation of 0.2, say"
                )
            if epoch.validation_loss < best - self.least:
                best, since = epoch.validation_loss, 0
            else:
                since += 1
        if since < self.patience:
            return ""
        return (
            f"the validation loss has not become better for {since} epoch{'s' if since > 1 else ''}"
        )
