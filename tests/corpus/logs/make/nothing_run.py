"""Output without a metric, from the tools themselves: `pip install torch==2.13.0 torchinfo keras jax transformers datasets
accelerate numpy pandas pytest scikit-learn`, then `python nothing_run.py NAME`."""

# ruff: noqa: E501 - the printed lines stay whole

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIGURATION = {
    "model": {"name": "resnet50", "dropout": 0.1, "layers": [3, 4, 6, 3]},
    "optimizer": {"name": "adamw", "lr": 0.0003, "weight_decay": 0.05, "betas": [0.9, 0.999]},
    "train": {"epochs": 90, "batch_size": 256, "loss": "ce", "loss_weight": 0.5, "target_accuracy": 0.9, "seed": 42},
    "data": {"root": "/data/imagenet", "workers": 8, "image_size": 224},
}


def traceback_loss() -> None:
    import torch

    criterion = torch.nn.CrossEntropyLoss()

    def train_one_epoch(epoch: int) -> None:
        outputs, targets = torch.rand(32, 10), torch.rand(16)
        loss = criterion(outputs, targets)
        print(f"epoch {epoch}: loss={loss.item():.4f}")

    train_one_epoch(epoch=3)


def traceback_nested() -> None:
    def validate(step: int, val_loss: float) -> None:
        assert val_loss < 0.5, f"step={step} is broken"

    try:
        best = {"loss": 0.25}["accuracy"]
        print(best)
    except KeyError:
        validate(step=1200, val_loss=0.75)


def warnings_many() -> None:
    import torch
    from sklearn.metrics import classification_report

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    torch.optim.lr_scheduler.StepLR(optimizer, 30).step()
    classification_report([0, 1, 2, 2], [0, 1, 1, 1])


def json_config() -> None:
    print("Configuration: " + json.dumps(CONFIGURATION))
    print(json.dumps(CONFIGURATION))


def json_config_pretty() -> None:
    print(json.dumps(CONFIGURATION, indent=2))


def yaml_config() -> None:
    import yaml

    print(yaml.safe_dump(CONFIGURATION, sort_keys=False))


def namespace() -> None:
    parser = argparse.ArgumentParser()
    for name, value in {**CONFIGURATION["train"], **CONFIGURATION["optimizer"]}.items():
        parser.add_argument(f"--{name}", default=value)
    args = parser.parse_args([])
    print(args)
    for name, value in vars(args).items():
        print(f"{name}: {value}")


def hyperparameters() -> None:
    """The banner and the aligned table that many scripts start with."""
    print("=" * 40, "Hyperparameters", "=" * 40, sep="\n")
    for name, value in CONFIGURATION["train"].items():
        print(f"{name:<20} = {value}")
    print("-" * 40)
    print(f"Learning rate: {0.0003}\nBatch size: {256}\nDropout: {0.1}\nWarmup steps: {500}\nMax epochs: {90}")


def dataclass_config() -> None:
    @dataclasses.dataclass
    class TrainConfig:
        lr: float = 3e-4
        batch_size: int = 64
        max_steps: int = 600_000
        grad_clip: float = 1.0
        target_loss: float = 3.28

    print(TrainConfig())


def hf_config() -> None:
    from transformers import BertConfig, TrainingArguments

    print(BertConfig())
    with tempfile.TemporaryDirectory() as folder:
        print(repr(TrainingArguments(folder, use_cpu=True, report_to=[])).replace(folder, "/tmp/output"))


def map_bars() -> None:
    from datasets import Dataset

    data = Dataset.from_dict({"text": [f"line {index}" for index in range(1000)]})
    data = data.map(lambda row: {"length": len(row["text"])})
    data = data.filter(lambda row: row["length"] > 6)
    with tempfile.TemporaryDirectory() as folder:
        data.save_to_disk(folder)


def hub_bars() -> None:
    """The bars of torch.hub and huggingface_hub downloads, drawn by tqdm with those libraries' settings."""
    from tqdm import tqdm

    settings = {"unit": "B", "unit_scale": True, "mininterval": 0.05}
    print(
        'Downloading: "https://download.pytorch.org/models/resnet18-f37072fd.pth" to /root/.cache/torch/hub/checkpoints'
    )
    files = [("", 46_830_571, 1024), ("model.safetensors: ", 437_972_648, 1000), ("tokenizer.json: ", 466_062, 1000)]
    for name, size, divisor in files:
        with tqdm(desc=name.rstrip(": ") or None, total=size, unit_divisor=divisor, **settings) as bar:
            for _ in range(20):
                bar.update(size // 20)
                time.sleep(0.02)
    for _ in tqdm(range(4), desc="Fetching 4 files", mininterval=0.05):
        time.sleep(0.03)
    for _ in tqdm(range(2), desc="Loading checkpoint shards", mininterval=0.05):
        time.sleep(0.03)


def keras_summary() -> None:
    import keras

    layers = [keras.layers.Conv2D(32, 3), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(10)]
    keras.Sequential([keras.Input((28, 28, 1)), *layers]).summary()


def torchinfo_summary() -> None:
    import torch
    import torchinfo

    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(21632, 10)
    )
    torchinfo.summary(model, (64, 1, 28, 28), verbose=1)
    print(model)
    print(f"Number of parameters: {sum(weights.numel() for weights in model.parameters())} (0.22M)")


def numpy_arrays() -> None:
    import numpy
    import torch

    generator = numpy.random.default_rng(1)
    print(generator.normal(size=(6, 8)))
    print("confusion matrix:\n", generator.integers(0, 50, (4, 4)))
    print("class weights:", generator.random(5).round(3))
    torch.manual_seed(1)
    print(torch.randn(4, 4), torch.rand(3), sep="\n")
    print("shape:", torch.rand(2, 3).shape, torch.tensor([1e-5, 2e3]))


def pandas_tables() -> None:
    import numpy
    import pandas

    table = pandas.DataFrame(numpy.random.default_rng(1).random((50, 4)), columns=["age", "height", "income", "score"])
    print(table)
    print(table.describe())
    print(table.info())
    print(table["age"].value_counts(bins=4))


def dataset_statistics() -> None:
    print("Train: 50000 samples, 10 classes\nVal: 10000 samples, 10 classes\nTest: 10000 samples")
    print("Found 1281167 images belonging to 1000 classes.\nLoaded 128 batches of size 64 in 3.2 s")
    print("Class 0: 5000 (10.0%)\nClass 1: 5000 (10.0%)\nmean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]")
    print("vocab size: 50257, max length: 1024, tokens: 338025\nlen(train_loader) = 391\nlen(val_loader) = 79")


def pytest_run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder, "test_train.py")
        test.write_text(
            "import pytest\n\n@pytest.mark.parametrize('lr', [0.1, 0.01, 0.001])\ndef test_loss(lr):\n"
            "    loss = 0.25 * lr\n    assert loss < 0.02, f'loss={loss} at step=10'\n"
        )
        subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "--durations=3", test], cwd=folder
        )


def git_log() -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = {"NAME": "A U Thor", "EMAIL": "author@example.com", "DATE": "2026-01-05T12:00:00 +0100"}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in names.items()}

        def git(*arguments: str) -> None:
            sys.stdout.flush()
            subprocess.run(["git", "-C", folder, *arguments], env={**os.environ, **who}, check=True)

        git("init", "-q")
        for index, subject in enumerate(
            ["Lower lr to 0.001, loss 0.25 -> 0.21", "Reach a val_acc of 91.2 after 30 epochs", "v1.2.0"]
        ):
            Path(folder, f"train{index}.py").write_text("loss = 0.1\n" * (index + 3))
            git("add", ".")
            git("commit", "-q", "-m", subject)
        git("log", "--stat")


def pip_install() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--progress-bar",
            "on",
            "--target",
            f"{folder}/x",
            "attrs",
            "idna",
        ]
        subprocess.run(command, env={**os.environ, "PIP_CONFIG_FILE": os.devnull})


def compiler() -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "kernel.cpp")
        source.write_text(
            "int main() {\n  int loss = 0.25;\n  float step[10];\n  for (int i = 0; i < 20; i++) step[i] = 1 / i;\n}\n"
        )
        subprocess.run(["g++", "-Wall", "-Wextra", "-Wconversion", "-O2", "-c", "kernel.cpp"], cwd=folder)


def readme() -> None:
    print(Path(__file__).with_name("printed_readme.md").read_text())


def binary_noise() -> None:
    import random

    generator = random.Random(1)
    sys.stdout.buffer.write(generator.randbytes(4000) + b"\n" + "naïve loß".encode("latin-1") + b"\n\xf0\x9f\x98\n")
    sys.stdout.buffer.write(b"\x1b[2J\x1b[H\x1b]0;loss=0.5\x07\x1b[38;5;196m\x1bP1$r0m\x1b\\\x00\x00\x00\n")


def ansi_art() -> None:
    for row in range(12):
        print(
            "".join(f"\x1b[48;2;{row * 20};{column * 6};90m \x1b[38;5;{16 + column}m▀" for column in range(40))
            + "\x1b[0m"
        )
    print(
        "  ____  _   _ _   _\n |  _ \\| | | | \\ | |  v1.2.3\n | |_) | |_| |  \\| |  (c) 2026\n |_| \\_\\\\___/|_| \\_|  ===> 100%"
    )


if __name__ == "__main__":
    globals()[sys.argv[1]]()
