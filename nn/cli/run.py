"""Run: one training from the command line, from the rows of a file to the files of a folder."""

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any

from nn.analysis.lr_finder import RateSearch, find_rate
from nn.cli.choices import Choices
from nn.cli.data import Parts, Rows, in_options
from nn.cli.data_warnings import oddities
from nn.cli.examination import Examination, spread
from nn.cli.figures import flat, pictures
from nn.cli.options import given
from nn.cli.parser import Refused
from nn.cli.report import Account
from nn.cli.run_dir import Folder
from nn.cli.sheet import of_history, sheet
from nn.cli.suggestions import advice
from nn.data.csv_reader import DataError
from nn.data.dataset import Dataset
from nn.doctor import Diagnosis, diagnose
from nn.io.models import StoreError, write_text
from nn.io.predictor import Predictor
from nn.plotting import terminal as sketch
from nn.training.callbacks import ProgressBar, progress_bar
from nn.training.checkpoint import Checkpoint
from nn.training.evaluation import Loss, predict
from nn.training.history import History
from nn.training.trainer import Trainer

__all__ = ["Run"]


class Run:
    """A training: set up (which refuses what cannot be used), then ``learn``, ``look``,
    ``cross_validate``, ``write``.

    ``interrupted`` says whether Ctrl-C ended any of it, ``failed`` whether it diverged and left a
    model that is no better than a guess; what there is by then is written all the same."""

    def __init__(self, options: argparse.Namespace, folder: Folder) -> None:
        self.options, self.folder = options, folder
        # not after each epoch, for syncing takes longer than most of them
        self.checkpoint = Checkpoint(folder.checkpoint, every=1.0)
        self.account = Account(options.quiet)
        self.interrupted = self.failed = False
        self.overshot: Diagnosis | None = (
            None  # what the doctor says of a learning rate that is too large
        )
        self.history = History()
        self.scores: list[tuple[int, int, float, float]] = []  # fold, rows, score, RMSE
        names = ("target", "ignore", "classification", "header", "delimiter")
        asked = {name: getattr(options, name) for name in names} | {"ignore": options.ignore or ()}
        self.rows = Rows.read(options.csv, **asked)
        self.choices = Choices(options, self.rows.data, self.rows.target)
        try:
            self.parts = Parts.of(self.rows.data, options.test, options.validation, options.seed)
            # asked for here, so that too few rows for them are known at once
            self.folds = (
                self.rows.data.folds(options.folds, options.seed) if options.folds else iter(())
            )
            self.loss = self.choices.loss(self.parts.learn)
        except DataError as error:
            raise Refused(f"{options.csv}: {in_options(str(error))}") from None
        self.learnt = self.parts.scaled(self.parts.learn)
        self.validation = (
            self.parts.scaled(self.parts.validation) if self.parts.validation else None
        )
        self.model = self.choices.model()
        self.predictor = self._predictor(self.model, self.parts)
        self.search: RateSearch | None = None

    def learn(self) -> None:
        """Say what is at hand, find the rate if it is to be found, and train."""
        if not self.options.resume:
            self._introduce()
        if self.options.rate == "find":
            self.options.rate = self._found_rate()
        training = self._training(self.model, self.learnt, self.validation, self.loss, keep=True)
        if self.options.resume:
            self._resume(training)  # before a word is said of a run that may be another
            self._introduce()
        optimizer = self.choices.optimizer()
        penalty = self.choices.penalty or "no penalty"
        self.account.say(f"{self.model!r}")
        self.account.say(
            f"{self.choices.name}, {optimizer!r}, {penalty!s}, batches of {self.options.batch_size}, "
            f"seed {self.options.seed}"
        )
        began = time.perf_counter()
        try:
            if not self.options.resume:
                self.folder.begin(given(self.options))
            self.history = self._trained(training, show=None if not self.options.quiet else False)
        except BaseException:
            self.folder.undo()
            raise
        self.interrupted = self.history.stopped.startswith("interrupted")
        if not self.history:
            self.folder.undo()
            if self.interrupted:
                raise KeyboardInterrupt(f"{self.history.stopped}, and nothing is written")
            raise Refused(self.history.stopped)
        self._tell(time.perf_counter() - began)

    def look(self) -> None:
        """Sketch the losses, and ask the doctor, whose remedies are told in options too."""
        self.account.say(f"\n{sketch.losses(self.history)}")
        if flat(self.rows.data):
            self.account.say(f"\n{sketch.boundary(self.predictor, self.rows.data)}")
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # the doctor tries things that may overflow, and says what is to be said
            report = diagnose(self.history, self.model, self.learnt)
            advised: dict[str, list[str]] = {}
            for number, found in enumerate(report, 1):
                advised.setdefault(advice(found.config, found.remedy), []).append(str(number))
        self.account.say(f"\nthe doctor: {report}")
        self.overshot = next(
            (found for found in report if found.name == "learning rate too large"), None
        )
        several = len(report) > 1
        words = [
            f"{', '.join(of)}: {words}" if several else words
            for words, of in advised.items()
            if words
        ]
        if words:
            self.account.say(f"In options of this command: {'; '.join(words)}")

    def examine(self) -> None:
        """The score on the rows held out, or the best that there is in their place."""
        parts = self.parts
        part, what = (
            parts.learn,
            "NOT HELD OUT: the {} rows that it learned from, since there are no others",
        )
        if parts.validation:
            part, what = (
                parts.validation,
                "NOT HELD OUT: the {} validation rows, which chose the epoch and so flatter",
            )
        if parts.test:
            part, what = parts.test, "held out: {} rows that it never saw"
        examination = self._examined(self.predictor, part)
        self.account.say(f"\n{what.format(len(part))}\n{examination}")
        if self.options.quiet:
            self.account.show(
                examination.line if parts.test else f"{examination.line}, not held out"
            )
        self.failed = examination.worthless and (self.history.diverged or self.overshot is not None)
        if self.failed:
            self._complain(examination.guess)

    def cross_validate(self) -> None:
        """Train anew for each fold, and tell the mean and the spread of the scores on what each
        left out.
        """
        if not self.options.folds or self.interrupted:
            return
        show = False if self.options.quiet else None
        bar = progress_bar(self.options.folds, "fold", show)
        for number, (rest, part) in enumerate(self.folds, 1):
            parts = Parts.given(rest, part, self.options.validation, self.options.seed)
            learnt = parts.scaled(parts.learn)
            validation = parts.scaled(parts.validation) if parts.validation else None
            model = self.choices.model()
            history = self._trained(
                self._training(model, learnt, validation, self.choices.loss(parts.learn))
            )
            if history.stopped.startswith("interrupted"):
                raise KeyboardInterrupt
            found = self._examined(self._predictor(model, parts), part)
            self.scores.append(
                (number, len(part), found.score, found.rmse if not found.class_names else 0.0)
            )
            bar.update()
        bar.close()
        scores = [score for _, _, score, _ in self.scores]
        if self.rows.data.classification:
            line = f"accuracy {spread([100 * score for score in scores], '{:.1f}'.format)} %"
        else:
            errors = [rmse for *_, rmse in self.scores]
            line = f"R² {spread(scores)}, RMSE {spread(errors, '{:.4g}'.format)}"
        self.account.say(
            f"\n{len(scores)} folds, each of them left out once: {line} (mean ± standard deviation)",
            always=True,
        )

    def write(self) -> None:
        """Write model, history, plots and report, so that all of them appear or none."""
        files: dict[str, Callable[[Path], object]] = {}
        files["history.csv"] = lambda path: write_text(path, of_history(self.history))
        if self.scores:
            files["folds.csv"] = lambda path: write_text(path, sheet(self._of_folds()))
        drawn, why = pictures(
            self.history, self.predictor, self.learnt, self.rows.data, self.search
        )
        files |= {name: partial(Path.write_bytes, data=content) for name, content in drawn.items()}
        if why:
            self.account.say(f"\n{why}")
        files[Folder.OPTIONS] = partial(self.folder.write_options, given(self.options))
        names = [
            *files,
            "report.txt",
            Folder.MODEL,
            *([Folder.CHECKPOINT] if self.folder.checkpoint.exists() else []),
        ]
        self.account.say(f"\nwritten to {self.folder.path}: {', '.join(names)}")
        if not self.failed:
            self.account.say(f"next: python -m nn predict {self.folder.path} new.csv")
        files["report.txt"] = lambda path: write_text(path, self.account.text)
        files[Folder.MODEL] = self.predictor.save
        self.folder.publish(files)

    def _introduce(self) -> None:
        data, parts, say = self.rows.data, self.parts, self.account.say
        features = f"{len(data.feature_names)} feature{'s' if len(data.feature_names) > 1 else ''}"
        say(f"{self.options.csv}: {len(data)} rows, {features}; the target is {self.rows.target}")
        say(self.rows.guess + self._classes())
        counts = f"{len(parts.learn)} rows to learn from"
        counts += f", {len(parts.validation)} to validate" if parts.validation else ""
        say(counts + (f", {len(parts.test)} held out" if parts.test else ""))
        say(f"scaled to mean 0 and deviation 1 over the {len(parts.learn)} rows to learn from")
        for sentence in oddities(data):
            self._note(sentence)
        if missing := parts.unlearnt:
            names = ", ".join(missing[:5]) + ", ..." * (len(missing) > 5)
            self._note(
                f"no row of {names} is among those to learn from, so that it cannot be learned: add rows of it"
            )

    def _classes(self) -> str:
        """The classes, each with its number of rows; of many the first."""
        names, counts = self.rows.data.class_names, Counter(self.rows.data.targets)
        shown = [f"{name} ({counts[k]} rows)" for k, name in enumerate(names[:8])]
        return f" into {', '.join(shown)}{', ...' if len(names) > 8 else ''}" if names else ""

    def _note(self, sentence: str, word: str = "note") -> None:
        self.account.lines.append(f"{word}: {sentence}")
        print(f"{word}: {sentence}", file=sys.stderr)

    def _complain(self, guess: str) -> None:
        """Say, even of a run that is to be quiet, that nothing came of it and what to try."""
        found = self.overshot
        smaller = (
            found and advice(found.config, found.remedy)
        ) or f"a --rate below {self.choices.rate:g}"
        why = found.name if found else self.history.stopped.partition(",")[0]
        self._note(f"{why}: the model is no better than {guess}; try {smaller}", "failed")

    def _found_rate(self) -> float:
        options = {"batch_size": self.options.batch_size, "seed": self.options.seed}
        self.search = find_rate(
            self.model, self.learnt, self.loss, self.choices.optimizer(), **options
        )
        self.account.say(f"--rate find: {self.search!r}")
        if isnan(self.search.suggestion):
            raise Refused(
                "--rate find found none, since the loss did not fall at any: give --rate a number"
            )
        return self.search.suggestion

    def _training(
        self,
        model: Any,
        learnt: Dataset,
        validation: Dataset | None,
        loss: Loss,
        keep: bool = False,
    ) -> Trainer:
        """A training as the options have it; keep: whether its state is written to the folder, to
        be resumed.
        """
        choices = self.choices
        return Trainer(
            model,
            learnt,
            loss,
            choices.optimizer(),
            validation=validation,
            until=choices.until,
            callbacks=[self.checkpoint] if keep else [],
            **choices.options_of_train(),
        )

    def _resume(self, training: Trainer) -> None:
        """Bring a training to where its checkpoint was written; that of another run is refused."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what was told when the run began
            training.prepare()
        try:
            self.checkpoint.resume(training)
        except StoreError as error:
            raise Refused(in_options(str(error))) from None

    def _trained(self, training: Trainer, show: bool | None = False) -> History:
        """The history of a training; a run that diverges says so in it, and other warnings go to
        stderr.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            training.callbacks.append(ProgressBar(show))
            training.fit()
        if training.history.diverged:
            for p, x in zip(
                training.parameters,
                training.best or [p.data for p in training.parameters],
                strict=True,
            ):
                p.data = x
            caught = []  # the history says that it diverged: overflows on the way there are no news
        told = list(
            dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught or ())
        )
        for sentence in told[:1]:
            more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
            print(f"warning: {sentence[:300]}{more}", file=sys.stderr)
        return training.history

    def _tell(self, seconds: float) -> None:
        history, best = self.history, self.history.best
        count = f"{len(history)} epoch{'s' if len(history) > 1 else ''}"
        self.account.say(f"\ntrained {count} in {seconds:.1f} s; engine: {history.engine}")
        if history.stopped:
            self.account.say(history.stopped)
        if best and (history.diverged or not history.stopped):
            self.account.say(f"the model is that of the lowest validation loss: {best!r}")

    def _predictor(self, model: Any, parts: Parts) -> Predictor:
        data = self.rows.data
        return Predictor(
            model,
            parts.scaling,
            data.feature_names,
            data.class_names,
            target=self.rows.target,
            outputs=self.choices.outputs,
            target_mean=parts.target_mean,
            target_deviation=parts.target_deviation,
        )

    def _examined(self, predictor: Predictor, part: Dataset) -> Examination:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the scores say how far off it is
            outputs = predict(predictor, part)
        return Examination(outputs, part.targets, part.class_names, self.rows.target)

    def _of_folds(self) -> list[list[str]]:
        if self.rows.data.classification:
            return [
                ["fold", "rows", "accuracy"],
                *([*map(repr, scores[:3])] for scores in self.scores),
            ]
        return [
            ["fold", "rows", "r_squared", "rmse"],
            *([*map(repr, scores)] for scores in self.scores),
        ]
