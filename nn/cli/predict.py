"""``python -m nn predict model data.csv``: answers for new rows, and their metrics where the truth
is there too.
"""

import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

from nn.cli.data import in_options
from nn.cli.examination import Examination
from nn.cli.parser import Parser, Refused, mark
from nn.cli.run_dir import Folder
from nn.cli.sheet import sheet
from nn.data.csv_reader import DataError, Table, closest, number, read_table
from nn.io.models import write_text
from nn.io.predictor import Predictor, load_predictor
from nn.training.evaluation import batch_outputs

__all__ = ["main"]

DESCRIPTION = """\
Predict with a model that python -m nn train wrote: a line for each row of data.csv, in their order.

The columns are found by name: they may stand in any order, and those that the model does not know are left out. The
answer is a CSV file on stdout: the class and the probability of each class, or the number in the target's own units.
Where data.csv has the target too, the model is examined on it, and the metrics go to stderr."""

EXAMPLES = """\
examples:
  python -m nn predict run/ new.csv
      run/ is the folder of a run, or its model.json
  python -m nn predict run/ new.csv --keep --out answers.csv
      the columns of new.csv too, into a file
  cat new.csv | python -m nn predict run/ /dev/stdin --quiet > answers.csv
      rows from a pipe; without notes and metrics

what the numbers mean:
  probability   what the model makes of the row, from 0 to 1, with 1 over all classes. A network that has learned its
                rows by heart is too sure of itself: compare with the accuracy on rows that it never saw.
  margin        of a model trained with hinge: above 0 the second class, below 0 the first; the further, the surer

exit status: 0, or 2 if something given cannot be used
"""


def main(words: Sequence[str]) -> int:
    """Run the command and give its exit status; what cannot be used raises an error."""
    parser = Parser("predict", DESCRIPTION, EXAMPLES)
    parser.add_argument("model", help="the folder of a run, or the model.json in it")
    parser.add_argument(
        "csv", metavar="data.csv", help="the new rows, with the columns that the model learned from"
    )
    parser.add_argument("--out", metavar="FILE", help="write the answers there (stdout)")
    parser.add_argument("--overwrite", action="store_true", help="replace the file if there is one")
    parser.add_argument(
        "--keep", action="store_true", help="repeat the columns of data.csv before the answers"
    )
    parser.add_argument(
        "--delimiter", metavar="MARK", type=mark, help="what stands between cells (if not found)"
    )
    parser.add_argument("--quiet", action="store_true", help="no notes and no metrics")
    options = parser.parse_args(words)
    if options.out and os.path.exists(options.out) and not options.overwrite:
        raise Refused(
            f"--out {options.out} is there already: choose another file, or --overwrite it"
        )
    predictor = load_predictor(_file(options.model))
    try:
        table = _table(options.csv, predictor, options.delimiter)
        features = _features(table, predictor)
    except DataError as error:
        raise Refused(in_options(str(error))) from None
    outputs = _outputs(predictor, features, table, options.model)
    rows = [_heading(table, predictor, options.keep)]
    for cells, output in zip(table.rows, outputs, strict=True):
        rows.append([*(cells if options.keep else []), *_answers(predictor, output)])
    text = sheet(rows)
    if options.out:
        write_text(options.out, text)
    else:
        sys.stdout.write(text)
        sys.stdout.flush()  # before the notes, where both go to one terminal
    if not options.quiet:
        _notes(table, predictor, outputs)
    return 0


def _file(path: str) -> Path:
    """The model's file; of a run's folder, the one that it holds."""
    if not os.path.isdir(path):
        return Path(path)
    file = Path(path, Folder.MODEL)
    if not file.exists():
        raise Refused(
            f"{path} holds no {Folder.MODEL}: name the folder of a run that has ended, or a model's file"
        )
    return file


def _table(path: str, predictor: Predictor, delimiter: str | None) -> Table:
    """The rows, under a header if the first row holds a name that the model knows."""
    known = {*predictor.feature_names, predictor.target}
    table = read_table(path, None, False, delimiter)
    first, *rows = table.rows
    if not known & {*first} and known <= {
        f"column {i}" for i in range(1, len(known) + len(first) + 1)
    }:
        return table  # it learned from a file without a header
    if not known & {*first} and all(number(cell) is not None for cell in first):
        names = ", ".join(predictor.feature_names[:5]) + ", ..." * (
            len(predictor.feature_names) > 5
        )
        raise Refused(
            f"{path} line {table.lines[0]}: needs the names of the columns, since the model learned from {names}, got "
            "only numbers; write them above"
        )
    if not rows:
        raise Refused(
            f"{path}: needs rows of data, got only a header on line {table.lines[0]}; add rows to it"
        )
    for name in known:
        if first.count(name) > 1:
            raise Refused(
                f'{path}: needs one column of each name, got "{name}" {first.count(name)} times; rename one'
            )
    return replace(table, columns=first, header=True, rows=rows, lines=table.lines[1:])


def _features(table: Table, predictor: Predictor) -> list[list[float]]:
    """The features in the order of the model."""
    missing = [name for name in predictor.feature_names if name not in table.columns]
    if missing:
        names = ", ".join(f'"{name}"' for name in missing[:5]) + ", ..." * (len(missing) > 5)
        came = ", ".join(f'"{name}"' for name in table.columns[:10]) + ", ..." * (
            len(table.columns) > 10
        )
        like = closest(
            missing[0], [name for name in table.columns if name not in predictor.feature_names]
        )
        raise Refused(
            f"{table.path} lacks {names}, which the model learned from: {like}its columns are {came}"
        )
    places = [table.columns.index(name) for name in predictor.feature_names]
    return [[table.number(row, place) for place in places] for row in range(len(table.rows))]


def _outputs(
    predictor: Predictor, features: list[list[float]], table: Table, model: str
) -> list[Any]:
    """The model's answers; one that is not finite is refused before any is written."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what comes of an overflow is seen in the answers
        outputs = batch_outputs(predictor, features)
    for line, output in zip(table.lines, outputs, strict=True):
        if not all(map(isfinite, output if isinstance(output, list) else [output])):
            raise Refused(
                f"{model}: needs a model whose answers are finite, got {output} for line {line} of {table.path}; "
                "correct the row if it is far from the others, or train the model again"
            )
    return outputs


def _heading(table: Table, predictor: Predictor, keep: bool) -> list[str]:
    names = [*table.columns] if keep else []
    names.append(f"predicted {predictor.target}")
    if predictor.outputs == "logits":
        names += [f"probability of {name}" for name in predictor.class_names]
    return [*names, "margin"] if predictor.outputs == "margin" else names


def _answers(predictor: Predictor, output: Any) -> list[str]:
    answer = predictor.answer(output)
    cells = [answer if isinstance(answer, str) else f"{answer:.12g}"]
    if predictor.outputs == "logits":
        cells += [f"{share:.6g}" for share in predictor.shares(output)]
    return [*cells, f"{output:.6g}"] if predictor.outputs == "margin" else cells


def _notes(table: Table, predictor: Predictor, outputs: list[Any]) -> None:
    """On stderr: the columns left out, and the metrics if the target is there."""
    known = {*predictor.feature_names, predictor.target}
    extra = [name for name in table.columns if name not in known]
    if extra:
        names = ", ".join(extra[:5]) + ", ..." * (len(extra) > 5)
        it = "them" if len(extra) > 1 else "it"
        print(f"note: {names} left out, since the model did not learn from {it}", file=sys.stderr)
    if predictor.target not in table.columns:
        return
    place = table.columns.index(predictor.target)
    truths = [_truth(row[place], predictor) for row in table.rows]
    pairs = [
        (output, truth) for output, truth in zip(outputs, truths, strict=True) if truth is not None
    ]
    if left := len(truths) - len(pairs):
        what = f"{predictor.target} that is {'a class it knows' if predictor.class_names else 'a number'}"
        print(
            f"note: {left} of {len(truths)} rows have no {what}: the metrics leave them out",
            file=sys.stderr,
        )
    if pairs:
        answers, targets = zip(*pairs, strict=True)
        print(
            Examination(answers, targets, predictor.class_names, predictor.target), file=sys.stderr
        )


def _truth(cell: str, predictor: Predictor) -> float | None:
    """The target in a cell, as a class's index or a number; None if it is neither."""
    x = number(cell)
    if not predictor.class_names:
        return x if x is not None and abs(x) < float("inf") else None
    plain = (
        cell if x is None else repr(x + 0.0).removesuffix(".0")
    )  # as the names of classes that are numbers
    names = predictor.class_names
    return (
        float(names.index(cell) if cell in names else names.index(plain))
        if {cell, plain} & {*names}
        else None
    )
