"""The instance metadata service (IMDSv2), told for each host what it is."""

from runctl.sandbox.metadata.model import Credentials, Host, Notice, Profile
from runctl.sandbox.metadata.server import Metadata

__all__ = ["Credentials", "Host", "Metadata", "Notice", "Profile"]
