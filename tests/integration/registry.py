"""A registry on this machine that holds one image, and lets in one user."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar"


class Registry(NamedTuple):
    """Where the image is, and the requests that were let in."""

    host: str
    image: str
    let_in: list[str]


@contextmanager
def serving(image: str, password: str | None = None, architecture: str | None = None) -> Iterator[Registry]:
    """Serves a copy of `image` to the user AWS with the password, or to everybody; called one of another architecture
    where that is given."""
    documents, manifest = _contents(image, architecture)
    let_in: list[str] = []
    allowed = None if password is None else "Basic " + base64.b64encode(f"AWS:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if allowed is not None and self.headers["Authorization"] != allowed:
                self._answer(401, b"{}", "application/json")
                return
            let_in.append(self.path)
            name = self.path.rpartition("/")[2]
            if self.path == "/v2/":
                self._answer(200, b"{}", "application/json")
            elif "/manifests/" in self.path and name in ("1", _digest(manifest)):
                self._answer(200, manifest, _MANIFEST)
            elif name in documents:
                self._answer(200, documents[name], "application/octet-stream")
            else:
                errors = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
                self._answer(404, json.dumps(errors).encode(), "application/json")

        do_HEAD = do_GET

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="tests"')
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
            self.send_header("Docker-Content-Digest", _digest(body))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host = f"127.0.0.1:{server.server_port}"
        try:
            yield Registry(host, f"{host}/team/model:1", let_in)
        finally:
            server.shutdown()
            thread.join()
            subprocess.run(["docker", "image", "rm", "--force", f"{host}/team/model:1"], capture_output=True)


def _contents(image: str, architecture: str | None) -> tuple[dict[str, bytes], bytes]:
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        [listed] = json.loads(_file(archive, "manifest.json"))
        config = json.loads(_file(archive, listed["Config"]))
        layers = [_file(archive, name) for name in listed["Layers"]]
    if architecture:
        config["architecture"] = architecture
    encoded = json.dumps(config).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": _CONFIG, "size": len(encoded), "digest": _digest(encoded)},
        "layers": [{"mediaType": _LAYER, "size": len(layer), "digest": _digest(layer)} for layer in layers],
    }
    return {_digest(blob): blob for blob in (encoded, *layers)}, json.dumps(manifest).encode()


def _file(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None
    return file.read()


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
