"""Columns of text, dates, truths and holes as features: what is learned, filled, noted, kept."""

import json
import math
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, DataError, Dataset, Predictor, Standardizer, load_csv
from nn.data.cells import moment, text_of
from nn.data.column import Column, numbers_rows
from nn.data.columns import Columns
from nn.data.csv_reader import Reading, read_table
from nn.data.new_rows import NewRows, table_of
from nn.data.prepared import alike
from nn.data.splits import times_of
from tests.cases import each

POND = """\
id,kind,depth,colour,wet,seen,note,same,none
7,frog,1,green,yes,2021-03-04,a b,x,
9,newt,2,red,no,2021-04-05,c d,x,
10,frog,,green,yes,2022-03-06,e f,x,NA
13,newt,4,red,no,2022-04-07,g h,x,
14,frog,6,,yes,2021-05-08,i j,x,?
15,,6,red,,2021-05-08,k l,x,
18,newt,7,blue,no,2021-05-09,m n,x,
19,frog,7,blue,no,2021-05-09,o p,x,
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(content: str) -> Path:
        path = tmp_path / "pond.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.fixture
def pond(written: Callable[[str], Path]) -> Dataset:
    return load_csv(written(POND), target="kind")


def test_each_column_becomes_the_features_of_its_kind(pond: Dataset) -> None:
    assert pond.feature_names == [
        *("depth", "depth missing", "colour=blue", "colour=green", "colour=red", "colour missing"),
        *("wet", "seen year", "seen month", "seen weekday"),
    ]
    assert pond.features[0] == [1, 0, 0, 1, 0, 0, 1, 2021, 3, 4]
    assert pond.features[1] == [2, 0, 0, 0, 1, 0, 0, 2021, 4, 1]
    assert pond.columns is not None
    assert pond.columns.spans["colour"] == range(2, 6)


def test_rows_without_a_target_are_left_out_and_counted(pond: Dataset) -> None:
    assert len(pond) == 7
    assert pond.notes == ["1 of 8 rows without a kind left out"]
    assert repr(pond) == "Dataset(7 rows x 10 features, 2 classes: frog, newt; see .notes)"


def test_what_was_done_is_said_in_a_few_lines(pond: Dataset) -> None:
    assert repr(pond.columns).splitlines() == [
        "columns: 1 of numbers; wet (0 and 1); colour (3), with a feature for each value; "
        "seen (year, month, weekday)",
        "missing cells: 1 of depth, 1 of colour, filled with the mean or the commonest of the "
        "training rows; where depth, colour is missing is a feature of its own",
        "left out: id (numbers of rows); note (text, 7 different values); "
        "same (the same in all rows); none (empty)",
    ]


def test_missing_cells_are_filled_with_the_mean_or_the_commonest(pond: Dataset) -> None:
    assert pond.features[2][:2] == [pytest.approx((1 + 2 + 4 + 6 + 7 + 7) / 6), 1]
    assert pond.features[4][2:6] == [1, 0, 0, 1]  # of three commonest the first
    assert [holes for holes in pond.holes if holes] == [(0,), (1,)]


def test_fills_are_learned_from_the_rows_to_learn_from_alone(written: Callable[..., Path]) -> None:
    rows = "".join(
        f"{'' if i % 5 == 0 else i},{'?' if i % 7 == 0 else 'ab'[i % 2]},{i % 3}\n"
        for i in range(60)
    )
    data = load_csv(written("x,c,k\n" + rows), classification=True)
    for rest, part in [data.split(0.4, seed=1), *data.folds(3)]:
        known = [row[0] for row in rest.features if not row[1]]
        mean = math.fsum(known) / len(known)
        for side in (rest, part):
            filled = [row[0] for row in side.features if row[1]]
            assert filled and filled == pytest.approx([mean] * len(filled))
        counts = [sum(row[i] for row in rest.features if not row[4]) for i in (2, 3)]
        most = float(counts[0] > counts[1])
        if counts[0] != counts[1]:
            assert {row[2] for row in part.features if row[4]} <= {most}


def test_rows_that_lack_a_cell_can_be_dropped(written: Callable[[str], Path]) -> None:
    data = load_csv(written(POND), target="kind", missing="drop")
    assert len(data) == 5 and not data.holes
    assert data.notes[1] == "2 of 7 rows with a missing cell left out"
    with pytest.raises(DataError, match="missing needs 'fill' or 'drop', got 'guess'"):
        load_csv(written(POND), target="kind", missing="guess")


def test_columns_can_be_ignored_and_kept(written: Callable[[str], Path]) -> None:
    data = load_csv(written(POND), "kind", keep=["id"], ignore=["seen", "colour"])
    assert data.feature_names == ["id", "depth", "depth missing", "wet"]


@each(
    ("cells", "kind"),
    [
        ("yes no YES n/a", "yes/no"),
        ("True False True", "yes/no"),
        ("t f t", "yes/no"),
        ("yes no maybe yes no maybe", "category"),
        ("1 2 3+ 1 2 3+", "category"),
        ("0 1 1 0", "number"),
        ("5 5 5 5", "left out"),
        ("x x x", "left out"),
        ("- NaN null None #N/A ?", "left out"),
        ("Ann Bob Cid Dan Eve Fay", "left out"),
        ("2021-01-02 2020-03-04", "date"),
        ("20210102 20200304", "date"),
        ("3/4/2021 25/4/2021", "date"),
        ("3.4.2021 4.5.21", "date"),
        ("Jan-1-1995 Feb-1-1995", "date"),
        ("4-Mar-2020 5-Mar-2020", "date"),
        ("10:30 11:30 10:30 11:30", "category"),
        ("1-2-3 4-5-6 1-2-3 4-5-6", "category"),
        ("192.168.1.1 10.0.0.1 10.0.0.2", "left out"),
    ],
)
def test_a_kind_is_found_from_the_cells(cells: str, kind: str) -> None:
    assert Column.of("x", cells.split()).kind == kind


def test_a_text_column_of_many_values_has_a_feature_for_the_commonest(
    written: Callable[[str], Path],
) -> None:
    cells = [f"town {i % 70 if i % 3 else 0}" for i in range(700)]
    column = Column.of("town", cells)
    assert (column.kind, len(column.values)) == ("category", 50)
    assert Column.of("town", [f"town {i % 120}" for i in range(240)]).kind == "left out"
    assert len(Column.of("town", [f"town {i % 120}" for i in range(240)], 500).values) == 120


@each(
    ("cell", "order", "found"),
    [
        ("2021-03-04", "ymd", datetime(2021, 3, 4)),
        ("2021/3/4 07:30", "ymd", datetime(2021, 3, 4, 7)),
        ("2016-02-15T23:00:00Z", "ymd", datetime(2016, 2, 15, 23)),
        ("2016-02-15 23:59:59.123+02:00", "ymd", datetime(2016, 2, 15, 23)),
        ("3/4/2021 12:05 AM", "mdy", datetime(2021, 3, 4, 0)),
        ("3/4/99 2:05 pm", "dmy", datetime(1999, 4, 3, 14)),
        ("March 4, 2021", "ymd", datetime(2021, 3, 4)),
        ("4 Mar 2021", "ymd", datetime(2021, 3, 4)),
        ("2021-02-30", "ymd", None),
        ("31.02.22", "dmy", None),
        ("2022-02-01", "dmy", datetime(2022, 2, 1)),
        ("12345678", "ymd", None),
        ("1.5", "ymd", None),
        ("march-pond", "ymd", None),
    ],
)
def test_dates_are_read_as_they_are_written(cell: str, order: str, found: Any) -> None:
    assert moment(cell, order) == found


@each(
    ("cells", "order", "note"),
    [
        ("10.06.22 11.07.23", "dmy", ""),
        ("10.06.2022 31.07.2023", "dmy", ""),
        ("10/06/22 11/07/23", "mdy", "10/06/22 is read as month/day/year (pass dates='dmy'"),
        ("10/06/2022 11/07/2023", "mdy", "10/06/2022 is read as month/day/year (pass dates='dmy'"),
        ("10/06/22 31/07/23", "dmy", ""),
        ("10/06/22 07/31/23", "mdy", ""),
        ("10-06-22 31-07-21", "dmy", "10-06-22 is read as day/month/year (pass dates='ymd'"),
        ("21-06-10 21-07-31 22-01-15", "ymd", "21-06-10 is read as year/month/day"),
        ("99/12/31 98/01/02", "ymd", ""),
        ("2021-04-03 2021-05-04", "ymd", ""),
        ("4-Mar-2020 5-Mar-2020", "ymd", ""),
    ],
)
def test_all_cells_of_a_column_decide_the_order_of_its_dates(
    cells: str, order: str, note: str
) -> None:
    column = Column.of("when", cells.split())
    assert (column.kind, column.order) == ("date", order)
    assert column.note.startswith(note) and bool(column.note) == bool(note)
    assert len({*(times := times_of(cells.split()) or [])}) == len(times) == len(cells.split())


def encoded(columns: Columns, row: dict[str, Any]) -> list[float]:
    return NewRows.of(table_of(row, columns), columns, "").features[0]


def test_a_date_object_goes_where_dates_with_the_day_first_were_learned(
    written: Callable[[str], Path],
) -> None:
    columns = load_csv(written("when,y\n03.04.22,1\n05.06.21,2\n06.07.20,3\n")).columns
    assert columns is not None
    assert encoded(columns, {"when": date(2022, 4, 3)}) == encoded(columns, {"when": "3.4.22"})


def test_an_order_of_dates_can_be_told(written: Callable[[str], Path]) -> None:
    path = written("when,y\n03/04/22,1\n05/06/22,2\n05/07/22,3\n")
    first = "\"when\": 03/04/22 is read as month/day/year (pass dates='dmy' if that is wrong)"
    assert first in repr(load_csv(path).columns)
    told = load_csv(path, dates="dmy")
    assert told.columns is not None and told.columns.used[0].parts == ["month", "weekday"]
    assert "is read as" not in repr(told.columns) and told.features[0] == [4, 7]
    with pytest.raises(DataError, match="dates needs 'dmy', 'mdy' or 'ymd', got 'dym'"):
        load_csv(path, dates="dym")


def test_a_date_that_is_none_among_many_is_refused_with_its_line(
    written: Callable[[str], Path],
) -> None:
    rows = "".join(f"{i:02}.01.22,{i}\n" for i in range(1, 32))
    path = written(f"when,y\n{rows}31.02.22,9\n")
    with pytest.raises(DataError, match='line 33, column "when": needs a date like the others'):
        load_csv(path)
    assert len(load_csv(path, skip_bad=True)) == 31


@given(st.datetimes(datetime(1800, 1, 1), datetime(2199, 1, 1)))
def test_dates_are_read_in_each_order(when: datetime) -> None:
    day = datetime(when.year, when.month, when.day)
    for order, form in (("ymd", "%Y-%m-%d"), ("mdy", "%m/%d/%Y"), ("dmy", "%d.%m.%Y")):
        assert moment(when.strftime(form).zfill(10), order) == day


def test_columns_survive_json_and_take_rows_in_any_order(
    pond: Dataset, written: Callable[[str], Path]
) -> None:
    assert pond.columns is not None
    kept = json.loads(json.dumps(pond.columns.content()))
    assert Columns.of_content(kept) == pond.columns
    lines = [line.split(",") for line in POND.splitlines()]
    turned = read_table(written("\n".join(",".join(reversed(line)) for line in lines)))
    found = alike(turned, turned.index("kind"), Columns.of_content(kept), pond.class_names)
    assert (found.features, found.targets) == (pond.features, pond.targets)


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": "colour"},
        {"values": [1]},
        {"fill": [math.inf, 0, 0]},
        {"fill": [1.0]},
        {"parts": ["century"]},
        {"name": 3},
        {"decimal": "'"},
        {"unit": 1},
        {"shape": 1},
    ],
)
def test_damaged_columns_are_refused(pond: Dataset, damage: dict[str, Any]) -> None:
    assert pond.columns is not None
    content = pond.columns.content()
    content[2] |= damage
    with pytest.raises((TypeError, ValueError)):
        Columns.of_content(content)


def test_new_rows_with_other_values_are_zeros_and_strange(pond: Dataset) -> None:
    columns = pond.columns
    assert columns is not None
    row = {"depth": None, "colour": "pink", "wet": True, "seen": date(2021, 3, 4), "more": 1}
    mean = columns.used[0].fill[0]
    assert encoded(columns, row) == [mean, 1, 0, 0, 0, 0, 1, 2021, 3, 4]
    depth = columns.used[0]
    assert [depth.is_far(x) for x in ("7", "13", 13.1, "-5.1", "NA")] == [
        *(False, False, True, True, False)
    ]
    assert NewRows.of(table_of(row, columns), columns, "kind").notes == [
        "more ignored, since the model was not trained on it",
        'colour: "pink" did not occur in training: all its features are 0',
        "missing cells: 1 of depth, filled by the training rows",
    ]
    with pytest.raises(DataError, match='a row, column "depth": needs a number, got "deep"'):
        encoded(columns, row | {"depth": "deep"})
    with pytest.raises(
        DataError, match='a row lacks "wet", which the model learned from: its columns are "depth"'
    ):
        encoded(columns, {name: x for name, x in row.items() if name != "wet"})


def test_what_is_odd_in_rows_is_noted_whoever_reads_them(written: Callable[[str], Path]) -> None:
    rows = [f"{i * i},{i % 3},{i % 7 / 2},{['yes', 'no', 'Yes'][i % 3]}" for i in range(30)]
    data = load_csv(written("client,x,y,well\n" + "\n".join(rows)))
    assert data.notes == [
        '"Yes" and "yes" are 2 classes: write them alike if they are one',
        '"client" looks like a row number: ignore=["client"] leaves it out',
        '"x" gives the target away: ignore=["x"] leaves it out',
    ]
    codes = load_csv(
        written("x,code\n" + "\n".join(f"{i},{['07', '7', '08', '10'][i % 4]}" for i in range(40)))
    )
    assert codes.class_names == ["07", "7", "08", "10"] and codes.targets[:4] == [0, 1, 2, 3]
    assert '"07" and "7" are 2 classes: write them alike if they are one' in codes.notes
    cafes = ["café", "cafe\u0301", "caf\u200bé", "cafe"] * 9
    told = load_csv(written("x,place\n" + "\n".join(f"{x},{y}" for x, y in enumerate(cafes)))).notes
    assert any("are 3 classes: write them alike" in note for note in told)
    rows = [f"{i % 7 / 2},name {i}" for i in range(30)]
    with pytest.raises(
        DataError, match="needs classes with two rows each, on average, got 30 diff"
    ):
        load_csv(written("x,name\n" + "\n".join(rows)))


@pytest.mark.parametrize(
    ("numbers", "note"),
    [
        (
            ["-999", "31.5", "-999"],
            '"x" is -999 in 20 rows, far from all others: empty those cells',
        ),
        (["31", "99", "64"], ""),
        (
            ["01234", "80331", "10115"],
            '"x": 01234 is read as 1234 (ignore the column if it is a code)',
        ),
        (["2E1", "1E3", "7"], '"x": 2E1 is read as 20 (ignore the column if it is a code)'),
        (
            ["1152921504606846977", "1152921504606846978", "-5"],
            '"x": 1152921504606846977 is read as 1.152921504606847e+18 (ignore the column',
        ),
        (
            ["1600000000000000000", "1600000000000004096", "1600000000000008192"],
            '"x" is between 1.6e+18 and 1.6000000000000082e+18, too near to each other',
        ),
        (
            ["987", "1.234", "12.500"],
            '"x": numbers such as 1.234 are read as 1.234 (pass decimal=\',',
        ),
        (["987", "1.234", "12.5"], ""),
        (["549", "1'234", "2'345"], '"x": numbers such as 1\'234 are read as 1234'),
        (["13.405", "52.520", "1.250"], ""),
    ],
)
def test_numbers_that_may_be_meant_otherwise_are_noted(
    numbers: list[str], note: str, written: Callable[[str], Path]
) -> None:
    rows = [f"{numbers[i % 3]},{i * 7 % 10 / 2}" for i in range(30)]
    data = load_csv(written("x,y\n" + "\n".join(rows)))
    assert data.columns is not None
    said = "\n".join([*data.notes, *data.columns.described()])
    assert note in said if note else not said
    if "999" in note:
        target = load_csv(written("x,y\n" + "\n".join(rows)), target="x").notes
        assert target[0].startswith("the target is -999 in 20 rows, far from all others: ")


def test_what_new_rows_are_written_in_is_noted_where_it_was_not_learned(
    written: Callable[[str], Path],
) -> None:
    rows = [f"{i}%,{2018 + i % 4}-03-0{1 + i % 9},{i % 7 / 2}" for i in range(20)]
    columns = load_csv(written("share,when,y\n" + "\n".join(rows))).columns
    assert columns is not None
    path = written("share,when\n0.5,2035-01-01\n0.7,2021-01-01\n")
    table = read_table(path, Reading(learned={"share": (".", "%")}))
    assert NewRows.of(table, columns, "y").notes == [
        '"share": without a unit, but learned in %',
        'when: "2035-01-01" in line 2 is far outside the training range, 2018 to 2021',
    ]


def test_the_names_of_features_differ_and_the_header_is_no_row(
    written: Callable[[str], Path],
) -> None:
    text = "c,c=a,k\n" + "a,1.5,u\nb,2.5,v\n" * 5
    data = load_csv(written(text * 2))
    assert data.feature_names == ["c=a", "c=b", "c=a (2)"]
    assert data.notes == ["1 more row of the names of the columns left out"] and len(data) == 20


@each(
    ("name", "numbers", "left_out"),
    [
        ("Lfd. Nr.", [3, 70, 12, 55, 41, 6], True),
        ("place", [*range(1, 13), *range(14, 31)], True),  # one row is gone
        ("place", [*range(3, 103)], True),
        ("size", [1, 3, 5, 9, 11, 15, 19], False),
        ("year", [*range(1990, 2005), *range(2006, 2020)], False),
        ("Hausnr", [3, 70, 12, 55, 41, 6], False),
    ],
)
def test_numbers_of_rows_are_left_out_though_some_rows_are_gone(
    name: str, numbers: list[int], left_out: bool
) -> None:
    assert numbers_rows(name, [str(x) for x in numbers]) == left_out


def test_new_rows_are_read_in_the_notation_that_was_learned(written: Callable[[str], Path]) -> None:
    data = load_csv(written("area;rent;y\n1.230,0;1.000 €;1\n890,7;2.000 €;2\n1.100,4;900 €;3\n"))
    assert data.columns is not None
    columns = Columns.of_content(json.loads(json.dumps(data.columns.content())))
    for area, x in (("1.500", 1500), ("1.500,0", 1500), ("1,5", 1.5), ("800.5", 800.5)):
        assert encoded(columns, {"area": area, "rent": "1.500 €"}) == [x, 1500]
    assert encoded(columns, {"area": 1.5, "rent": 1.125}) == [1.5, 1.125]  # no text to read
    assert encoded(columns, {"area": "k.A.", "rent": "1.500"})[0] == columns.used[0].fill[0]
    with pytest.raises(DataError, match=r'"rent": needs a number, got "1.500 \$"'):
        encoded(columns, {"area": "1", "rent": "1.500 $"})
    points = load_csv(written("area,y\n1230.5,1\n890.7,2\n1100.4,3\n")).columns
    assert points is not None and encoded(points, {"area": "1,500"}) == [1500]
    old = Columns.of_content([{"name": "area", "fill": [2.0]}])
    assert encoded(old, {"area": "1.500"}) == [1.5]


FRAMES = ["pandas", "polars"]
CELLS: dict[str, list[Any]] = {
    "depth": [1.5, None, 3.0, 4.0, 5.5],
    "colour": ["red", "green", None, "red", "green"],
    "wet": [True, False, True, True, False],
    "seen": [datetime(2021, 1, d) for d in (1, 2, 3, 4, 5)],
    "kind": ["frog", "newt", "frog", None, "newt"],
}


class Frame:
    """What pandas and polars have in common."""

    def __init__(self, cells: dict[str, list[Any]]) -> None:
        self.columns, self.cells = [*cells], cells
        self.shape = len(next(iter(cells.values()))), len(cells)

    def __getitem__(self, name: str) -> list[Any]:
        return self.cells[name]


def test_text_in_a_frame_is_read_as_that_of_a_file_and_numbers_as_they_are(
    written: Callable[[str], Path],
) -> None:
    texts: dict[str, list[Any]] = {
        "a": ["1,5", "2,5", "", "1.234,0"] * 3,
        "b": ["18 %", "7 %", "k.A.", "9,5 %"] * 3,
    }
    texts |= {"y": [f"{i},25" for i in range(12)]}
    lines = [";".join(row) for row in zip(*texts.values(), strict=True)]
    file = load_csv(written("\n".join([";".join(texts), *lines])), "y")
    frame = load_csv(Frame(texts), "y")
    assert frame == file and frame.notes == file.notes and frame.features[3][0] == 1234
    assert load_csv(Frame({"a": ["1,234", "2,345"], "y": [0.5, 1.5]}), decimal=",").features == [
        [1.234],
        [2.345],
    ]
    with pytest.raises(DataError, match=r"the frame: needs a decimal of '.' or ',', got ';'"):
        load_csv(Frame(texts), "y", decimal=";")
    given: dict[str, list[Any]] = {"a": [1.234, 1.234e-30, "2,5"], "b": [0.125, 3, "1,5 %"]}
    numbers = Frame({"a": given["a"][:2], "y": ["2,5", "3,5"]})
    assert load_csv(numbers, "y").features == [[1.234], [1.234e-30]]
    assert file.columns is not None
    new = NewRows.of(table_of(Frame(given), file.columns), file.columns, "y").features
    assert new == [[1.234, 0, 0.125, 0], [1.234e-30, 0, 3.0, 0], [2.5, 0, 1.5, 0]]


@pytest.mark.full
@pytest.mark.parametrize("library", FRAMES)
def test_frames_go_in_directly(library: str, written: Callable[[str], Path]) -> None:
    frame = pytest.importorskip(library).DataFrame(CELLS)
    text = "\n".join(",".join(map(text_of, row)) for row in zip(*CELLS.values(), strict=True))
    data = load_csv(written(f"{','.join(CELLS)}\n{text}\n"), target="kind")
    assert load_csv(frame, target="kind") == Dataset(frame, "kind") == data
    assert Dataset(frame, "kind").notes == ["1 of 5 rows without a kind left out"]
    with pytest.raises(DataError, match='did you mean "kind"'):
        Dataset(frame, "Kind")
    with pytest.raises(DataError, match="pass the frame with the name of its target, Dataset"):
        Dataset(frame, [0, 1, 0, 1, 1])
    scaling = Standardizer.fit(data)
    assert data.columns is not None
    names = data.feature_names, data.class_names
    model, more = MLP(len(names[0]), [2], seed=0), {"columns": data.columns, "target": "kind"}
    predictor = Predictor(model, scaling, *names, **more)
    rows = [dict(zip(CELLS, row, strict=True)) for row in zip(*CELLS.values(), strict=True)]
    with pytest.warns(UserWarning) as said:
        assert predictor.predict(frame) == [predictor.predict(row) for row in rows]
    filled = "missing cells: 1 of depth, 1 of colour, filled by the training rows"
    assert filled in [str(each.message) for each in said]


@pytest.mark.full
def test_what_pandas_has_for_missing_is_missing() -> None:
    pandas = pytest.importorskip("pandas")
    columns = {
        "c": pandas.Categorical(["a", "b", None, "a", "b", "a"]),
        "i": pandas.array([1, None, 3, 4, 9, 7], dtype="Int64"),
        "b": pandas.array([True, None, False, True, True, False], dtype="boolean"),
        "t": pandas.to_datetime(["2021-01-01", None, *["2022-01-02"] * 4]),
        "y": [1, 2, 1, 2, 1, 2],
    }
    data = Dataset(pandas.DataFrame(columns), "y")
    assert data.columns is not None
    assert {c.name: (c.kind, c.gaps) for c in data.columns.used} == {
        "c": ("category", 1),
        "i": ("number", 1),
        "b": ("yes/no", 1),
        "t": ("date", 1),
    }
    twice = pandas.DataFrame([[1, 2, 0], [3, 4, 1]], columns=["a", "a", "y"])
    with pytest.raises(DataError, match=r'the frame: needs a different name .*, got "a" more'):
        Dataset(twice, "y")
    with pytest.raises(DataError, match="the frame: needs rows of data, got none"):
        Dataset(twice.iloc[:0, 1:], "y")
    assert Dataset(twice.iloc[:, 1:], 1, class_names=[]).columns is not None
