"""EBS volumes as the machine sees them: which device, what it holds, where it is mounted. Runs as root."""
