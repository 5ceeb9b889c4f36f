"""One worker a home: the process that holds the lock file claims work, the others only enqueue and look on."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from onshelf.errors import AccessError

LOCK_FILE = "worker.lock"


class HomeLock:
    """A lock on a data folder, released by the system when its process ends, however it ends.

    The file holds the process id of its last holder, for people; it stays when the lock is released.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / LOCK_FILE
        self._file: int | None = None

    def try_acquire(self) -> bool:
        """Takes the lock if it is free; true as well when this object has it already. Makes the folder if need be."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        return True

    def release(self) -> None:
        """Gives the lock up; harmless when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_held(self) -> bool:
        """Tells whether a process holds the lock now, this one or another; never keeps others from taking it for long."""
        if self._file is not None:
            return True
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def holder(self) -> int | None:
        """Returns the process id of the last holder, or None when there was none yet."""
        try:
            return int(self._path.read_text("ascii"))
        except (OSError, ValueError):
            return None

    def __enter__(self) -> Self:
        """Takes the lock; raises AccessError naming the holder when another process has it."""
        if not self.try_acquire():
            raise AccessError(str(self._path), f"pid {self.holder()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
