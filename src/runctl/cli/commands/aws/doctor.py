"""Check whatever could keep runctl from working in an account: credentials, region, clock, permissions, images, quotas,
S3, access; and look for what was left behind and costs money. Exits with 1 when something will not work.

examples:
  runctl aws doctor
  runctl aws doctor --json --region eu-west-1
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, config_of
from runctl.core.aws import Account
from runctl.providers.aws.doctor import examine
from runctl.providers.aws.findings import FAIL
from runctl.ui.findings import finding_lines


def configure(parser: argparse.ArgumentParser) -> None:
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    config = config_of(args, app)
    findings = list(examine(Account(config), config))
    ok = all(finding.level != FAIL for finding in findings)
    lines = [line for finding in findings for line in finding_lines(finding)]
    app.answer({"ok": ok, "findings": [finding._asdict() for finding in findings]}, lines, [])
    return 0 if ok else 1
