"""The half of runctl that runs on the machine: standard library only, Python 3.8 and later, no other import."""
