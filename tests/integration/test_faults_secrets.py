"""Secrets reach the script and nothing else: no file, no command line, no output."""

from __future__ import annotations

import os
from pathlib import Path

from support import Runctl, alive, go, start, write_script

SECRET = "hunter2-is-my-pässword"
LEAKY = """
    import json, os, subprocess, sys, time
    token = os.environ["TOKEN"]
    def tell(text):
        os.write(1, text if isinstance(text, bytes) else text.encode())
    tell(f"{token}{token} {token}\\n")
    for byte in token.encode():
        tell(bytes([byte]))
        time.sleep(0.001)
    tell("\\n" + token[:-1] + "\\n")
    os.write(2, ("error: " + token + "\\n").encode())
    subprocess.run(["sh", "-c", 'echo "child $TOKEN"'])
    tell("x" * 65530 + token + "\\n")
    with open(os.environ["RUNCTL_METRICS"], "a") as file:
        print(json.dumps({"loss": 1}), file=file)
    tell("ready\\n")
    while not os.path.exists("go"):
        time.sleep(0.01)
    tell(token[:5])
"""


def test_a_secret_is_on_no_disk_in_no_command_line_and_in_no_output(folder: Path, home: Path, runctl: Runctl) -> None:
    run = start(runctl, "--secret", "TOKEN", write_script(LEAKY), env={"TOKEN": SECRET})
    run.printed("ready")
    needle = SECRET.encode()

    lines = b"".join(_command_line(pid) for pid in (run.supervisor, run.keeper, run.script))
    shown = runctl("runs", "show", run.id).stdout + runctl("runs", "show", run.id, "--json").stdout
    go()
    run.finished()

    assert needle not in lines
    assert "TOKEN" in shown
    assert SECRET not in shown
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if needle in path.read_bytes() or SECRET in path.read_text("latin-1")] == []
    almost = SECRET[:-1].encode()
    expected = b"****** ***\n***\n" + almost + b"\nerror: ***\nchild ***\n" + b"x" * 65530 + b"***\nready\nhunte"
    assert run.output() == expected


def test_a_script_that_fails_to_start_does_not_show_its_secrets(folder: Path, home: Path, runctl: Runctl) -> None:
    script = Path(f"train-{SECRET}.sh")
    script.write_text("#!/no/such/shell\n")
    script.chmod(0o755)
    run = start(runctl, "--secret", "TOKEN", f"./{script}", env={"TOKEN": SECRET})

    state = run.finished()

    assert state["outcome"] == "failed"
    assert SECRET not in state["reason"]
    assert SECRET not in run.texts()
    assert not alive(state["agent_pid"])


def test_a_secret_given_to_a_run_is_in_the_environment_of_its_script_alone(folder: Path, runctl: Runctl) -> None:
    Path("token").write_text(SECRET)
    script = write_script(
        """
        import os, time
        print("ready", os.environ["TOKEN"] == open("token").read())
        while not os.path.exists("go"):
            time.sleep(0.01)
        """
    )
    run = start(runctl, "--secret", "TOKEN=@token", script)
    run.printed("ready True")

    environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in (run.supervisor, run.keeper)]

    assert not any(SECRET.encode() in environment for environment in environments)
    go()
    run.finished()
    assert "TOKEN" not in os.environ


def _command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
