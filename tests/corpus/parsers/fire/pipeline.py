"""Several steps of a project behind one command line: a dict of functions and classes."""

import json
from dataclasses import dataclass

from fire import Fire


def prepare(source, target="data", limit=None, shuffle=True):
    """Makes the training set."""
    print(json.dumps(dict(command="prepare", source=source, target=target, limit=limit, shuffle=shuffle)))


def train(config="base", lr: float = 0.01, layers=(64, 64), betas=(0.9, 0.999), tags=None, resume=None, gpus=0):
    """Trains."""
    received = dict(config=config, lr=lr, layers=layers, betas=betas, tags=tags, resume=resume, gpus=gpus)
    print(json.dumps({"command": "train", **received}))


@dataclass
class Export:
    """Writes a model for serving."""

    checkpoint: str
    opset: int = 17
    half: bool = False

    def onnx(self, simplify: bool = True):
        print(
            json.dumps(
                dict(command="onnx", checkpoint=self.checkpoint, opset=self.opset, half=self.half, simplify=simplify)
            )
        )


def main():
    Fire({"prepare": prepare, "train": train, "export": Export})


if __name__ == "__main__":
    main()
