"""A Docker image for tests, made of the Python of the machine that it is on: registries may be out of reach."""

from __future__ import annotations

from pathlib import Path

IMAGE = "runctl-test-python:1"
# what scikit-learn needs, as Debian has it
SKLEARN = "numpy scipy sklearn joblib threadpoolctl.py decorator.py"
# a shell program; its arguments are the image's name, and modules of Debian's that are to be in it
MAKE_IMAGE = (Path(__file__).parents[1] / "examples/make_python_image.sh").read_text()
