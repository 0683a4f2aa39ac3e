"""Files of rows as people have them: what is read from each, and what is refused."""

import bz2
import csv
import gzip
import io
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import DataError, Dataset, load_csv
from nn.data.cells import missing
from nn.data.csv_reader import Reading, read_table
from tests.cases import LETTERS

NEWTS = "width,height,kind\n1,2,newt\n3,4,frog\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "rain.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refused(written: Callable[[str | bytes], Path]) -> Callable[..., str]:
    """The sentence that refuses a file, from the file's name on."""

    def read(content: str | bytes, **options: Any) -> str:
        path = written(content)
        with pytest.raises(DataError) as caught:
            load_csv(path, **options)
        sentence = str(caught.value)
        assert sentence.startswith(str(path))
        assert "\n" not in sentence
        return sentence.removeprefix(f"{path.parent}{os.sep}")

    return read


# load_csv: what it reads

cells = st.floats(allow_nan=False, allow_infinity=False)
# csv.writer leaves a lone carriage return unquoted where lines end in a line feed, so leave it out
# nor words that stand for nothing, or for an amount
words = (
    st.text(LETTERS.filter("\r".__ne__), min_size=1)
    .map(str.strip)
    .filter(lambda text: not missing(text) and not any(map(str.isdecimal, text)))
)


def is_word(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return True
    return False


@given(
    rows=st.lists(st.tuples(cells, cells, words.filter(is_word)), min_size=2, max_size=20),
    delimiter=st.sampled_from(",;\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_floats_and_labels_survive_a_written_csv(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float, float, str]],
    delimiter: str,
    ending: str,
    bom: bool,
    quoting: Any,
) -> None:
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, quoting=quoting)
        writer.writerow(["width", "height", "kind"])
        writer.writerows((repr(x), repr(y), label) for x, y, label in rows)
    labels = [label for _, _, label in rows]
    if len(set(labels)) < 2:
        with pytest.raises(DataError, match="needs at least two classes"):
            load_csv(path)
        return
    if any(len({row[i] for row in rows}) < 2 for i in (0, 1)):
        return  # what is constant is left out
    data = load_csv(path)
    assert data.features == [[x, y] for x, y, _ in rows]
    assert [data.class_names[int(target)] for target in data.targets] == labels
    assert data.class_names == sorted(set(labels))
    assert data.feature_names == ["width", "height"]


@given(targets=st.lists(cells, min_size=1, max_size=20))
def test_targets_of_a_regression_survive_a_written_csv(
    tmp_path_factory: pytest.TempPathFactory, targets: list[float]
) -> None:
    path = tmp_path_factory.getbasetemp() / "regression.csv"
    path.write_text("".join(f"1,{target!r}\n" for target in targets), encoding="utf-8")
    assert load_csv(path, classification=False).targets == targets


@pytest.mark.parametrize(
    "content",
    [
        NEWTS,
        NEWTS.rstrip("\n"),
        "\ufeff" + NEWTS,
        NEWTS.replace("\n", "\r\n"),
        NEWTS.replace("\n", "\r"),
        NEWTS.replace(",", ";"),
        NEWTS.replace(",", "\t"),
        NEWTS.replace(",", " , "),
        NEWTS.replace("\n", "\n\n   \n"),
        "\n\r\n" + NEWTS,
        '"width","height","kind"\n"1","2","newt"\n"3", "4", "frog"\n',
        '"width","height", kind \n 1.0,+2, newt\n3e0,.4e1,frog\n',
    ],
)
def test_the_same_table_is_read_from_every_dialect(
    written: Callable[[str], Path], content: str
) -> None:
    expected = Dataset([[1, 2], [3, 4]], [1, 0], ["width", "height"], ["frog", "newt"])
    assert load_csv(written(content)) == expected


def test_a_delimiter_inside_quotes_does_not_count(written: Callable[[str], Path]) -> None:
    data = load_csv(written('"width; in cm","kind\tof pond"\n1,"a;b"\n2,"c,d"\n'))
    assert data.feature_names == ["width; in cm"]
    assert data.class_names == ["a;b", "c,d"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_comma_beside_another_delimiter_is_text(
    written: Callable[[str], Path], delimiter: str
) -> None:
    data = load_csv(written("width, in cm;kind\n1;a\n2;b\n".replace(";", delimiter)))
    assert data.feature_names == ["width, in cm"]


def test_a_given_delimiter_wins(written: Callable[[str], Path]) -> None:
    assert load_csv(written("1|2\n3|4\n"), delimiter="|").features == [[1.0], [3.0]]
    assert load_csv(written("1,a;b\n2,c;d\n"), delimiter=",").class_names == ["a;b", "c;d"]
    assert load_csv(written("1 2\n3 4\n"), delimiter=" ").targets == [2.0, 4.0]


def test_paths_may_be_text(written: Callable[[str], Path]) -> None:
    assert load_csv(str(written(NEWTS))) == load_csv(written(NEWTS))


@pytest.mark.parametrize("target", ["width", 0, -3])
def test_target_is_a_name_or_an_index_from_either_end(
    written: Callable[[str], Path], target: str | int
) -> None:
    data = load_csv(written("width,height,depth\n0.5,1,2\n1.5,3,4\n"), target)
    assert data == Dataset([[1, 2], [3, 4]], [0.5, 1.5], ["height", "depth"])


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("width,kind\n1,a\n2,b\n", 2),
        ("1,a\n2,b\n", 2),
        ("1,0.5\n2,1.5\n", 2),
        ("width,height\n1,0.5\n2,1.5\n", 2),
        (",height\n1,0.5\n2,1.5\n", 2),
    ],
)
def test_header_is_found(written: Callable[[str], Path], content: str, rows: int) -> None:
    assert len(load_csv(written(content))) == rows


def test_header_can_be_forced(written: Callable[[str], Path]) -> None:
    years = load_csv(written("2020,2021\n1,0.5\n2,1.5\n"), header=True)
    assert (years.feature_names, len(years)) == (["2020"], 2)
    pixels = load_csv(written("label,0,1\na,3,4\nb,5,6\n"), "label")
    assert (pixels.feature_names, len(pixels)) == (["0", "1"], 2)
    assert load_csv(written("2020,2021,y\n1,2,0\n3,4,1\n")).feature_names == ["2020", "2021"]
    assert len(load_csv(written("1,0.5\n2,1.5\n"), header=False)) == 2


def test_columns_without_a_name_are_called_by_their_place(written: Callable[[str], Path]) -> None:
    assert load_csv(written("1,2,a\n3,4,b\n")).feature_names == ["column 1", "column 2"]
    assert load_csv(written(",height,kind\n1,2,a\n3,4,b\n")).feature_names == ["column 1", "height"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["b", "a", "B"], ["B", "a", "b"]),
        (["0", "1", "1", "0"], ["0", "1"]),
        (["10", "9", "9.0", "10"], ["9", "10"]),
        (["-0", "0", "1", "1"], ["0", "1"]),
        (["0", "1", "2"], []),
        (["1", "2"], []),
        (["0.5", "1.5", "0.5", "1.5"], []),
        ([str(i % 20) for i in range(40)], [str(i) for i in range(20)]),
        ([str(i % 21) for i in range(99)], []),
    ],
)
def test_labels_become_classes_by_the_documented_rule(
    written: Callable[[str], Path], labels: list[str], classes: list[str]
) -> None:
    data = load_csv(written("".join(f"1,{label}\n" for label in labels)))
    assert data.class_names == classes
    if classes:
        assert [classes[int(target)] for target in data.targets] == [
            label if is_word(label) else f"{float(label) + 0.0:g}" for label in labels
        ]
    else:
        assert data.targets == [float(label) for label in labels]


def test_classification_can_be_forced(written: Callable[[str], Path]) -> None:
    assert load_csv(written("1,0\n2,1\n3,1\n4,0\n"), classification=False).targets == [
        0.0,
        1.0,
        1.0,
        0.0,
    ]
    halves = load_csv(written("1,1.5\n2,0.5\n"), classification=True)
    assert (halves.class_names, halves.targets) == (["0.5", "1.5"], [1, 0])
    mixed = load_csv(written("1,3\n2,3b\n"), classification=True)
    assert mixed.class_names == ["3", "3b"]


# what a spreadsheet, a database or another library writes

POND = "day;depth;kind\n1;1,5;newt\n2;12,25;frog\n3;3,0;newt\n4;2,5;frog\n"
PLAIN = POND.replace(",", ".").replace(";", ",")
EXPECTED = [[1, 1.5], [2, 12.25], [3, 3.0], [4, 2.5]]


@pytest.mark.parametrize(
    "content",
    [
        POND,
        POND.replace(";", "\t"),
        "sep=;\n" + POND,
        '"sep=;"\r\n' + POND.replace("\n", "\r\n"),
        POND.replace(";", "|"),
        PLAIN,
        PLAIN.replace(",", "  "),
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("\n", ",,\n").replace("kind,,", "kind"),
        "# from the pond\n# in May, and June\n" + PLAIN,
        "#" + PLAIN,
        "Frogs and newts, in May\n\n" + PLAIN.replace(",", "\t"),
        PLAIN.replace("newt", "newt # shy") + "# that is all\n",
        PLAIN.replace("day,depth,kind", "'day','depth','kind'"),
        PLAIN + ",,\n , , \n",
        '"day", "depth", "kind"\n' + PLAIN.partition("\n")[2].replace("newt", '"newt"  '),
        "4,2,frog,newt\n" + PLAIN.partition("\n")[2].replace("newt", "1").replace("frog", "0"),
    ],
)
def test_the_same_rows_are_read_however_they_are_written(
    written: Callable[[str], Path], content: str
) -> None:
    data = load_csv(written(content), keep=["day", "column 1"])
    assert data.features == EXPECTED
    classes = ["frog", "newt # shy"] if "shy" in content else ["frog", "newt"]
    assert (data.class_names, data.targets) == (classes, [1, 0, 1, 0])
    assert data.feature_names in (["day", "depth"], ["column 1", "column 2"])


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_common_encoding_is_found(written: Callable[..., Path], encoding: str) -> None:
    text = "größe,art\n" + "1,Kröte\n2,Molch\n" * 5
    data = load_csv(written(text.encode(encoding)))
    assert (data.feature_names, data.class_names) == (["größe"], ["Kröte", "Molch"])
    cp1252 = "line 1 is not UTF-8: read as cp1252 (pass encoding='...' for another)"
    assert data.notes == ([cp1252] if encoding == "cp1252" else [])


def test_an_encoding_can_be_named(written: Callable[..., Path]) -> None:
    path = written("w,вид\n1,тритон\n2,жаба\n".encode("koi8-r"))
    assert load_csv(path, encoding="koi8-r").class_names == ["жаба", "тритон"]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ("3,5 0,711 -12,0", [3.5, 0.711, -12]),
        ("1.234,5 12.000,0 7,25", [1234.5, 12000, 7.25]),
        ("1,234,567.5 -3,504 12", [1234567.5, -3504, 12]),
        ("3,504 3,505 3,506", [3.504, 3.505, 3.506]),  # beside ; the comma is a decimal one
        ("1'234.5 2'000.0 7", [1234.5, 2000, 7]),
        ("18% 25% 3.5%", [18, 25, 3.5]),
        ("$1,500 $20 $7.5", [1500, 20, 7.5]),
        ("1,5kg 2,5kg 7kg", [1.5, 2.5, 7]),
        ("1e3 2E-1 3", [1000, 0.2, 3]),
    ],
)
def test_numbers_are_read_in_the_notation_of_their_column(
    written: Callable[[str], Path], cells: str, numbers: list[float]
) -> None:
    rows = "".join(f"{cell};{kind}\n" for cell, kind in zip(cells.split(), "aba", strict=True))
    data = load_csv(written("x;kind\n" + rows))
    assert [row[0] for row in data.features] == numbers
    first = cells.split()[0]
    said = f'"x": numbers such as {first} are read as {numbers[0]!r}'.removesuffix(".0")
    assert data.notes == [] if first == "1e3" else data.notes[0].startswith(said)


def test_what_has_two_readings_is_said_and_can_be_told(written: Callable[[str], Path]) -> None:
    path = written("x,kind\n" + '"3,504",a\n"1,200",b\n')
    assert load_csv(path).features == [[3504], [1200]]
    assert "pass decimal=',' if that is wrong" in load_csv(path).notes[0]
    assert load_csv(path, decimal=",").features == [[3.504], [1.2]]
    mixed = written("x;y;kind\n1.234;2,5;a\n5.000;3,5;b\n")
    assert load_csv(mixed).features == [[1234, 2.5], [5000, 3.5]]


def test_titles_above_the_header_are_left_out_and_said(written: Callable[[str], Path]) -> None:
    data = load_csv(written("Series id:   LNS14\n\nAge: all\n" + PLAIN), keep=["day"])
    assert data.features == EXPECTED
    assert data.notes == [
        '2 rows above the header left out, such as "Series id: LNS14"; the names are in line 4'
    ]


def test_rs_names_of_rows_have_no_name(written: Callable[[str], Path]) -> None:
    path = written('"x" "kind"\n"pond" 1 "a"\n"lake" 2 "b"\n"sea" 4 "a"\n')
    table = read_table(path)
    assert (table.columns, table.rows[0]) == (["column 1", "x", "kind"], ["pond", "1", "a"])


def test_rows_of_another_width_can_be_skipped(written: Callable[[str], Path]) -> None:
    data = load_csv(written("x,kind\n1,a\n2,b,c\n3,b\ny,a\n4,a\n"), skip_bad=True)
    assert data.features == [[1], [3], [4]]
    assert data.notes == [
        "1 row with more or fewer cells left out, as line 3",
        '1 row that cannot be used left out, as for "y" in line 5',
    ]


def test_packed_files_of_one_file_are_unpacked(written: Callable[..., Path]) -> None:
    plain, folder = PLAIN.encode(), io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        packed.writestr("__MACOSX/._pond.csv", "x")
        packed.writestr("pond.csv", plain)
    for content in (gzip.compress(plain), folder.getvalue()):
        assert load_csv(written(content), keep=["day"]).features == EXPECTED


def test_packed_files_are_refused_in_one_sentence(refused: Callable[..., str]) -> None:
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        for name in ("a.csv", "b.csv"):
            packed.writestr(name, PLAIN)
    assert refused(folder.getvalue()) == (
        'rain.csv: needs a .zip of one file, got 2 files "a.csv", "b.csv"; unpack the one to read'
    )
    assert "needs a packed file that is whole" in refused(gzip.compress(PLAIN.encode())[:-9])
    bomb = gzip.compress(b"1,2\n" * 100_000)
    assert "at most 1000 bytes, got more" in refused(bomb, limit=1000)


def test_a_workbook_is_read_as_its_first_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    rows = ["day", "depth", "wet", "kind"], [datetime(2021, 3, 4), 1.5, True, "newt"]
    more = [datetime(2021, 4, 5), None, False, "frog"], [datetime(2021, 4, 6), 2.5, True, "newt"]
    for row in (*rows, *more):
        book.active.append(row)
    book.create_sheet("notes").append(["nothing"])
    book.save(tmp_path / "pond.xlsx")
    table = read_table(tmp_path / "pond.xlsx")
    assert table.columns == rows[0]
    assert table.rows[0] == ["2021-03-04", "1.5", "True", "newt"]
    assert table.rows[1] == ["2021-04-05", "", "False", "frog"]
    assert table.notes == ['sheet "Sheet" is read, and "notes" left out']
    assert load_csv(tmp_path / "pond.xlsx", target="kind").features[0][-3:] == [1.5, 0.0, 1.0]
    book = openpyxl.Workbook()
    for cells in (["a", "b", "c"], ["2,5", 1.234, 0.5], ["3,5", 5.678, 1.5]):
        book.active.append(cells)
    book.save(tmp_path / "pond.xlsx")  # a number is no text that might have a point for thousands
    assert load_csv(tmp_path / "pond.xlsx").features == [[2.5, 1.234], [3.5, 5.678]]


def test_without_openpyxl_a_workbook_is_one_sentence(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as packed:
        packed.writestr("xl/workbook.xml", "")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert refused(folder.getvalue()) == (
        "rain.csv: needs openpyxl to read a workbook, got none installed; "
        "pip install 'glassgrad[files]', or save the sheet as CSV"
    )


# load_csv: what it refuses


# What refusals end with.
CELL = "correct the cell, or pass skip_bad=True to leave such rows out"
ROW = "correct the row, quote a cell that holds the delimiter, or pass skip_bad=True"
QUOTES = "line 3: needs quotes in pairs around whole cells"
CLOSE = 'close the quote, or write "" for one inside a cell'
COLUMNS = "needs at least two columns, features and a target, got one"
ADD = "add the missing column or pass the right delimiter"
UTF8 = "save the file as UTF-8"
THREE = '"width", "height", "kind"'
NAMED = "name one of them, or count from 0"
MARK = "pass ',' or ';' or '\\t'"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "width,kind\n1,a\nabc,b\n",
            f'line 3, column "width": needs a number, got "abc"; {CELL}',
        ),
        (
            "1,a\n3,b\nabc,b\nabd,c\n",
            'line 3, column 1: needs a number, got "abc"; correct the cell and 1 other row, or '
            "pass skip_bad=True to leave such rows out",
        ),
        (
            "width,kind\n-inf,a\n1,b\n",
            f'line 2, column "width": needs a finite number, got "-inf"; {CELL}',
        ),
        (
            "width,kind\n1_000,a\n1,b\n",
            f'line 2, column "width": needs a number, got "1_000"; {CELL}',
        ),
        (
            "width,kind\n1,0.5\n2,inf\n",
            'line 3, column "kind": needs a finite number, got "inf"; correct the cell or drop '
            "the row",
        ),
        (
            "width,kind\n1,0.5\n2,half\n",
            'line 3, column "kind": needs labels that are all numbers or all text, got "half"; '
            "correct the cell, or pass classification=True to take every label as text",
        ),
        ("width,kind\n1,a\n2,b,c\n", f"line 3: needs 2 cells like line 1, got 3; {ROW}"),
        ("width,height,kind\n1,2,a\n2,b\n", f"line 3: needs 3 cells like line 1, got 2; {ROW}"),
        (
            "width,width,kind\n1,2,a\n3,4,b\n",
            'line 1: needs a different name for each column, got "width" 2 times; '
            "rename all but one, or pass header=False if this line is data",
        ),
        ("width\n1\n2\n", f"line 1: {COLUMNS}; {ADD}"),
        (
            "5.1,abc,a\n1,2,b\n",
            'line 1: needs a header of names or a row of numbers, got "abc" beside numbers; '
            "correct the cell, or pass header=True or header=False to say which it is",
        ),
        ('width,kind\n1,a\n2,"b\n3,c\n', f"{QUOTES}, got 'unexpected end of data'; {CLOSE}"),
        ('width,kind\n1,a\n2,"b"c\n', f"{QUOTES}, got '',' expected after '\"''; {CLOSE}"),
        (b"w,k\n1,a\n2,caf\x81\n", f"line 3: needs UTF-8 text, got the byte 0x81; {UTF8}"),
        (
            b"\xef\xbb\xbfwidth,kind\r\n1,a\r\n\xff,b\r\n",
            f"line 3: needs UTF-8 text, got the byte 0xff; {UTF8}",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_number(
    refused: Callable[..., str], content: str | bytes, sentence: str
) -> None:
    assert refused(content) == f"rain.csv {sentence}"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("\n\nwidth,kind\n\n1,a\n\n\nabc,b\n", 8),
        ('width,kind\n1,"a\nstill a"\nabc,b\n', 4),
        ('"width\nin cm",kind\r\n1,"a\r\n\r\nb"\r\n\r\nabc,b\r\n', 7),
        ('width,kind\n1,a\nabc,"b\nc"\n', 3),
    ],
)
def test_the_line_is_the_real_one_after_blank_lines_and_quoted_line_breaks(
    refused: Callable[..., str], content: str, line: int
) -> None:
    assert refused(content).startswith(f"rain.csv line {line}, column ")


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("", {}, ": needs rows of cells, got an empty file; check the path"),
        ("\n \n\n", {}, ": needs rows of cells, got an empty file; check the path"),
        ("a,b\n", {}, ": needs rows of data, got only a header on line 1; add rows to it"),
        (
            NEWTS,
            {"target": "species"},
            f": needs a target among its 3 columns {THREE}, got 'species'; {NAMED}",
        ),
        (NEWTS, {"target": 3}, f": needs a target among its 3 columns {THREE}, got 3; {NAMED}"),
        (
            "1,2\n3,4\n",
            {"target": -3},
            f': needs a target among its 2 columns "column 1", "column 2", got -3; {NAMED}',
        ),
        (
            NEWTS,
            {"target": "kind", "header": False},
            ': needs a header to find the target "kind" by name, got header=False; pass its index',
        ),
        (
            "width,kind\n1,a\n2,a\n",
            {},
            ', column "kind": needs at least two classes, got only "a"; choose another target',
        ),
        (
            "1,7.0\n2,7\n",
            {"classification": True},
            ', column 2: needs at least two classes, got only "7"; choose another target, or '
            "pass classification=False",
        ),
        (
            NEWTS,
            {"classification": False},
            ' line 2, column "kind": needs a number, got "newt"; correct the cell or pass '
            "classification=True",
        ),
        (NEWTS, {"delimiter": ", "}, f": needs a delimiter of 1 character, got ', '; {MARK}"),
        (NEWTS, {"delimiter": ""}, f": needs a delimiter of 1 character, got ''; {MARK}"),
        (NEWTS, {"delimiter": ";"}, f" line 1: {COLUMNS}; {ADD}"),
    ],
)
def test_a_bad_file_or_option_is_refused(
    refused: Callable[..., str], content: str, options: dict[str, Any], sentence: str
) -> None:
    assert refused(content, **options) == f"rain.csv{sentence}"


def test_sentences_stay_short_whatever_the_cells_hold(refused: Callable[..., str]) -> None:
    assert f'got "{"x" * 37}..."; correct' in refused(f"width,kind\n{'x' * 9999},a\n1,b\n")
    wide = ",".join(f"x{i}" for i in range(784))
    assert refused(f"{wide}\n{wide}\n", target="y", header=True).endswith(
        '"x8", "x9", ..., got \'y\'; name one of them, or count from 0'
    )


def test_a_missing_file_and_a_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        load_csv("rain.csv")
    assert str(caught.value) == (
        "rain.csv: needs a file that can be read, got 'No such file or directory'; check the path "
        "and its permissions"
    )
    Path("pond").mkdir()
    with pytest.raises(DataError) as caught:
        load_csv("pond")
    assert str(caught.value).startswith("pond: needs a file that can be read, got 'Is a directory'")


def test_a_file_that_cannot_be_read_is_refused(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(NEWTS)

    def denied(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(DataError) as caught:
        load_csv(path)
    assert str(caught.value) == (
        f"{path}: needs a file that can be read, got 'Permission denied'; check the path and its "
        "permissions"
    )


def test_escape_sequences_in_a_file_are_shown_and_not_sent(written: Callable[[str], Path]) -> None:
    path = written("wi\x1b[2Jdth,kind\na,\x1b]0;x\x07b\n1,b\n")
    with pytest.raises(DataError, match=r'column "wi\\x1b\[2Jdth": needs a number'):
        load_csv(path)
    data = load_csv(written("width,kind\n1,\x1b]0;x\x07b\n2,c\u202ed\n"))
    assert repr(data) == r"Dataset(2 rows x 1 feature, 2 classes: \x1b]0;x\x07b, c\u202ed)"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("a" * 300, "needs a file that can be read, got 'File name too long'"),
        ("a\0b", "needs a file that can be read, got '.*embedded null"),
        ("/dev/full", "needs a file that can be read, got 'a device: copy it into a file'"),
        ("/dev/zero", "needs a file that can be read, got 'a device: copy it into a file'"),
    ],
)
def test_a_path_that_leads_to_no_file_gets_one_sentence(path: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        load_csv(path)
    assert str(caught.value).isprintable()


def test_a_pipe_is_read_if_somebody_writes_to_it_and_not_waited_for_else(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="got 'a pipe that nobody writes to'"):
        load_csv(tmp_path / "pipe")
    code = "import time; time.sleep(0.2); print(*range(30_000), sep=',1\\n', end=',0\\n')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert len(load_csv(f"/dev/fd/{writer.stdout.fileno()}")) == 30_000


def test_a_file_that_is_too_large_is_refused_unless_the_limit_is_raised(
    written: Callable[[str], Path],
) -> None:
    path = written(NEWTS)
    with pytest.raises(
        DataError, match="needs a file of at most 30 bytes, got more; pass a larger"
    ):
        load_csv(path, limit=30)
    assert len(load_csv(path, limit=len(NEWTS))) == 2


@given(st.binary(max_size=60) | st.text('1,;\t\n"ab. ', max_size=60).map(str.encode))
def test_any_bytes_are_a_dataset_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        data = load_csv(path)
    except DataError as error:
        assert str(error).startswith(str(path))
    else:
        assert len(data) > 0


def test_rows_without_a_target_may_be_a_single_column(
    written: Callable[[str | bytes], Path],
) -> None:
    headed, bare = read_table(written("width\n1\n2\n")), read_table(written("1\n2\n"))
    assert (headed.columns, headed.rows) == (["width"], [["1"], ["2"]])
    assert (bare.columns, bare.rows) == (["column 1"], [["1"], ["2"]])


def test_the_column_most_like_a_missing_target_is_asked_after(
    written: Callable[[str | bytes], Path],
) -> None:
    with pytest.raises(
        DataError, match="got 'Knid'; did you mean \"kind\"\\? name one of them, or count from 0"
    ):
        load_csv(written(NEWTS), target="Knid")


@pytest.mark.parametrize("form", ["{},5", "{}.5", "$ {}.5", "1.{},5 €"])
def test_a_word_among_numbers_is_refused_in_each_notation(tmp_path: Path, form: str) -> None:
    path = tmp_path / "word.csv"
    rows = [f"{form.format(100 + i)};{i}" for i in range(30)]
    path.write_text("\n".join(["x;y", *rows[:9], "lots;9", *rows]), encoding="utf-8")
    with pytest.raises(DataError, match='line 11, column "x": needs a number, got "lots"'):
        load_csv(path)
    assert len(load_csv(path, skip_bad=True)) == 39
    path.write_text("\n".join(["x;y", "k.A.;9", *rows, "k.A.;9"]), encoding="utf-8")
    data = load_csv(path)
    assert data.notes[0] == '"x": "k.A." is read as missing' and data.columns is not None
    assert data.columns.used[0].gaps == 2


@pytest.mark.parametrize("titles", ["Report;;\n", "Report;;\nof: 01.02.2024;;\n;;\n"])
def test_titles_padded_as_excel_writes_them_are_left_out(tmp_path: Path, titles: str) -> None:
    path = tmp_path / "report.csv"
    path.write_text(titles + "size;kind;y\n" + "1;a;2\n2;b;3\n4;a;5\n" * 4, encoding="utf-8")
    data = load_csv(path)
    at = titles.count("\n") + 1
    assert data.feature_names == ["size", "kind=a", "kind=b"]
    assert data.notes[0].endswith(f'such as "Report"; the names are in line {at}')
    path.write_text("kind;;\n" + "a;;2\nb;1;3\n" * 4, encoding="utf-8")  # no title, but a name
    assert read_table(path).columns[0] != "a"


def test_titles_of_a_workbook_are_left_out(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [
        ["Report 2024"],
        [],
        ["Date", "Qty", "Total"],
        *([date(2024, 1, k), k, k] for k in (1, 2, 3)),
    ]:
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    table = read_table(tmp_path / "book.xlsx")
    assert table.columns == ["Date", "Qty", "Total"] and table.lines == [4, 5, 6]
    assert table.notes == [
        '1 row above the header left out, such as "Report 2024"; the names are in row 3'
    ]


def test_a_last_row_of_totals_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    rows = "".join(f"{k};a{k % 2};{k};{2 * k},5\n" for k in range(1, 40))
    path.write_text(f"Lfd. Nr.;kind;size;y\n{rows}Summe;;;1.560,5\n", encoding="utf-8")
    data = load_csv(path)
    assert len(data) == 39 and data.notes[0] == "1 row of totals left out, line 41"
    assert data.columns is not None and "Lfd. Nr., size (numbers of rows)" in repr(data.columns)
    path.write_text("kind;size;y\ntotal;1;2\nother;3;4\nother;3;4\ntotal;5;6\n", encoding="utf-8")
    assert len(load_csv(path)) == 4


def test_cells_of_two_notations_are_read_one_by_one_where_one_was_learned(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("area;n\n80,5;1\n80.5;2\n1.500;3\nk.A.;4\nabc;5\n", encoding="utf-8")
    table = read_table(path, Reading(learned={"area": (",", "")}))
    assert table.cells("area") == ["80.5", "80.5", "1500", "", "abc"]


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    rows = b"a,k\n1,x\n2,y\n" * 50
    contents = {"a .bz2": bz2.compress(rows), "an .xz": lzma.compress(rows)}
    contents["an old .xls"] = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500)
    for kind, content in contents.items():
        (tmp_path / "rain").write_bytes(content)
        with pytest.raises(DataError, match=f"needs CSV text, .*, got {kind}; save it as CSV"):
            load_csv(tmp_path / "rain")
