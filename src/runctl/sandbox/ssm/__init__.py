"""Systems Manager, as far as instances are reached by it: commands that really run, sessions that really connect."""

from runctl.sandbox.ssm.errors import SsmError
from runctl.sandbox.ssm.ssm import Ssm

__all__ = ["Ssm", "SsmError"]
