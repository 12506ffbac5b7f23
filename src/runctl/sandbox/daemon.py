"""The daemon of one sandbox: `python -m runctl.sandbox.daemon HOME READY`. `up` starts it and `down` ends it.

It writes its state before it makes anything, and one line to the file descriptor READY once it answers.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from runctl.sandbox.layout import Folder, new_state

_MOTO_SETTINGS = {
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # no web page may read what is in the account
    "MOTO_DISABLE_GLOBAL_CORS": "true",
}


def serve(home: Path, ready: int) -> None:
    """Serves until SIGTERM. What was made stays: `down` removes it, as it must after a kill, too."""
    # boto3 within moto must meet nobody's credentials or endpoints
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # moto reads these when it is imported
    os.environ.update(_MOTO_SETTINGS)
    from runctl.sandbox.http_server import Server

    account: Any = None

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return account.gate(environ, start_response)

    server = Server("127.0.0.1", 0, application)
    state = new_state(os.getpid(), server.port, time.time())
    folder = Folder(home)
    folder.write(state)
    from runctl.sandbox.account.account import Account
    from runctl.sandbox.admin import Admin

    admin = Admin(state)
    account = Account(state, folder.path, admin)
    admin.account = account
    server.start()
    os.write(ready, b"ready\n")
    os.close(ready)
    ended.wait()
    # threads of requests are not waited for; what they made is found by its labels
    os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
