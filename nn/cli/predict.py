"""``python -m nn predict model data.csv``: predictions for new rows, and metrics of them."""

import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

from nn.cli.evaluation import Rule, evaluated
from nn.cli.figures import csv_text
from nn.cli.options import Parser, Refused, separator
from nn.cli.report import QUOTED, listed, shown
from nn.cli.run_dir import RunDir
from nn.data.csv_reader import Table, closest, number, read_table
from nn.io.json_file import write_text
from nn.io.predictor import Predictor, load_predictor
from nn.training.evaluation import batch_outputs

DESCRIPTION = """\
Predict with a model that python -m nn train wrote: a line for each row of data.csv, in their order.

The columns are found by name: they may stand in any order, and those that the model does not know
are left out. The predictions are a CSV file on stdout: the class and the probability of each class,
or the number in the target's own units. Where data.csv has the target too, the predictions are
evaluated, and the metrics go to stderr."""

EXAMPLES = """\
examples:
  python -m nn predict run/ new.csv --keep --out predictions.csv
      with the model in the folder run/; the columns of new.csv too, into a file
  cat new.csv | python -m nn predict run/model.json /dev/stdin --quiet > predictions.csv
      rows from a pipe; without notes and metrics

what the numbers mean:
  probability   what the model makes of the row, from 0 to 1, with 1 over all classes. A model that
                overfits is too sure of itself: compare with the accuracy on held-out rows.
  margin        of a model trained with hinge: above 0 the second class, below 0 the first

exit status: 0, or 2 if something given cannot be used
"""


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status; what cannot be used raises an error."""
    parser = Parser("predict", DESCRIPTION, EXAMPLES)
    add = parser.add_argument
    add("model", help="the folder of a run, or the model.json in it")
    add("csv", metavar="data.csv", help="the new rows, with the columns that the model knows")
    add("--out", metavar="FILE", help="write the predictions there (stdout)")
    add("--overwrite", action="store_true", help="replace the file if there is one")
    add("--keep", action="store_true", help="repeat the columns of data.csv before them")
    add("--delimiter", metavar="MARK", type=separator, help="what separates cells (if not found)")
    add("--quiet", action="store_true", help="no notes and no metrics")
    options = parser.parse_args(words)
    if options.out and os.path.exists(options.out) and not options.overwrite:
        raise Refused(f"--out {options.out} is there already: choose another, or --overwrite it")
    predictor = load_predictor(_file(options.model))
    table = _table(options.csv, predictor, options.delimiter)
    outputs = _outputs(predictor, table, options.model)
    rows = [_heading(predictor), *(_cells(predictor, output) for output in outputs)]
    if options.keep:
        kept = [table.columns, *table.rows]
        rows = [[*cells, *more] for cells, more in zip(kept, rows, strict=True)]
    text = csv_text(rows)
    if options.out:
        write_text(options.out, text)
    else:
        # flushed before the notes, where both go to one terminal
        print(shown(text) if sys.stdout and sys.stdout.isatty() else text, end="", flush=True)
    if not options.quiet:
        for note in _notes(table, predictor, outputs):
            print(shown(note), file=sys.stderr)
    return 0


def _file(path: str) -> Path:
    """The model's file; of a run's folder, the one that it holds."""
    file = RunDir(path).place / RunDir.MODEL  # which completes a run that was killed
    if not os.path.isdir(path):
        return Path(path)
    if not file.exists():
        raise Refused(f"{path} holds no {file.name}: name the folder of a run that has ended")
    return Path(path, file.name)


def _table(path: str, predictor: Predictor, delimiter: str | None) -> Table:
    """The rows, under a header if the first row holds a name that the model knows."""
    names = predictor.feature_names
    known = {*names, predictor.target}
    table = read_table(path, None, False, delimiter)
    first, *rows = table.rows
    line = f"line {table.lines[0]}"
    if known.isdisjoint(first):
        if known <= {f"column {i}" for i in range(1, len(known) + len(first) + 1)}:
            return table  # it learned from a file without a header
        if all(number(cell) is not None for cell in first):
            need = f"the names of the columns, such as {listed(names)}"
            raise Refused(f"{path} {line}: needs {need}, got only numbers; write them above")
    if not rows:
        raise Refused(f"{path}: needs rows of data, got only a header on {line}; add rows to it")
    if twice := [name for name in known if first.count(name) > 1]:
        came = f'"{twice[0]}" {first.count(twice[0])} times'
        raise Refused(f"{path}: needs one column of each name, got {came}; rename one")
    if missing := [name for name in names if name not in first]:
        meant = closest(missing[0], [name for name in first if name not in names])
        lacks = f"lacks {listed(missing, form=QUOTED)}, which the model learned from"
        raise Refused(f"{path} {lacks}: {meant}its columns are {listed(first, 10, QUOTED)}")
    return replace(table, columns=first, header=True, rows=rows, lines=table.lines[1:])


def _outputs(predictor: Predictor, table: Table, model: str) -> list[Any]:
    """The model's outputs; one that is not finite is refused before any is written."""
    features = table.features([table.columns.index(name) for name in predictor.feature_names])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what comes of an overflow is seen in the outputs
        outputs = batch_outputs(predictor, features)
    for line, output in zip(table.lines, outputs, strict=True):
        if not all(map(isfinite, output if isinstance(output, list) else [output])):
            came = f"{output} for line {line} of {table.path}"
            do = "correct the row if it is far from the others, or train the model again"
            raise Refused(f"{model}: needs a model whose predictions are finite, got {came}; {do}")
    return outputs


def _heading(predictor: Predictor) -> list[str]:
    shares = [f"probability of {name}" for name in predictor.class_names]
    more = {"logits": shares, "margin": ["margin"]}.get(predictor.outputs, [])
    return [f"predicted {predictor.target}", *more]


def _cells(predictor: Predictor, output: Any) -> list[str]:
    answer = predictor.answer(output)
    cells = [answer if isinstance(answer, str) else f"{answer:.12g}"]
    if predictor.outputs == "logits":
        cells += [f"{share:.6g}" for share in predictor.shares(output)]
    return [*cells, f"{output:.6g}"] if predictor.outputs == "margin" else cells


def _notes(table: Table, predictor: Predictor, outputs: list[Any]) -> list[str]:
    """The columns left out, and the metrics if the target is there."""
    notes, target, names = [], predictor.target, predictor.class_names
    known = {*predictor.feature_names, target}
    if extra := [name for name in table.columns if name not in known]:
        them = "them" if len(extra) > 1 else "it"
        notes.append(f"note: {listed(extra)} left out, since the model did not learn from {them}")
    if target not in table.columns:
        return notes
    place = table.columns.index(target)
    truths = [_truth(row[place], names) for row in table.rows]
    kept = [(output, x) for output, x in zip(outputs, truths, strict=True) if x is not None]
    if left := len(truths) - len(kept):
        none = f"no {target} that is {'a class it knows' if names else 'a number'}"
        notes.append(f"note: {left} of {len(truths)} rows have {none}: the metrics leave them out")
    if kept:
        found, targets = zip(*kept, strict=True)
        notes.append(evaluated(found, targets, Rule(predictor)).text)
    return notes


def _truth(cell: str, names: list[str]) -> float | None:
    """The target in a cell, as a class's index or a number; None if it is neither."""
    x = number(cell)
    if not names:
        return x if x is not None and isfinite(x) else None
    # classes that are numbers are named as the reader names them
    spelt = (cell, cell if x is None else repr(x + 0.0).removesuffix(".0"))
    return next((float(names.index(name)) for name in spelt if name in names), None)
