"""Opening connections: addresses in turn, through a proxy where the environment names one, TLS verified."""

from __future__ import annotations

import os
import select
import socket
import ssl
import time
from typing import NamedTuple, Optional

from runctl.agent.s3.errors import first
from runctl.agent.s3.proxies import Proxy
from runctl.agent.s3.waiting import STEP_S, TimedOut, Waiting
from runctl.agent.s3.wire import Broken, Wire

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class Server(NamedTuple):
    """Who is to be connected."""

    secure: bool
    name: str
    port: int


class Refused(Exception):
    """There will be no connection, however often it is tried."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def dial(server: Server, proxy: Optional[Proxy], context: Optional[ssl.SSLContext], waiting: Waiting) -> Wire:
    """A connection to `server`. Raises OSError, TimedOut, Stopped, Broken, Refused."""
    deadline = time.monotonic() + waiting.patience.connect_s
    sock = _connected(proxy.name if proxy else server.name, proxy.port if proxy else server.port, deadline, waiting)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(STEP_S)
        if server.secure:
            if proxy is not None:
                _tunnel(sock, server, proxy, waiting)
            assert context is not None
            sock = _secured(sock, server.name, context, deadline, waiting)
        return Wire(sock, waiting)
    except BaseException:
        sock.close()
        raise


def trust() -> ssl.SSLContext:
    """Who is trusted: AWS_CA_BUNDLE, else the machine's authorities, wherever they lie. Raises Refused where that file
    can't be used."""
    bundle = first(os.environ.get("AWS_CA_BUNDLE"), os.environ.get("REQUESTS_CA_BUNDLE"))
    if not bundle:
        paths = ssl.get_default_verify_paths()
        if not (paths.cafile or (paths.capath and os.listdir(paths.capath))):
            bundle = next((path for path in _BUNDLES if os.path.isfile(path)), "")
    try:
        if bundle and os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle or None)
    except OSError as exc:
        raise Refused(f"AWS_CA_BUNDLE {bundle}: {exc.strerror or 'no certificates'}", "name a PEM file") from exc


def _connected(name: str, port: int, deadline: float, waiting: Waiting) -> socket.socket:
    """Connected to the first of the host's addresses that answers."""
    problem: Exception = OSError(f"{name} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            sock.connect_ex(address)
            _until_connected(sock, deadline, waiting)
            return sock
        except (OSError, TimedOut) as exc:
            problem = exc
            sock.close()
        except BaseException:
            sock.close()
            raise
    raise problem


def _until_connected(sock: socket.socket, deadline: float, waiting: Waiting) -> None:
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    while not poll.poll(STEP_S * 1000):
        waiting.go_on(deadline, "no connection")
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, os.strerror(error))


def _tunnel(sock: socket.socket, server: Server, proxy: Proxy, waiting: Waiting) -> None:
    wire = Wire(sock, waiting)
    target = f"{server.name}:{server.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    wire.send([memoryview(("\r\n".join(lines) + "\r\n\r\n").encode())])
    status = wire.head().status
    if status in (401, 403, 407):
        raise Refused(f"the proxy {proxy.name}:{proxy.port} refuses ({status})", "set HTTPS_PROXY and NO_PROXY rightly")
    if status != 200:
        raise Broken(f"the proxy {proxy.name}:{proxy.port} answers {status}")


def _secured(
    sock: socket.socket, name: str, context: ssl.SSLContext, deadline: float, waiting: Waiting
) -> ssl.SSLSocket:
    secured = context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
    try:
        while True:
            try:
                secured.do_handshake()
                return secured
            except socket.timeout:
                waiting.go_on(deadline, "no TLS handshake")
    except ssl.SSLCertVerificationError as exc:
        secured.close()
        hint = "set AWS_CA_BUNDLE to a file with the authority's certificate"
        raise Refused(f"the certificate of {name} is not trusted: {exc.verify_message}", hint) from exc
    except BaseException:
        secured.close()
        raise
