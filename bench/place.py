"""Where things are measured: a temporary folder, clean environments, and the end of whatever was started."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from functools import cached_property
from pathlib import Path

from bench import peers, processes
from bench.timing import MeasureFailed


class Place:
    """A folder outside every project, for scripts, run folders and output. Leaving the `with` block ends every
    process that was started here, and removes the folder."""

    def __init__(self, root: Path) -> None:
        if not (root / "src" / "runctl").is_dir():
            raise MeasureFailed(f"{root} is not the repository's root: run `python -m bench` there")
        if not Path("/proc/self/stat").exists():
            raise MeasureFailed("the benchmark reads /proc, which only Linux has")
        self._root = root
        self._numbers = itertools.count()
        self.folder = Path(tempfile.mkdtemp(prefix="runctl-bench-"))

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
        self.folder.rmdir()

    def clear(self) -> None:
        """Ends what runs here and deletes what lies here."""
        while pids := processes.naming(self.folder):
            for pid in pids:
                processes.send(pid, signal.SIGKILL)
        for entry in self.folder.iterdir():
            shutil.rmtree(entry)

    @cached_property
    def runctl_bin(self) -> Path:
        return peers.runctl_environment(self._root)

    @cached_property
    def peers_bin(self) -> Path:
        return peers.peer_environment(self._root)

    @property
    def runctl(self) -> str:
        return str(self.runctl_bin / "runctl")

    @property
    def python(self) -> str:
        """The interpreter that runctl runs under."""
        return str(self.runctl_bin / "python")

    def new_folder(self) -> Path:
        """An empty folder of its own."""
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        return folder

    def environment(self, home: Path, bin_folder: Path | None = None) -> dict[str, str]:
        """A clean environment: PATH, HOME and RUNCTL_HOME (`home/runctl`), nothing of the caller's."""
        return {
            "PATH": f"{bin_folder or self.runctl_bin}{os.pathsep}{os.defpath}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "RUNCTL_HOME": str(home / "runctl"),
        }

    def write(self, name: str, source: str) -> Path:
        """A script in a folder of its own, which belongs to no project."""
        path = self.new_folder() / name
        path.write_text(source)
        return path
