"""A connection to a port of a host from within it: no security group and no network of the account is between."""

from __future__ import annotations

import ctypes
import os
import socket
import threading

_CLONE_NEWNET = 0x40000000


def connect_inside(pid: int, port: int) -> socket.socket:
    """A TCP connection to 127.0.0.1:`port` in the network namespace of process `pid`. Raises OSError."""
    result: list[socket.socket | OSError] = []
    # a namespace is a thread's own; this thread ends with the connection made
    thread = threading.Thread(target=_connect, args=(pid, port, result))
    thread.start()
    thread.join()
    if isinstance(result[0], OSError):
        raise result[0]
    return result[0]


def _connect(pid: int, port: int, result: list[socket.socket | OSError]) -> None:
    try:
        _enter(pid)
        result.append(socket.create_connection(("127.0.0.1", port), timeout=10))
    except OSError as error:
        result.append(error)


def _enter(pid: int) -> None:
    namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "cannot enter the host's network namespace")
    finally:
        os.close(namespace)
