"""New rows as a model takes them: their columns by name, what is missing filled, and notes."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field

from nn.checks import counted
from nn.cli.data import table_of
from nn.cli.options import Refused
from nn.cli.report import QUOTED, amount, listed
from nn.data.cells import number
from nn.data.columns import Columns
from nn.data.table import Table, closest, quoted
from nn.io.predictor import Predictor


@dataclass(frozen=True)
class NewRows:
    """The rows of a file, their features, which of them cannot be used, and what is odd in them."""

    table: Table
    features: list[list[float]]
    unusable: set[int]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, options: argparse.Namespace, predictor: Predictor) -> "NewRows":
        """Read the file; rows that cannot be used stay, unless they are to be skipped."""
        columns = predictor.learned
        table = table_like(options.csv, options, columns, predictor.target)
        encoded, count = columns.encode(table), len(table.rows)
        bad = list[str]()
        if encoded.bad:
            row, place = min(encoded.bad.items())
            name, cell = table.columns[place], table.rows[row][place]
            if len(encoded.bad) == count:
                raise table.refusal(row, place, columns.need(name, cell))
            it = "it" if len(encoded.bad) == 1 else "them"
            done = f"no prediction for {it} (--skip-bad leaves {it} out)"
            done = "left out" if options.skip_bad else done
            where = f"{name} in {table.line} {table.lines[row]} is {quoted([cell])}"
            bad = [f"{len(encoded.bad)} of {counted(count, 'row')} cannot be used: {where}; {done}"]
        if bad and options.skip_bad:
            table = table.take(i for i in range(count) if i not in encoded.bad)
            encoded = columns.encode(table)
        features = columns.filled(encoded.features, encoded.holes)
        notes = [*table.notes, *_unknown(table, predictor, columns), *bad]
        notes += [*_strange(table, columns), *_filled(columns, encoded.holes)]
        return cls(table, features, {*encoded.bad}, notes)


def table_like(path: str, options: argparse.Namespace, columns: Columns, target: str) -> Table:
    """The rows of a file, under a header if the first row holds a name that the model knows."""
    names = [column.name for column in columns.used]
    known = {*names, target}
    bare = known <= {f"column {i}" for i in range(1, 10_000)}  # it learned without a header
    marks = {c.name: (c.decimal, c.unit) for c in columns.used if c.kind == "number"}
    table = table_of(path, options, False if bare else None, known, marks)
    if not table.header and not bare and all(number(x) is not None for x in table.rows[0]):
        need = f"the names of the columns, such as {listed(names)}"
        here = f"{path} {table.line} {table.lines[0]}"
        raise Refused(f"{here}: needs {need}, got only numbers; write them above")
    if missing := [name for name in names if name not in table.columns]:
        meant = closest(missing[0], [name for name in table.columns if name not in names])
        lacks = f"lacks {listed(missing, form=QUOTED)}, which the model learned from"
        its = f"its columns are {listed(table.columns, 10, QUOTED)}"
        raise Refused(f"{path} {lacks}: {meant}{its}")
    return table


def _unknown(table: Table, predictor: Predictor, columns: Columns) -> Iterator[str]:
    known = {*(column.name for column in columns.found), predictor.target}
    if extra := [name for name in table.columns if name not in known]:
        them = "them" if len(extra) > 1 else "it"
        yield f"{listed(extra)} left out, since the model did not learn from {them}"


def _strange(table: Table, columns: Columns) -> Iterator[str]:
    """What the cells hold that is not like what was learned, column by column."""
    for column in columns.used:
        cells = table.cells(column.name)
        odd = {cell for cell in {*cells} if column.strange(cell)}
        if not odd:
            continue
        rows = [i for i, cell in enumerate(cells) if cell in odd]
        first = f"{quoted([cells[rows[0]]])} in {table.line} {table.lines[rows[0]]}"
        first += f" and {counted(len(rows) - 1, 'more row')}" if len(rows) > 1 else ""
        if column.kind == "category":
            yield f"{column.name}: {first} was not learned, and has no feature: all of them are 0"
        else:
            learned = f"{amount(column.low or 0.0)} to {amount(column.high or 0.0)}"
            yield f"{column.name}: {first} lies far outside of what was learned, {learned}"


def _filled(columns: Columns, holes: list[tuple[int, ...]]) -> Iterator[str]:
    of = [column.name for column in columns.used]
    counts = {name: sum(k in gone for gone in holes) for k, name in enumerate(of)}
    if any(counts.values()):
        them = listed([f"{count} of {name}" for name, count in counts.items() if count])
        yield f"missing cells: {them}, filled with what was learned"
