"""Streams: what may come as batches, and a file read in parts."""

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nn import DataError, Dataset, Standardizer, Stream, batches_of, load_csv
from nn.data import csv_parts

PAIRS = [([[1.0, 2.0], [3.0, 4.0]], [0, 1]), ([[5.0, 6.0]], [1])]


def made() -> Iterator[Any]:
    return iter(PAIRS)


def sizes(stream: Stream, epoch: int = 0) -> list[int]:
    return [len(batch) for batch in stream.batches(epoch)]


def test_a_function_a_list_and_an_iterator_give_batches() -> None:
    for source, is_once in ((made, False), (PAIRS, False), (made(), True)):
        stream = Stream(source, class_names=["a", "b"])
        assert sizes(stream) == [2, 1] and stream.is_once == is_once
        assert stream.classification and stream.first.features == PAIRS[0][0]
        if is_once:
            with pytest.raises(DataError, match="got none in epoch 2; pass a function"):
                sizes(stream, 1)
        else:
            assert sizes(stream, 1) == [2, 1]


def test_a_function_may_take_the_number_of_the_epoch() -> None:
    stream = Stream(lambda epoch: [([[float(epoch)]], [0.0])] * (epoch + 1))
    assert [sizes(stream, epoch) for epoch in range(3)] == [[1], [1, 1], [1, 1, 1]]


def test_steps_cut_an_endless_iterator_into_epochs() -> None:
    def endless() -> Iterator[Any]:
        k = 0
        while True:
            k += 1
            yield [[float(k)]], [0.0]

    stream = Stream(endless(), steps=3)
    found = [[batch.features[0][0] for batch in stream.batches(epoch)] for epoch in range(2)]
    assert found == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize("once", [False, True])
def test_a_part_to_validate_on_is_not_among_the_rest(once: bool) -> None:
    batches = [([[float(k)]], [0.0]) for k in range(5)]
    rest, part = Stream(iter(batches) if once else batches).split(2)
    assert [row for [row] in part.features] == [0.0, 1.0]
    assert [batch.features[0][0] for batch in rest.batches()] == [2.0, 3.0, 4.0]


@pytest.mark.parametrize("once", [False, True])
def test_each_batch_is_mapped(once: bool) -> None:
    scale = Standardizer.fit(Dataset([[1.0], [3.0]], [0.0, 0.0]))
    batches = [([[1.0], [3.0]], [0.0, 0.0])] * 2
    scaled = Stream(iter(batches) if once else batches).map(scale.transform)
    assert [batch.features for batch in scaled.batches()] == [[[-1.0], [1.0]]] * 2


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (3, "Stream needs a function that returns batches, or an iterator of them, got int"),
        ([], "Stream needs a batch at least, got none"),
        ([1.0], "Stream needs batches that are Datasets, or pairs .*, got float as batch 0"),
        ([([], [])], "Stream needs a row in each batch, got none in batch"),
    ],
    ids=str,
)
def test_what_is_no_batch_is_refused(source: Any, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        Stream(source)


def test_a_batch_that_is_unlike_the_first_is_refused_by_number() -> None:
    stream = Stream([PAIRS[0], ([[1.0]], [0.0])])
    with pytest.raises(DataError, match=r'the feature names "x1", "x2" .*, got "x1" in batch 2'):
        sizes(stream)


def pond(rows: int, seed: int = 0) -> str:
    draw, lines = Random(seed), ["depth,colour,kind"]
    for _ in range(rows):
        depth = draw.gauss(0.0, 1.0)
        lines.append(
            f"{depth:.4f},{draw.choice(['red', 'green'])},{'newt' if depth > 0 else 'frog'}"
        )
    return "\n".join(lines) + "\n"


def rows_of(stream: Stream, epoch: int = 0) -> list[Any]:
    return [row for batch in stream.batches(epoch) for row in batch]


def test_a_file_in_parts_gives_the_rows_that_it_gives_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "pond.csv"
    path.write_text(pond(90))
    whole = load_csv(path, "kind")
    stream = batches_of(path, "kind", rows=8, part=20, seed=None)
    assert (stream.feature_names, stream.class_names) == (whole.feature_names, ["frog", "newt"])
    assert rows_of(stream) == rows_of(stream, 1) == list(whole)
    assert sizes(stream) == [8, 8, 8] * 3 + [8, 8, 2]
    packed = tmp_path / "pond.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert rows_of(batches_of(packed, "kind", seed=None)) == list(whole)


def test_rows_are_shuffled_anew_in_each_epoch_and_the_same_by_the_same_seed(tmp_path: Path) -> None:
    path = tmp_path / "pond.csv"
    path.write_text(pond(60))
    first, again = (batches_of(path, "kind", rows=8, part=16) for _ in range(2))
    assert rows_of(first) != rows_of(first, 1)
    assert sorted(rows_of(first)) == sorted(rows_of(first, 1))
    assert rows_of(first, 1) == rows_of(again, 1)


def test_cells_in_quotes_with_line_breaks_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "pond.csv"
    path.write_text("x,y\n" + '1,"a\nb"\n2,c\n' * 9)
    stream = batches_of(path, "y", rows=2, part=4)
    assert stream.class_names == ["a\nb", "c"] and len(rows_of(stream)) == 18


def test_what_a_later_part_has_that_the_first_lacks_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pond.csv"
    path.write_text(pond(40) + "0.5,lime,frog\n")
    stream = batches_of(path, "kind", rows=10, part=20)
    assert len(rows_of(stream)) == 41
    assert stream.notes == ['colour: values that the first part lacks, as "lime"']
    path.write_text("x,same,y\n" + "1,2,a\n2,2,b\n" * 10 + ",3,a\n")
    rows_of(stream := batches_of(path, "y", rows=10, part=20))
    assert stream.notes == [
        "x: missing cells, of which the first part has none, are filled by its rows",
        "same: left out, since in the first part it is the same in all rows",
    ]
    path.write_text("x,y\n" + "1,a\n" * 20 + "2,b\n")
    with pytest.raises(DataError, match=r"two classes.*first part: shuffle a sorted file"):
        batches_of(path, "y", rows=10, part=20)
    path.write_bytes(gzip.compress(pond(4000).encode())[:-200])
    with pytest.raises(DataError, match="a file that can be read, got 'Compressed file ended"):
        rows_of(batches_of(path, "kind", rows=10, part=20))
    path.write_text(pond(39) + "0.5,red,toad\n")
    with pytest.raises(DataError, match=r"lines 22 to 41: needs rows like .*no class of before"):
        rows_of(batches_of(path, "kind", rows=10, part=20))
    path.write_text(pond(39) + "deep,red,newt\n")
    with pytest.raises(DataError, match='line 41, column "depth": needs a number, got "deep"'):
        rows_of(batches_of(path, "kind", rows=10, part=20))
    assert len(rows_of(batches_of(path, "kind", rows=10, part=20, skip_bad=True))) == 39


@pytest.mark.parametrize("bad", ["0.5,red", "deep,red,newt", "0.5,red,toad", "0.5,red,"], ids=str)
@pytest.mark.parametrize("header", [True, False])
def test_a_part_of_which_no_row_can_be_used_is_skipped_and_counted(
    bad: str, header: bool, tmp_path: Path
) -> None:
    path = tmp_path / "pond.csv"
    lines = pond(50).splitlines()
    lines = [*lines[not header : 21], *[bad] * 20, *lines[21:]]
    path.write_text("\n".join(lines) + "\n")
    stream = batches_of(path, 2, rows=10, part=20, header=header, skip_bad=True)
    for epoch in range(2):
        assert len(rows_of(stream, epoch)) == 50
    assert stream.notes[-1] == "20 of 70 rows of the file left out"
    with pytest.raises(DataError, match="line"):
        rows_of(batches_of(path, 2, rows=10, part=20, header=header))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "needs rows of cells, got an empty file"),
        (b"PK\x03\x04", "needs text in UTF-8, or in .gz, got a .zip, a workbook or UTF-16"),
        (b"a;b\n1,5;2,5\n3,5;1\n", "needs decimal=... for a file that is read in parts"),
        ("a,b\n1,é\n2,f\n".encode("cp1252"), "needs encoding=... for a file that is read in parts"),
    ],
    ids=["empty", "zip", "decimal", "encoding"],
)
def test_files_that_cannot_be_read_in_parts_are_refused(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=sentence):
        batches_of(path)
    with pytest.raises(DataError, match="needs a file that can be read, got"):
        batches_of(tmp_path / "none.csv")


def test_no_more_than_a_part_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, longest = tmp_path / "pond.csv", 0

    def looked(name: str, content: bytes, *args: Any, **named: Any) -> Any:
        nonlocal longest
        longest = max(longest, content.count(b"\n"))
        return table_in(name, content, *args, **named)

    table_in = csv_parts.table_in
    monkeypatch.setattr(csv_parts, "table_in", looked)
    path.write_text(pond(200))
    assert len(rows_of(batches_of(path, "kind", rows=5, part=20))) == 200
    assert longest == 21  # with the header


def test_nothing_of_a_part_is_kept_while_the_next_is_read(tmp_path: Path) -> None:
    path, line = tmp_path / "wide.csv", ",".join(["1.25"] * 30)

    def peak(parts: int) -> int:
        path.write_text("\n".join([",".join(f"x{k}" for k in range(30)), *[line] * 150 * parts]))
        stream = batches_of(path, rows=50, part=150)
        tracemalloc.start()
        sizes(stream)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    assert peak(3) < 1.2 * peak(1)
