"""A run of the command: train, diagnose, evaluate, cross-validate, write."""

import argparse
import shlex
import sys
import time
import warnings
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any

from autograd import assign
from nn.analysis.lr_finder import RateSearch, find_rate
from nn.checks import counted
from nn.cli.choices import Choices, best_threshold, suggestion
from nn.cli.data import Rows
from nn.cli.evaluation import FORMS, Rule, evaluated
from nn.cli.figures import plots, tables
from nn.cli.introduction import introduce
from nn.cli.options import Refused, words_of
from nn.cli.parts import Parts
from nn.cli.progress import Progress, notice
from nn.cli.report import Report, shown, spread
from nn.cli.results import Results
from nn.cli.run_dir import RunDir
from nn.doctor import Diagnosis, diagnose
from nn.io.json_file import write_text
from nn.io.predictor import Predictor
from nn.plotting import terminal
from nn.plotting.decision_grid import drawable
from nn.training.callbacks import Callback
from nn.training.checkpoint import Checkpoint
from nn.training.evaluation import batch_outputs
from nn.training.history import History
from nn.training.trainer import Trainer

BATCH, MOST_STEPS = 32, 1000  # rows in a step, or more where an epoch had more steps than that


class Run:
    """A training run, set up and introduced; what cannot be used is refused before any training."""

    def __init__(self, options: argparse.Namespace, folder: RunDir) -> None:
        self.options, self.folder, self.report = options, folder, Report(options.quiet)
        self.interrupted = False  # whether Ctrl-C ended any of it
        self.failed = False  # whether it diverged, and the model is no better than a guess
        self.too_large: Diagnosis | None = None  # what the doctor says of the learning rate
        self.search: RateSearch | None = None
        self.scores: list[dict[str, float]] = []  # the rows and the metrics of each fold
        self.results: Results | None = None
        with notice(f"reading {options.csv}", options.quiet):
            self.rows = Rows.read(options)
        if folder.path != folder.asked:
            there = "--overwrite replaces what is there, --resume continues it"
            self.report.note(f"{folder.asked} holds a run, so this goes to {folder.path}; {there}")
        self.choices = Choices(options, self.rows.data, self.rows.target)
        self.parts, *self.folds = parts = Parts.all(self.rows, options)
        self.rows.table.rows.clear()  # of its cells, which may be millions, nothing is asked now
        if options.batch_size is None:
            options.batch_size = max(BATCH, len(self.parts.training) // MOST_STEPS)
        # of all folds now, so that a class without a row is known before any training
        self.config, *self.configs = map(self.choices.config, parts)
        if not options.resume:
            introduce(self.report, options, self.rows, self.parts)
        if options.rate == "find":
            self._find_rate()
            self.config, *self.configs = map(self.choices.config, parts)
        self.model, self.training = self.config.model, self.config.data
        self.predictor = self._predictor(self.model, self.parts)
        self.trainer = Trainer(**self.config.options())
        # not after each epoch, for syncing takes longer than most of them
        self.checkpoint = Checkpoint(folder.part / RunDir.CHECKPOINT, every=1)
        if options.resume:
            self.checkpoint.path = (folder.begun or folder.part) / RunDir.CHECKPOINT
            # of what was said when the run began
            with warnings.catch_warnings(action="ignore"):
                self.checkpoint.resume(self.trainer)
            self.checkpoint.path = folder.part / RunDir.CHECKPOINT
            # not before: it may be another run
            introduce(self.report, options, self.rows, self.parts)

    def train(self) -> None:
        """Train, and keep the state in the folder's part."""
        options, config = self.options, self.config
        self.report.section, words = "training", words_of(options)
        self.report.sections["command"] = f"python -m nn train {shlex.join([options.csv, *words])}"
        how = f"{self.choices.loss_name}, {config.optimizer!r}, {config.penalty or 'no penalty'}"
        rows = f"batches of {options.batch_size}, seed {options.seed}"
        last = f"{counted(options.epochs, 'epoch')} at most"
        if patience := self.choices.patience:
            last += f"; ends after {patience} without a lower validation loss"
            last += " (--patience 0: never)" if options.patience is None else ""
        self.report.say(f"{self.model!r}\n{how}, {rows}\n{last}")
        before, began = len(self.trainer.history), time.perf_counter()
        try:
            self.folder.begin(words, options.resume)
            history = self._trained("training", self.trainer, self.checkpoint)
            self.interrupted = history.stopped.startswith("interrupted")
            if not history and self.interrupted:
                raise KeyboardInterrupt(f"{history.stopped}, and nothing is written")
            if not history:
                raise Refused(history.stopped)
        except BaseException:
            self.folder.discard()
            raise
        self.history, seconds = history, time.perf_counter() - began
        epochs = counted(len(history) - before, "epoch")
        time_taken = f"{seconds:.1f} s" + f", after {before} before" * bool(before)
        self.report.say(f"\ntrained {epochs} in {time_taken}; engine: {history.engine}")
        if history.stopped:
            self.report.say(history.stopped)
        if history.best and (history.diverged or not history.stopped):
            self.report.say(f"the model is that of the lowest validation loss: {history.best!r}")

    def diagnose(self) -> None:
        """Sketch the losses, and ask the doctor, whose remedies are said in options too."""
        self.report.section = "losses"
        self.report.say(f"\n{terminal.losses(self.history)}")
        if drawable(self.rows.data):
            self.report.section = "boundary"
            self.report.say(f"\n{terminal.boundary(self.predictor.decision, self.rows.data)}")
        self.report.section = "doctor"
        examined = notice("examining the run", self.options.quiet)
        with warnings.catch_warnings(action="ignore"), examined:  # the doctor says what there is
            found = diagnose(self.history, self.model, self.training)
            numbers: dict[str, list[str]] = {}
            for number, one in enumerate(found, 1):
                if words := suggestion(one.config, one.remedy):
                    numbers.setdefault(words, []).append(str(number))
                if one.name == "learning rate too large":
                    self.too_large = self.too_large or one
        self.report.say(f"\nthe doctor: {found}")
        if len(found) > 1:
            numbers = {f"{', '.join(of)}: {words}": of for words, of in numbers.items()}
        if numbers:
            self.report.say(f"In options of this command: {'; '.join(numbers)}")

    def evaluate(self) -> None:
        """The score on the test rows, or the best that there is in their place."""
        self.report.section = "score"
        if self.options.threshold == "find":
            self._find_threshold()
        weighted, quiet = bool(self.options.class_weights), self.options.quiet
        self.results = results = Results(self._rule(self.predictor), self.parts, weighted, quiet)
        found = results.evaluation
        self.report.say(f"\n{results.what}\n{found.text}")
        if results.importance_text:
            self.report.say(f"\n{results.importance_text}")
        if quiet:
            self.report.show(found.line + ("" if self.parts.test else ", not held out"))
        one, history = self.too_large, self.history
        self.failed = found.score <= found.guess_score and (history.diverged or one is not None)
        if self.failed:
            smaller = suggestion(one.config, one.remedy) if one else ""
            smaller = smaller or f"a --rate below {self.trainer.optimizer.rate:g}"
            why = one.name if one else history.stopped.partition(",")[0]
            sentence = f"{why}: the model is no better than {found.guess}; try {smaller}"
            self.report.note(sentence, "failed")

    def cross_validate(self) -> None:
        """Train anew for each fold, and say mean and spread of the scores on what each left out."""
        if not self.folds or self.interrupted:
            return
        for parts, config in zip(self.folds, self.configs, strict=True):
            what = f"fold {len(self.scores) + 1} of {len(self.folds)}"
            history = self._trained(what, Trainer(**config.options()))
            if history.stopped.startswith("interrupted"):
                raise KeyboardInterrupt
            part = parts.test or parts.training
            predictor = self._predictor(config.model, parts)
            outputs = batch_outputs(predictor, part.features)
            found = evaluated(outputs, part.targets, self._rule(predictor))
            self.scores.append({"rows": len(part)} | found.metrics)
        said = list[str]()
        for name in found.metrics:
            numbers, (heading, form) = [fold[name] for fold in self.scores], FORMS[name]
            said += [f"{heading} {spread(numbers, form)}"] * (not all(map(isnan, numbers)))
        self.report.section = "folds"
        title = f"{len(self.scores)}-fold cross-validation"
        self.report.say(f"\n{title}: {', '.join(said)} (mean ± standard deviation)", always=True)

    def write(self) -> None:
        """Write model, history, plots and report, so that all of them appear or none."""
        texts = tables(self.history, self.scores)
        self.report.section = "files"
        drawn, vectors, why = dict[str, bytes](), dict[str, str](), ""
        if results := self.results:
            with notice("drawing", self.options.quiet):
                drawn, vectors, why = plots(self.history, self.search, self.training, results)
        if why:
            self.report.say(f"\n{why}")
        reports = RunDir.REPORTS if results else RunDir.REPORTS[:1]
        names = [*texts, *drawn, *reports, RunDir.MODEL, RunDir.OPTIONS, RunDir.CHECKPOINT]
        done = f"\nwritten to {self.folder.path}: {', '.join(names)}"
        if not self.failed:
            done += f"\nnext: python -m nn predict {self.folder.path} new.csv"
        self.report.keep(shown(done))
        texts["report.txt"] = self.report.text
        if results:
            title = f"Predicting {self.rows.target} from {Path(self.options.csv).name}"
            texts["report.html"] = results.html(title, vectors, self.report)
        files = {name: partial(write_text, text=of) for name, of in (texts | drawn).items()}
        self.folder.publish({RunDir.MODEL: self.predictor.save, **files})
        if not self.report.quiet:
            self.report.show(done)

    def _find_rate(self) -> None:
        options, run = self.options, self.config
        how = {"batch_size": options.batch_size, "seed": options.seed}
        self.search = find_rate(run.model, run.data, run.loss, run.optimizer, **how)
        self.report.say(f"--rate find: {self.search!r}")
        options.rate = self.search.suggestion
        if isnan(options.rate):
            why = "since the loss did not fall at any"
            raise Refused(f"--rate find found none, {why}: give --rate a number")

    def _trained(self, what: str, trainer: Trainer, *callbacks: Callback) -> History:
        """The history of a run, whose warnings go to stderr; one that diverges says so in it."""
        trainer.callbacks += [*callbacks, Progress(what, self.options.quiet)]
        trainer.watched = False  # by these, which change nothing
        with warnings.catch_warnings(record=True, action="always") as caught:
            with notice("recording the network", self.options.quiet):
                trainer.prepare()
            history = trainer.fit()
        if history.diverged:
            if trainer.best is not None:
                assign(trainer.parameters, trainer.best)
            return history  # overflows on the way are no news
        found = list(dict.fromkeys(" ".join(str(w.message).split()) for w in caught))
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            print(shown(f"warning: {found[0][:300]}{more}"), file=sys.stderr)
        return history

    def _predictor(self, model: Any, parts: Parts) -> Predictor:
        names = (self.rows.data.feature_names, self.rows.data.class_names)
        settings: dict[str, Any] = {"target": self.rows.target, "outputs": self.choices.outputs}
        threshold = self.options.threshold
        settings["threshold"] = 0.5 if threshold == "find" else threshold
        settings["columns"] = parts.training.columns
        settings |= {"target_mean": parts.target_mean, "target_deviation": parts.target_deviation}
        return Predictor(model, parts.scaling, *names, **settings)

    def _rule(self, predictor: Predictor) -> Rule:
        return Rule(predictor, bool(self.options.class_weights) or predictor.threshold != 0.5)

    def _find_threshold(self) -> None:
        part, what = self.parts.validation, "validation"
        if not part:
            part, what = self.parts.training, "training"
        outputs = batch_outputs(self.predictor, part.features)
        self.options.threshold = found = best_threshold(outputs, part.targets)
        self.predictor.threshold = found
        why = f"where the {len(part)} {what} rows have the largest balanced accuracy"
        self.report.say(f"\n--threshold find: {found:.3g}, {why}")
