"""EC2's refusals, with AWS's codes."""

from __future__ import annotations

from typing import NoReturn

from moto.ec2.exceptions import EC2ClientError


def refuse(code: str, message: str) -> NoReturn:
    """Raises the error that EC2 answers with."""
    raise EC2ClientError(code, message)


def refuse_state(instance_id: str, state: str, wanted: str) -> NoReturn:
    """The instance is in a state in which that can't be done."""
    refuse("IncorrectInstanceState", f"The instance '{instance_id}' is not in a state from which it can be {wanted}.")
