"""The command line: a table of commands, each imported only when it is called."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
from typing import Any, NoReturn, TextIO

from runctl import __version__
from runctl.cli.app import App, add_common_options
from runctl.core.errors import UsageError

PROGRAM = "runctl"

# command → one-line help; `module_of` says where it is
COMMANDS = {
    "local": "Run a script on this machine",
    "train": "Run a script on an instance made for it",
    "params": "Show what a script can be told, read from its own parser",
    "runs list": "List runs, newest first",
    "runs show": "Show one run: state, times, metrics, settings",
    "runs logs": "Print what a run's script printed",
    "runs plot": "Plot metrics in the terminal or into a file",
    "runs compare": "Compare runs: hyperparameters and metrics side by side",
    "runs stop": "Stop a run: signal, grace period, kill",
    "runs remove": "Remove the records of finished runs",
    "checkpoint list": "List the checkpoints in a folder or of a run",
    "checkpoint info": "Show what a checkpoint holds, without loading it",
    "aws create": "Create an instance",
    "aws list": "List instances",
    "aws status": "Show one instance: state, addresses, volumes, cost so far",
    "aws wait": "Wait until an instance runs, can be reached, is stopped or gone",
    "aws start": "Start stopped instances",
    "aws stop": "Stop instances; their disks stay",
    "aws terminate": "End instances for good",
    "aws ssh": "Log in to an instance, or run a command there",
    "aws train": "Train a script on an instance",
    "aws sync": "Send the project's code to an instance",
    "aws processes": "Show how busy an instance is: CPU, memory, disks, GPUs, processes",
    "aws monitor": "Find an instance's runs, and watch one",
    "aws setup": "Make what instances need: role, security group, key",
    "aws doctor": "Check credentials, permissions, quotas and leftovers",
    "aws ebs create": "Create a volume",
    "aws ebs list": "List volumes, with what they cost",
    "aws ebs attach": "Attach a volume to an instance, and mount it",
    "aws ebs mount": "Mount an attached volume",
    "aws ebs unmount": "Unmount a volume",
    "aws ebs detach": "Unmount a volume and take it from its instance",
    "aws ebs delete": "Delete volumes for good",
    "aws ebs snapshot": "Make a snapshot of a volume",
    "aws ebs snapshots": "List snapshots",
    "aws ebs restore": "Make a volume of a snapshot",
    "aws ebs pre-warm": "Read all of a restored volume, to make it fast",
    "aws ebs resize": "Make a volume larger",
    "s3 upload": "Upload a file or a folder to S3",
    "s3 download": "Download an object or a prefix of S3",
    "s3 sync": "Make a folder and a prefix of S3 the same",
    "s3 list": "List objects in S3",
    "sandbox up": "Start the sandbox",
    "sandbox down": "Take the sandbox down, with everything in it",
    "sandbox status": "Show the sandbox: instances, volumes, faults",
    "sandbox env": "Print the variables that lead AWS's tools to the sandbox",
    "sandbox reset": "Empty the sandbox",
    "sandbox logs": "Print the sandbox's log",
    "sandbox interrupt": "Interrupt a spot instance of the sandbox",
    "sandbox fault add": "Make something go wrong in the sandbox",
    "sandbox fault list": "List the faults that are set",
    "sandbox fault clear": "Clear all faults",
    "init": "Write a commented .runctl.toml for this project",
    "config show": "Show the settings in force and where each came from",
    "config set": "Set a setting in the project's or the user's file",
    "config validate": "Check the configuration files and RUNCTL_* variables",
    "completion": "Print the completion script for bash, zsh or fish",
}
GROUPS = {
    "runs": "Look at runs and end them",
    "checkpoint": "Look at checkpoints",
    "config": "Read and change settings",
    "aws": "Rent machines of AWS: EC2 instances",
    "aws ebs": "EBS volumes and snapshots",
    "s3": "Move files to and from S3",
    "sandbox": "An AWS account in a box on this machine, to rehearse with",
    "sandbox fault": "What goes wrong in the sandbox",
}

EPILOG = """\
options:
  -h, --help     show this help; every command has its own
  --version      show the version

`runctl GROUP --help` lists a group's commands.
Start with:  runctl local train.py -- --epochs 3
"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are runctl's errors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}", hint=f"see: {self.prog} --help")


def main(argv: list[str] | None = None) -> int:
    """Runs one command line. Returns its exit code; prints errors, and never a traceback without --debug."""
    words = sys.argv[1:] if argv is None else argv
    _open_closed_streams()
    # where a caller ignores it, and programs inherit that, nobody learns how the processes that we start end
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if "_ARGCOMPLETE" in os.environ:
        from runctl.cli.completing import complete

        complete()
    try:
        return _dispatch_and_flush(words)
    except BrokenPipeError:
        # whoever read our output has left, as `| head` does; leave as other programs do, by SIGPIPE's code
        with contextlib.suppress(OSError):
            _flush(sys.stderr)
        return 141
    except (Exception, KeyboardInterrupt) as error:
        from runctl.cli.failing import report

        return report(error, words)


def _open_closed_streams() -> None:
    """Gives a stream that the caller closed (`>&-`) an end that swallows what is written, as other programs do."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123 - pathlib is not imported for this


def _dispatch_and_flush(words: list[str]) -> int:
    try:
        return _dispatch(words)
    finally:
        _flush(sys.stdout)


def _flush(stream: TextIO) -> None:
    try:
        # a closed pipe or a full disk must be noticed here, where it can be reported
        stream.flush()
    except OSError:
        # … and not once more when the interpreter shuts down
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(help_text())
        return 0
    if words[0] in ("--version", "-V"):
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return 0
    name = command_of(words)
    if name is None:
        group = [word for word in words if not word.startswith("-") and word != "help"]
        sys.stdout.write(help_text(" ".join(group)))
        return 0
    parser, module = command_parser(name)
    args = _parse(parser, words[len(name.split()) :], getattr(module, "TAKES_SCRIPT_ARGUMENTS", False))
    return int(module.execute(args, App(args)) or 0)


def _parse(parser: Parser, words: list[str], takes_script_arguments: bool) -> argparse.Namespace:
    """The parsed words; what stands after `--` is kept as it is for commands that pass it on to a script."""
    if not takes_script_arguments:
        return parser.parse_args(words)
    own = words[: words.index("--")] if "--" in words else words
    args, unknown = parser.parse_known_args(own)
    if unknown:
        raise UsageError(
            f"{parser.prog}: there is no option or argument {' '.join(unknown)!r}",
            hint=_after_dashes(parser, args, unknown),
        )
    args.after_dashes = words[len(own) + 1 :]
    return args


def _after_dashes(parser: Parser, args: argparse.Namespace, unknown: list[str]) -> str:
    """Where words belong that are not runctl's own."""
    what, first = ("script", args.script) if hasattr(args, "script") else ("command", args.instance)
    return f"arguments for the {what} go after --: {parser.prog} {first} -- {' '.join(unknown)}"


def command_of(words: list[str]) -> str | None:
    """The name in COMMANDS that `words` start with; None when they ask for a group's help."""
    name = ""
    for word in words:
        if name and word in ("-h", "--help", "help"):
            return None
        known = [other for other in COMMANDS if other.startswith(name)]
        longer = f"{name}{word}"
        if longer in COMMANDS:
            return longer
        if longer not in GROUPS:
            group = name.rstrip()
            what = f"'{group}' command" if group else "command"
            nexts = [other.removeprefix(name).split()[0] for other in known]
            raise _unknown(what, word, nexts, " ".join(filter(None, [PROGRAM, group, "--help"])))
        name = longer + " "
    return None


def module_of(name: str) -> str:
    """The module of a command: its words are folders and the file, `aws ebs pre-warm` → `….aws.ebs.pre_warm`."""
    return "runctl.cli.commands." + name.replace(" ", ".").replace("-", "_")


def command_parser(name: str) -> tuple[Parser, Any]:
    """The parser of one command, and the command's module (`configure(parser)`, `execute(args, app)`)."""
    module = importlib.import_module(module_of(name))
    parser = Parser(
        prog=f"{PROGRAM} {name}",
        description=COMMANDS[name] + ".",
        epilog=module.__doc__ and module.__doc__.partition("\n")[2].strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.configure(parser)
    add_common_options(parser)
    return parser, module


def help_text(group: str | None = None) -> str:
    """The help of runctl, or of one group of commands; made from the tables, nothing else is imported."""
    if group:
        start = f"usage: {PROGRAM} {group} COMMAND [options]\n\n{GROUPS[group]}.\n"
        tail = f"`{PROGRAM} {group} COMMAND --help` says more.\n"
    else:
        start = (
            f"usage: {PROGRAM} COMMAND [options]\n\n"
            "Train scripts on machines you rent or own, and lose neither money nor work.\n"
        )
        tail = EPILOG
    rows = [(name, text) for name, text in COMMANDS.items() if name.rpartition(" ")[0] == (group or "")]
    groups = [(name, text) for name, text in GROUPS.items() if name.rpartition(" ")[0] == (group or "")]
    width = max(len(name) for name, _ in [*rows, *groups])
    lines = "".join(f"  {name:<{width}}  {text}\n" for name, text in rows)
    more = "".join(f"  {name:<{width}}  {text}\n" for name, text in groups)
    return f"{start}\ncommands:\n{lines}\n" + (f"groups of commands:\n{more}\n" if more else "") + tail


def _unknown(what: str, word: str, known: list[str], see: str) -> UsageError:
    import difflib

    near = difflib.get_close_matches(word, dict.fromkeys(known), n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"see: {see}"
    return UsageError(f"there is no {what} {word!r}", hint=hint)
