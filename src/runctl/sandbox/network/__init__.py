"""VPCs, public addresses, security groups and cut cables, on this machine."""

from runctl.sandbox.network.network import Network, remove_everything

__all__ = ["Network", "remove_everything"]
