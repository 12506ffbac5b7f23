"""The agent's command line, as the client calls it: a line of JSON on stdin, which for some verbs more follows, and one
JSON document (or a stream of frames) on stdout."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

from runctl.agent import control, protocol
from runctl.agent.follow import Follower, Start

_BUFFER = 1 << 18


def main() -> int:
    """Runs one request: a verb and its fields, as a JSON object in the first line of stdin; the rest is the verb's own.
    Nothing secret is in argv."""
    source = open(0, "rb", buffering=_BUFFER, closefd=False)
    request = json.loads(source.readline())
    try:
        answer = _answer(request, source)
    except control.NoSuchRun as error:
        return _fail(error, protocol.EXIT_NOT_FOUND)
    except control.Refused as error:
        return _fail(error, protocol.EXIT_REFUSED, error.hint, error.code)
    except BrokenPipeError:
        return protocol.EXIT_ERROR
    except OSError as error:
        return _fail("%s: %s" % (error.filename or request["home"], error.strerror), protocol.EXIT_ERROR)
    except ValueError as error:
        return _fail("the run's records are damaged: %s" % error, protocol.EXIT_ERROR)
    if answer is not None:
        print(json.dumps(answer))
    return 0


def _answer(request: dict[str, Any], source: BinaryIO) -> Any:
    verb, home = request["verb"], os.path.abspath(os.path.expanduser(request["home"]))
    if verb == "start":
        run = control.start(home, request["spec"], request["secrets"], request.get("login"))
        if request["follow"]:
            return Follower(run, Start(), sys.stdout.fileno()).follow()
        return {"run_id": run.run_id}
    if verb == "status":
        return [control.status(home, run_id) for run_id in request["runs"]]
    if verb == "receive":
        from runctl.agent.receive import receive  # not for a run that starts

        return receive(home, request, source, sys.stdout.buffer)
    if verb == "live":
        return control.live(home)
    if verb in ("runs", "checkpoints"):
        from runctl.agent import listing  # not for a run that starts

        if verb == "checkpoints":
            return listing.checkpoints_of(home, request["run"])
        return listing.runs(home, request["known"], request["newest"])
    if verb == "processes":
        from runctl.agent import load

        return load.watch(request["interval_s"], request["watch"])
    if verb in protocol.ABOUT_VOLUMES:
        from runctl.agent.volumes import verbs  # for root, and for nothing that a run needs

        return verbs.answer(request)
    if verb == "stop":
        return control.stop(home, request["run"], request["grace_s"], request["signal"])
    if verb == "remove":
        return control.remove(home, request["run"])
    if verb == "follow":
        run = control.find(home, request["run"])
        return Follower(run, Start(**request["start"]), sys.stdout.fileno()).follow()
    raise control.Refused("this agent knows no request %r" % verb)


def _fail(error: object, exit_code: int, hint: str | None = None, code: str | None = None) -> int:
    print(json.dumps({"error": str(error), "hint": hint, "code": code}), file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
