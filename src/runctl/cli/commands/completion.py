"""`runctl completion`

Add one line to your shell's start-up file:
  bash (~/.bashrc)                      eval "$(runctl completion bash)"
  zsh (~/.zshrc, after compinit)        eval "$(runctl completion zsh)"
  fish (~/.config/fish/config.fish)     runctl completion fish | source
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell to print the script for")


def execute(args: argparse.Namespace, app: App) -> None:
    from argcomplete.shell_integration import shellcode

    script = shellcode(["runctl"], shell=args.shell).rstrip("\n")
    app.answer({"shell": args.shell, "script": script}, [script], [script])
