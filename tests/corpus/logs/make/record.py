"""Record what a program prints, byte for byte: `python record.py [--pty] OUTPUT.log COMMAND…` (nothing to install)."""

import argparse
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path


def record_file(command: list[str]) -> bytes:
    """What the command writes to stdout and stderr together, neither being a terminal."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def record_terminal(command: list[str]) -> bytes:
    """What the command writes to a terminal of 100 columns and 24 lines."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    terminal = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "24"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=terminal):
        os.close(theirs)
        chunks = []
        while chunk := read_chunk(ours):
            chunks.append(chunk)
    return b"".join(chunks)


def read_chunk(descriptor: int) -> bytes:
    """The next bytes, or none once the last program has closed the terminal (Linux says EIO then)."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pty", action="store_true", help="record under a terminal of 100 columns")
    parser.add_argument("output", type=Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    args.output.write_bytes(record_terminal(args.command) if args.pty else record_file(args.command))
    print(f"{args.output}: {args.output.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
