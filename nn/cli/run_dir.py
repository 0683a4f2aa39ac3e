"""The folder of a run, which appears whole or not at all.

A run is kept in a folder beside it, ``.NAME.part``, from its first epoch on; once all of it is
there, that is renamed to ``NAME``. What ``NAME`` held before is ``.NAME.former`` between two
renames. A run that was killed leaves its part, for ``--resume``; any other run removes it."""

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from nn.cli.options import Refused
from nn.io.json_file import StoreError, read_json, unwritten, write_json


class RunDir:
    """Where a run keeps its options and checkpoint while it trains, and its results in the end."""

    MODEL, CHECKPOINT, OPTIONS = "model.json", "checkpoint.json", "options.json"
    TRAINING = ("losses.png", "rates.png", "weights.png", "activations.png")
    PLOTS = (*TRAINING, "boundary.png", "confusion.png", "predictions.png")
    REPORTS = ("report.txt", "report.html")
    FILES = ("history.csv", "folds.csv", *REPORTS, *PLOTS, MODEL, CHECKPOINT, OPTIONS)

    def __init__(self, path: str) -> None:
        self.path, self.place, self.asked = path, Path(path).resolve(), path
        if len(os.fsencode(self.place.name)) > 240:
            raise Refused(f"{path[:40]}... needs a name of at most 240 bytes: choose a shorter one")
        self.part = self.place.parent / f".{self.place.name}.part"
        self.former = self.place.parent / f".{self.place.name}.former"
        self.made: list[Path] = []  # what begin has made, the innermost first
        self.lock: int | None = None
        if self.former.is_dir():  # a run was killed between its two renames, or after them
            self._settle()

    @property
    def begun(self) -> Path | None:
        """The folder with the state of a run that can be resumed; that of a killed one first."""
        places = (self.part, self.place)
        return next((place for place in places if (place / self.CHECKPOINT).is_file()), None)

    @classmethod
    def model_of(cls, path: str) -> Path:
        """The model's file; of a run's folder, the one that it holds."""
        file = cls(path).place / cls.MODEL  # which completes a run that was killed
        if not os.path.isdir(path):
            return Path(path)
        if not file.exists():
            raise Refused(f"{path} holds no {file.name}: name the folder of a run that has ended")
        return Path(path, file.name)

    @classmethod
    def chosen(cls, path: str, overwrite: bool, resume: bool) -> "RunDir":
        """The folder of that path; one that holds a run is left as it is, for a new one beside it.

        Refuses a place that cannot be a run's folder, before any work is done."""
        folder, number = cls(path), 1
        while folder.check(overwrite, resume):
            folder.close()
            number += 1
            while os.path.lexists(beside := f"{os.path.normpath(path)}-{number}"):
                number += 1
            folder = cls(beside)
            folder.asked = path
        return folder

    def check(self, overwrite: bool, resume: bool) -> bool:
        """Whether a run is there already, for a new one; a place that cannot be one is refused."""
        place, out = self.place, f"--out {self.path}"
        if overwrite and resume:
            raise Refused("--overwrite and --resume exclude each other: leave one of them out")
        if place.exists() and not place.is_dir():
            raise Refused(f"{out} needs a folder, got a file: choose another place")
        if os.path.ismount(place) or place in (Path.cwd(), *Path.cwd().parents):
            raise Refused(f"{out} needs a folder of its own: name a new one, such as run")
        found = [name for name in self.FILES if (place / name).exists()]
        if folders := [name for name in found if (place / name).is_dir()]:
            raise Refused(f"{out} holds a folder {folders[0]}, where a file is to be")
        if resume and not self.begun:
            raise Refused(f"--resume needs a run that was begun, and {self.path} holds none")
        near = next(folder for folder in place.parents if folder.exists())
        if not near.is_dir() or not os.access(near, os.W_OK | os.X_OK):
            raise Refused(f"{out} needs a place that can be written, and {near} is none")
        busy, new = self.part.is_dir() and not self._locked(), not overwrite and not resume
        if busy and not new:
            raise Refused(f"{out} is being written by another training: choose another")
        return new and (busy or bool(found))

    def options(self) -> list[str]:
        """The words that the run was begun with."""
        file = (self.begun or self.place) / self.OPTIONS
        words = read_json(file, "options").get("arguments")
        if isinstance(words, list) and all(str(word).startswith("--") for word in words):
            return words
        raise StoreError(f"{file}: needs a list of options, got none; begin with --overwrite")

    def begin(self, words: list[str], resume: bool = False) -> None:
        """Make the part, with the options, and of a run to be resumed the checkpoint."""
        begun = self.begun if resume else None
        try:
            if begun != self.part:
                shutil.rmtree(self.part, ignore_errors=True)
                self.made = [self.part, *(p for p in self.place.parents if not p.exists())]
                self.part.mkdir(parents=True)
            self._locked()
            write_json(self.part / self.OPTIONS, "options", {"arguments": words}, indent=1)
            if begun == self.place:  # last, and whole, since it makes the part one to resume
                copy = shutil.copyfile(self.place / self.CHECKPOINT, self.part / "copy")
                copy.rename(self.part / self.CHECKPOINT)
        except (OSError, StoreError) as error:
            self.discard()
            came = unwritten(self.path, error)
            raise Refused(f"--out {self.path} cannot be made: {came}") from None

    def discard(self) -> None:
        """Take away what ``begin`` has made, since nothing came of the run."""
        if self.made:
            shutil.rmtree(self.made[0], ignore_errors=True)
        for folder in self.made[1:]:
            with suppress(OSError):
                folder.rmdir()

    def publish(self, files: Mapping[str, Callable[[Path], object]]) -> None:
        """Write all files of the run into its part, and put that in the place of the former run."""
        try:
            for name, write in files.items():
                write(self.part / name)
            for stale in self.part.iterdir():
                if stale.name not in (*files, self.CHECKPOINT, self.OPTIONS):
                    stale.unlink()
            if self.place.exists():
                shutil.copymode(self.place, self.part)
                self.place.rename(self.former)
            self.part.rename(self.place)
        except (OSError, StoreError) as error:
            do = "--resume" if (self.part / self.CHECKPOINT).exists() else "train again"
            if do != "--resume":
                self.discard()
            raise Refused(f"{unwritten(self.path, error)}, and {do}") from None
        finally:
            self._settle()

    def _settle(self) -> None:
        """Bring the former run back if there is no new one; else keep the user's files in it."""
        with suppress(OSError):
            if not self.place.exists():
                self.former.rename(self.place)
            for file in self.former.iterdir():
                if file.name not in self.FILES:
                    file.rename(self.place / file.name)
            shutil.rmtree(self.former, ignore_errors=True)

    def _locked(self) -> bool:
        """Whether the part is this process's alone, from now until ``close``."""
        self.close()
        try:
            import fcntl

            self.lock = os.open(self.part, os.O_RDONLY)
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except (ImportError, OSError):  # where there are no such locks
            return True
        return True

    def close(self) -> None:
        """Leave the part to others."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None
