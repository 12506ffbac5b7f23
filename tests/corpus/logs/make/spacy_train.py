"""`spacy train` on a few texts: `pip install spacy`, then `python spacy_train.py`."""

import subprocess
import sys
import tempfile
from pathlib import Path

import spacy
from spacy.tokens import DocBin

TEXTS = [
    ("what a lovely film", "GOOD"),
    ("a long, dull evening", "BAD"),
    ("fine music", "GOOD"),
    ("very bad", "BAD"),
]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pipeline = spacy.blank("en")
        documents = DocBin()
        for text, label in TEXTS * 10:
            document = pipeline(text)
            document.cats = {"GOOD": float(label == "GOOD"), "BAD": float(label == "BAD")}
            documents.add(document)
        documents.to_disk(folder / "data.spacy")
        run(["init", "config", str(folder / "config.cfg"), "--pipeline", "textcat"], quiet=True)
        data = str(folder / "data.spacy")
        settings = ["--training.max_steps", "60", "--training.eval_frequency", "10"]
        run(["train", str(folder / "config.cfg"), "--paths.train", data, "--paths.dev", data, *settings])


def run(arguments: list[str], quiet: bool = False) -> None:
    subprocess.run([sys.executable, "-m", "spacy", *arguments], check=True, capture_output=quiet)


if __name__ == "__main__":
    main()
