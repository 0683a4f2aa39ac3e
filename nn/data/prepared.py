"""From a table's cells to numbers: the rows that can be used, and what the columns became."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nn.checks import counted
from nn.data.cells import ORDERS
from nn.data.columns import Columns, Encoded, Holes
from nn.data.doubts import doubts
from nn.data.table import DataError, NoRows, Table, quoted
from nn.data.targets import target_like, targets_of, with_target


@dataclass(frozen=True)
class Prepared:
    """Rows of features and targets, how they came about, and the same rows as cells."""

    features: list[list[float]]
    targets: list[float] | list[int]
    class_names: list[str]
    columns: Columns
    holes: list[Holes]
    notes: list[str]
    table: Table
    doubts: Sequence[str] = ()

    @property
    def fields(self) -> dict[str, Any]:
        """What a Dataset of them is made of."""
        names = ("features", "targets", "class_names", "columns")
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        found["holes"] = self.holes if any(self.holes) else []
        found["notes"] = [*self.notes, *self.doubts]
        return found | {"feature_names": self.columns.feature_names}


def prepared(
    table: Table,
    target: int,
    classification: bool | None = None,
    ignored: Collection[int] = (),
    keep: Sequence[str] = (),
    missing: str = "fill",
    skip_bad: bool = False,
    dates: str | None = None,
) -> Prepared:
    """The rows of a table that can be used, and what was learned of its columns."""
    if missing not in ("fill", "drop"):
        raise DataError.of("missing", "'fill' or 'drop'", repr(missing))
    if dates not in (None, *ORDERS):
        raise DataError.of("dates", "'dmy', 'mdy' or 'ymd'", repr(dates))
    if len(table.columns) < 2:
        here = f"{table.path} {table.line} {table.lines[0] - table.header}"
        remedy = "add the missing column or pass the right delimiter"
        raise DataError.at(here, "at least two columns, features and a target", "one", remedy)
    table, note = with_target(table, target)
    notes = [*table.notes, note] if note else [*table.notes]
    places = [i for i in range(len(table.columns)) if i != target and i not in ignored]
    columns = Columns.of(table, places, keep, dates)
    if not columns.used:
        why = "; ".join(columns.described())
        raise DataError.at(table.path, "a column to learn from", f"none: {why or 'no other'}")
    encoded = columns.encode(table)
    table, encoded, said = _usable(table, columns, encoded, missing, skip_bad)
    notes += said
    targets, class_names = targets_of(table, target, classification)
    columns = columns.fitted(encoded.features, encoded.holes)
    features = columns.filled(encoded.features, encoded.holes)
    doubtful = doubts(features, targets, class_names, columns)
    return Prepared(features, targets, class_names, columns, encoded.holes, notes, table, doubtful)


def alike(
    table: Table, target: int, columns: Columns, class_names: list[str], skip_bad: bool = False
) -> Prepared:
    """The rows of another table as those from which the columns and classes were learned."""
    table, note = with_target(table, target)
    labels = [target_like(cell, class_names) for cell in table.cells(target)]
    kept = [i for i, label in enumerate(labels) if label is not None]
    if len(kept) < len(labels):
        what = "class of before" if class_names else "number"
        gone = f"{len(labels) - len(kept)} of {len(labels)} rows"
        note = f"{gone}, whose target is no {what}, left out"
    if not kept:
        need = f"targets that are {quoted(class_names) if class_names else 'numbers'}"
        raise NoRows.at(f"{table.path}, {table.place(target)}", need, "none")
    table = table.take(kept)
    encoded = columns.encode(table)
    table, encoded, said = _usable(table, columns, encoded, "fill", skip_bad)
    found = (target_like(cell, class_names) for cell in table.cells(target))
    targets = [x for x in found if x is not None]
    features = columns.filled(encoded.features, encoded.holes)
    notes = [*table.notes, *([note] if note else []), *said]
    return Prepared(features, targets, class_names, columns, encoded.holes, notes, table)


def _usable(
    table: Table, columns: Columns, encoded: Encoded, missing: str, skip_bad: bool
) -> tuple[Table, Encoded, list[str]]:
    """The rows that can be used, and notes on the others; DataError if one is not to be skipped."""
    bad, notes, count = encoded.bad, list[str](), len(table.rows)
    if bad and not skip_bad:
        row, place = min(bad.items())
        need = columns.need(table.columns[place], table.rows[row][place])
        more = f" and {counted(len(bad) - 1, 'other row')}" if len(bad) > 1 else ""
        remedy = f"correct the cell{more}, or pass skip_bad=True to leave such rows out"
        raise table.refusal(row, place, need, remedy)
    if bad:
        row, place = min(bad.items())
        what = f"{quoted([table.rows[row][place]])} in {table.line} {table.lines[row]}"
        notes.append(f"{counted(len(bad), 'row')} that cannot be used left out, as for {what}")
    gone = {i for i, holes in enumerate(encoded.holes) if holes and missing == "drop"} - {*bad}
    if gone:
        notes.append(f"{len(gone)} of {count} rows with a missing cell left out")
    kept = [i for i in range(count) if i not in gone and i not in bad]
    if not kept:
        raise NoRows.at(table.path, "a row that can be used", f"none of {count}")
    if len(kept) == count:
        return table, encoded, notes
    features, holes = [encoded.features[i] for i in kept], [encoded.holes[i] for i in kept]
    return table.take(kept), Encoded(features, holes, {}), notes
