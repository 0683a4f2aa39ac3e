"""Folder: where a run keeps its files, each written beside and moved into place; a refusal leaves
none behind.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from nn.cli.parser import Refused
from nn.io.models import StoreError, read_document, write_document

__all__ = ["Folder"]


class Folder:
    """The folder of a run: its checkpoint and options while it learns, and all that came of it in
    the end.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(os.path.join(place, "run"))
    ...     folder.begin(["--seed=1"])
    ...     folder.publish({"report.txt": lambda path: path.write_text("all is well")})
    ...     sorted(os.listdir(folder.path)), folder.options()
    (['options.json', 'report.txt'], ['--seed=1'])
    """

    MODEL, CHECKPOINT, OPTIONS = "model.json", "checkpoint.json", "options.json"
    PLOTS = ("losses.png", "weights.png", "activations.png", "boundary.png", "rates.png")
    RESULTS = ("history.csv", "folds.csv", "report.txt", *PLOTS, MODEL)

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.made: list[Path] = []  # what was not there before, the outermost first
        self.before: dict[Path, bytes | None] = {}  # the state of the run that it held

    @property
    def checkpoint(self) -> Path:
        """The file that training keeps its state in."""
        return self.path / self.CHECKPOINT

    def check(self, overwrite: bool, resume: bool) -> None:
        """Refuse a place that cannot be a run's folder, before any work is done."""
        if self.path.exists() and not self.path.is_dir():
            raise Refused(f"--out {self.path} needs a folder, got a file: choose another place")
        for name in (*self.RESULTS, self.CHECKPOINT, self.OPTIONS):
            if (self.path / name).is_dir():
                raise Refused(
                    f"--out {self.path} holds a folder {name}, where a file is to be: choose another place"
                )
        found = [
            name
            for name in (*self.RESULTS, self.CHECKPOINT, self.OPTIONS)
            if (self.path / name).exists()
        ]
        if resume and not self.checkpoint.exists():
            raise Refused(
                f"--resume needs a run that was begun, and {self.path} holds none: leave --resume out"
            )
        if found and not overwrite and not resume:
            raise Refused(
                f"{self.path} holds a run already ({found[0]}): choose another --out, --overwrite it, or --resume it"
            )
        nearest = next(
            place for place in (self.path, *self.path.absolute().parents) if place.exists()
        )
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise Refused(
                f"--out {self.path} needs a place that can be written, and {nearest} is none: choose another"
            )

    def begin(self, words: list[str]) -> None:
        """Make the folder and write the options of a new run; the state of another run that it held
        goes.
        """
        missing = [
            place for place in (self.path, *self.path.absolute().parents) if not place.exists()
        ]
        self.made = missing[::-1]
        state = (self.path / self.OPTIONS, self.checkpoint)
        self.before = {file: file.read_bytes() if file.exists() else None for file in state}
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.write_options(words, self.path / self.OPTIONS)
            self.checkpoint.unlink(missing_ok=True)
        except (OSError, StoreError) as error:
            self.undo()
            why = error.strerror if isinstance(error, OSError) else "it cannot be written"
            raise Refused(
                f"--out {self.path} cannot be made: {why}; choose another place"
            ) from None

    def options(self) -> list[str]:
        """The words that the run was begun with."""
        words = read_document(self.path / self.OPTIONS, "options").get("arguments")
        if not isinstance(words, list) or not all(
            isinstance(word, str) and word[:2] == "--" for word in words
        ):
            raise StoreError(
                f"{self.path / self.OPTIONS}: needs a list of options, got none; begin with --overwrite"
            )
        return words

    @staticmethod
    def write_options(words: list[str], path: Path) -> None:
        """Write the words that a run is begun with."""
        write_document(path, "options", {"arguments": words}, indent=1)

    def undo(self) -> None:
        """Make it as it was before ``begin``, since nothing came of the run; of a run that was
        resumed all stays.
        """
        for file, content in self.before.items():
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(content)
        for place in reversed(self.made):
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()

    def publish(self, files: Mapping[str, Callable[[Path], object]]) -> None:
        """Write all files in a folder within, then move each into place; a result of a run before
        goes, if it is stale.

        If one cannot be written or moved, all is as it was before.
        """
        beside = self.path / f".{secrets.token_hex(4)}.part"
        former = beside / "former"
        try:
            former.mkdir(parents=True)
            for name, write in files.items():
                write(beside / name)
            changed = [*files, *(name for name in self.RESULTS if name not in files)]
            for name in changed:
                if (self.path / name).exists():
                    shutil.copy2(self.path / name, former / name)
            try:
                for name in changed:
                    if name in files:
                        os.replace(beside / name, self.path / name)
                    else:
                        (self.path / name).unlink(missing_ok=True)
            except BaseException:
                self._restore(changed, former)
                raise
        except OSError as error:
            raise Refused(
                f"{self.path} cannot be written: {error.strerror or error}; make room, and --resume"
            ) from None
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _restore(self, names: list[str], former: Path) -> None:
        """Bring back what was there under these names, and take away what was not."""
        for name in names:
            if (former / name).exists():
                os.replace(former / name, self.path / name)
            elif (self.path / name).is_file():
                (self.path / name).unlink()
