"""``python -m nn predict model data.csv``: predictions for new rows, and metrics of them."""

import os
import sys
import warnings
from collections.abc import Sequence
from math import isfinite
from typing import Any

from nn.cli.data import table_like
from nn.cli.evaluation import Rule, evaluated
from nn.cli.figures import csv_text
from nn.cli.options import READING, Parser, Refused, in_options
from nn.cli.report import shown
from nn.cli.run_dir import RunDir
from nn.data.new_rows import NewRows
from nn.data.targets import target_like
from nn.io.json_file import write_text
from nn.io.predictor import Predictor, load_predictor
from nn.training.evaluation import batch_outputs

DESCRIPTION = """\
Predict with a model that python -m nn train wrote: a line for each row of data.csv, in order.

Columns are matched by name, in any order; unknown ones are ignored. Text, dates and missing cells
are encoded as in training; a note reports values unlike those of training. The predictions are a
CSV file on stdout: the class and the probability of each class, or the number in the target's own
units. If data.csv contains the target, the metrics go to stderr."""

EXAMPLES = """\
examples:
  python -m nn predict run/ new.csv --keep --out predictions.csv
      with the model in the folder run/; the columns of new.csv too, into a file
  cat new.csv | python -m nn predict run/model.json /dev/stdin --quiet > predictions.csv
      rows from a pipe; without notes and metrics

what the numbers mean:
  probability   of each class, by the model, from 0 to 1, with the sum 1. A model that overfits is
                overconfident: compare with the accuracy on held-out rows.
  margin        of a model trained with hinge: above 0 the second class, below 0 the first

exit status: 0, or 2 for invalid arguments or data
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
    add("--skip-bad", action="store_true", help="drop rows that cannot be read")
    for name, metavar, check, _, text in READING:
        kind: Any = {"choices" if isinstance(check, tuple) else "type": check}
        add(f"--{name}", metavar=metavar, help=text, **kind)
    add("--quiet", action="store_true", help="no notes and no metrics")
    options = parser.parse_args(words)
    if options.out and os.path.exists(options.out) and not options.overwrite:
        raise Refused(f"--out {options.out} is there already: choose another, or --overwrite it")
    predictor = load_predictor(RunDir.model_of(options.model))
    table = table_like(options.csv, options, predictor.learned, predictor.target)
    rows = NewRows.of(table, predictor.learned, predictor.target, bool(options.skip_bad))
    outputs = _outputs(predictor, rows, options.model)
    shares = [f"probability of {name}" for name in predictor.class_names]
    more = {"logits": shares, "margin": ["margin"]}.get(predictor.outputs, [])
    cells = [[f"predicted {predictor.target}", *more]]
    none = [""] * len(cells[0])
    cells += [none if i in rows.unusable else _cells(predictor, x) for i, x in enumerate(outputs)]
    if options.keep:
        kept = [rows.table.columns, *rows.table.rows]
        cells = [[*its, *more] for its, more in zip(kept, cells, strict=True)]
    text = csv_text(cells)
    if options.out:
        write_text(options.out, text)
    else:
        # flushed before the notes, where both go to one terminal
        print(shown(text) if sys.stdout and sys.stdout.isatty() else text, end="", flush=True)
    if not options.quiet:
        notes = [f"note: {note}" for note in rows.notes]
        for note in notes + _evaluation(rows, predictor, outputs):
            print(shown(in_options(note)), file=sys.stderr)
    return 0


def _outputs(predictor: Predictor, rows: NewRows, model: str) -> list[Any]:
    """The model's outputs; one that is not finite is refused before any is written."""
    # what comes of an overflow is seen in the outputs
    with warnings.catch_warnings(action="ignore"):
        outputs = batch_outputs(predictor, rows.features)
    for line, output in zip(rows.table.lines, outputs, strict=True):
        if not all(map(isfinite, output if isinstance(output, list) else [output])):
            came = f"{output} for {rows.table.line} {line} of {rows.table.path}"
            do = "correct the row if it is far from the others, or train the model again"
            raise Refused(f"{model}: needs a model whose predictions are finite, got {came}; {do}")
    return outputs


def _cells(predictor: Predictor, output: Any) -> list[str]:
    answer = predictor.answer(output)
    cells = [answer if isinstance(answer, str) else f"{answer:.12g}"]
    if predictor.outputs == "logits":
        cells += [f"{share:.6g}" for share in predictor.shares(output)]
    return [*cells, f"{output:.6g}"] if predictor.outputs == "margin" else cells


def _evaluation(rows: NewRows, predictor: Predictor, outputs: list[Any]) -> list[str]:
    """The metrics, if the target is there, and a note on rows that have none."""
    target, names = predictor.target, predictor.class_names
    if target not in rows.table.columns:
        return []
    pairs = enumerate(zip(outputs, rows.table.cells(target), strict=True))
    truths = [(x, target_like(cell, names)) for i, (x, cell) in pairs if i not in rows.unusable]
    kept = [(output, truth) for output, truth in truths if truth is not None]
    said = list[str]()
    if left := len(truths) - len(kept):
        none = f"no {target} that is {'a class it knows' if names else 'a number'}"
        said.append(f"note: {left} of {len(truths)} rows have {none}: the metrics leave them out")
    if kept:
        found, targets = zip(*kept, strict=True)
        said.append(evaluated(found, targets, Rule(predictor)).text)
    return said
