"""What a run says of its rows before it trains."""

import argparse
from collections import Counter

from nn.checks import counted, listed
from nn.cli.data import Rows
from nn.cli.options import in_options
from nn.cli.parts import Parts
from nn.cli.report import Report
from nn.data.dataset import Dataset
from nn.doctor.data_stats import rows_of


def introduce(report: Report, options: argparse.Namespace, rows: Rows, parts: Parts) -> None:
    """Say what the file holds, what was done with it, how it is split, and what is odd in it."""
    data, counts = rows.data, Counter(rows.data.targets)
    features = counted(len(data.feature_names), "feature")
    classes = [f"{name} ({counted(counts[k], 'row')})" for k, name in enumerate(data.class_names)]
    into = f" into {listed(classes, 8)}" if classes else ""
    learned, more = counted(len(parts.training), "training row"), ""
    for part, name in ((parts.validation, "validation"), (parts.test, "held-out test")):
        more += f", {counted(len(part), f'{name} row')}" if part else ""
    of = f" of {counted(len(data.columns.used), 'column')}" if data.columns else ""
    of = "" if data.columns and len(data.columns.used) == len(data.feature_names) else of
    what = f"{counted(len(data), 'row')}, {features}{of}; the target is {rows.target}"
    report.say(f"{options.csv}: {what}\n{rows.guess}{into}")
    said = [note for note in data.notes if note not in rows.doubts]
    said += data.columns.described() if data.columns else []
    if parts.test and options.test_file:
        said += [f"{options.test_file}: {note}" for note in parts.test.notes]
    for sentence in said:
        report.say(in_options(sentence))
    report.say(f"{learned}{more}{_how_split(options)}")
    report.say(f"scaled to mean 0 and standard deviation 1 over the {learned}")
    for sentence in filter(None, [*rows.doubts, _unlearned(data, parts.training)]):
        report.note(in_options(sentence))
    if (file := options.test_file) and (held := parts.test):
        known = {*rows_of(parts.training), *rows_of(parts.validation)}
        if repeated := sum(row in known for row in rows_of(held)):
            among = f"{repeated} of {counted(len(held), 'row')} of {file}"
            so = "the score on them says nothing of new rows"
            report.note(f"{among} are in {options.csv} too: {so}")


def _how_split(options: argparse.Namespace) -> str:
    """How the rows were split, if not at random."""
    how = [f"the latter from {options.test_file}"] if options.test_file else []
    if options.group is not None:
        how.append(f"no {options.group} is in two parts")
    if options.time is not None:
        how.append(f"the latest by {options.time} are held out")
    return "; ".join(["", *how])


def _unlearned(data: Dataset, training: Dataset) -> str:
    """A sentence on classes of which there is no training row; "" if there are none."""
    known = set(training.targets)
    missing = [name for k, name in enumerate(data.class_names) if k not in known]
    gone = f"no row of {listed(missing)} is among the training rows"
    return f"{gone}, so that it cannot be learned: add rows of it" if missing else ""
