"""A script in a Docker container: its image, what it sees of the machine, its life and its end."""
