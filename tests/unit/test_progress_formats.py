"""What scripts print, and what is read from it."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from runctl.agent.progress.detector import Detector


def read(output: str | bytes) -> list[dict[str, Any]]:
    """The fields found in a script's whole output, without their offsets."""
    detector = Detector()
    data = output if isinstance(output, bytes) else textwrap.dedent(output).encode()
    found = [*detector.feed(data), *detector.finish()]
    return [{name: value for name, value in one.fields.items() if name != "output"} for one in found]


def last(output: str | bytes) -> dict[str, Any]:
    """The newest values and position of a whole output, as a run's state keeps them."""
    state: dict[str, Any] = {"values": {}}
    for fields in read(output):
        state["values"].update(fields["values"])
        state.update({name: value for name, value in fields.items() if name != "values"})
    return state


LINES = {
    "Epoch 3/10": {"epoch": 3, "total_epochs": 10},
    "Epoch [3/10], Step [100/600], Loss: 0.2": {
        "loss": 0.2,
        "epoch": 3,
        "total_epochs": 10,
        "step": 1300,
        "total_steps": 6000,
    },
    "Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300000": {"loss": 2.3, "epoch": 1, "step": 640},
    "step 100 | loss 2.31 | lr 3e-4": {"loss": 2.31, "lr": 3e-4, "step": 100},
    "iter 100: loss 2.3, time 20ms": {"loss": 2.3, "step": 100},
    "iter 0: loss 10.9886, time 49143.61ms, mfu -100.00%": {"loss": 10.9886, "mfu": -100.0, "step": 0},
    "step 250: train loss 2.1, val loss 2.2": {"train_loss": 2.1, "val_loss": 2.2, "step": 250},
    "step=100 loss=0.5 acc=0.9": {"loss": 0.5, "acc": 0.9, "step": 100},
    "step: 100, loss: nan, grad_norm: inf": {"loss": "NaN", "grad_norm": "Infinity", "step": 100},
    "Epoch: 3 - Loss: -1.5e-3 - Accuracy: 93.2%": {"loss": -1.5e-3, "accuracy": 93.2, "epoch": 3},
    "[epoch 3] loss=0.25": {"loss": 0.25, "epoch": 3},
    "Epoch 3 of 10: loss = 0.25": {"loss": 0.25, "epoch": 3, "total_epochs": 10},
    "Epoch 1, Batch 200/600, Loss: 1.5": {"loss": 1.5, "epoch": 1, "step": 200},
    "step 12,000: loss 1.5": {"loss": 1.5, "step": 12000},
    "step 10: loss 0.5, tokens 1.2M, throughput 3,400 tok/s": {"loss": 0.5, "step": 10},
    "[10]\ttrain-rmse:0.30000\teval-rmse:0.40000": {"train-rmse": 0.3, "eval-rmse": 0.4, "step": 10},
    "[100]\tvalid_0's l2: 0.3\tvalid_0's auc: 0.9": {"valid_0_l2": 0.3, "valid_0_auc": 0.9, "step": 100},
    "100:\tlearn: 0.3\ttest: 0.4\tbest: 0.4 (100)\ttotal: 1s\tremaining: 2s": {"learn": 0.3, "test": 0.4, "step": 100},
    "2024-01-01 12:00:00,123 - INFO - __main__ - step=3 loss=0.5": {"loss": 0.5, "step": 3},
    "2024-01-01 12:00:00.123 | INFO     | __main__:train:42 - Epoch 1 loss 0.3": {"loss": 0.3, "epoch": 1},
    "INFO:root:Epoch 1 loss 0.3": {"loss": 0.3, "epoch": 1},
    "[2024-01-01 12:00:00,123][__main__][INFO] - Epoch 1 loss: 0.3": {"loss": 0.3, "epoch": 1},
    "[rank0]: step 5 loss 0.25": {"loss": 0.25, "step": 5},
    "[default0]:step 5 loss 0.25": {"loss": 0.25, "step": 5},
    "[rank1]: step 5 loss 0.25": {},
    '{"step": 5, "loss": 0.5}': {"loss": 0.5, "step": 5},
    '{"step": 5, "loss": NaN, "lr": 1e-4, "mode": "train"}': {"loss": "NaN", "lr": 1e-4, "step": 5},
    '{"epoch": 2, "metrics": {"loss": 0.5, "f1": 0.8}}': {"loss": 0.5, "f1": 0.8, "epoch": 2},
    'metrics: {"loss": 0.5, "accuracy": 0.9}': {"loss": 0.5, "accuracy": 0.9},
    "{'loss': 2.3, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': 0.5}": {
        "loss": 2.3,
        "grad_norm": 1.5,
        "learning_rate": 5e-05,
        "epoch": 0.5,
    },
    "{'loss': '2.3', 'grad_norm': '1.5', 'learning_rate': '5e-05', 'epoch': '0.5'}": {
        "loss": 2.3,
        "grad_norm": 1.5,
        "learning_rate": 5e-05,
        "epoch": 0.5,
    },
    "{'eval_loss': 0.5, 'eval_f1': 0.75, 'epoch': 1.0}": {"eval_loss": 0.5, "eval_f1": 0.75, "epoch": 1.0},
    "epoch 1: {'accuracy': 0.8, 'f1': 0.7}": {"accuracy": 0.8, "f1": 0.7, "epoch": 1},
    "Epoch(train) [1][100/500]  lr: 1.0000e-03  eta: 0:01:00  time: 0.3  data_time: 0.1  memory: 1234  loss: 0.5": {
        "lr": 1e-3,
        "loss": 0.5,
        "epoch": 1,
        "step": 100,
    },
    "[11/23 12:00:01 d2.utils.events]:  eta: 0:01:00  iter: 19  total_loss: 2.3  loss_cls: 1.1  time: 0.2  lr: 0.001  "
    "max_mem: 2000M": {"total_loss": 2.3, "loss_cls": 1.1, "lr": 0.001, "step": 19},
    "Epoch: [0][  10/5005]\tTime  0.300 (  0.500)\tData  0.1 (  0.2)\tLoss 6.9e+00 (7.0e+00)\tAcc@1   0.50 (  0.40)": {
        "loss": 6.9,
        "acc@1": 0.5,
        "epoch": 0,
        "step": 10,
    },
    "| epoch   1 |   200/ 2983 batches | lr 20.00 | ms/batch 12.3 | loss  7.6 | ppl  2000.1": {
        "lr": 20.0,
        "loss": 7.6,
        "ppl": 2000.1,
        "epoch": 1,
        "step": 200,
    },
    "val_loss: 0.35": {"val_loss": 0.35},
    "Test set: Average loss: 0.0292, Accuracy: 9903/10000 (99%)": {"average_loss": 0.0292},
    "  iteration      100/  500000 | consumed samples:  1600 | elapsed time per iteration (ms): 123.4 | "
    "learning rate: 1.5E-04 | lm loss: 9.8E+00 | loss scale: 1.0 | grad norm: 3.2 |": {
        "learning_rate": 1.5e-4,
        "lm_loss": 9.8,
        "loss_scale": 1.0,
        "grad_norm": 3.2,
        "step": 100,
        "total_steps": 500000,
    },
    " 30%|###   | 3/10 [00:01<00:02,  1.20it/s, loss=0.3]": {"loss": 0.3, "step": 3, "total_steps": 10},
    "Epoch 2/3:  30%|###   | 3/10 [00:01<00:02,  1.20s/it, loss=0.3]": {
        "loss": 0.3,
        "epoch": 2,
        "total_epochs": 3,
        "step": 13,
        "total_steps": 30,
    },
    "123it [00:02, 50.00it/s, loss=0.5]": {"loss": 0.5, "step": 123},
    "Epoch 0:  30%|###   | 3/10 [00:01<00:02,  1.20it/s, v_num=7, train_loss=0.3]": {
        "train_loss": 0.3,
        "epoch": 0,
        "step": 3,
    },
    "Epoch 0/4 ━━━━━━━━━━━━━━ 3/10 0:00:01 • 0:00:02 10.50it/s v_num: 0.000 train_loss: 0.300": {
        "train_loss": 0.3,
        "epoch": 0,
        "total_epochs": 4,
        "step": 3,
        "total_steps": 40,
    },
    "Steps:  30%|###   | 3/10 [00:01<00:02,  1.20it/s, lr=1e-5, step_loss=0.3]": {
        "lr": 1e-5,
        "step_loss": 0.3,
        "step": 3,
        "total_steps": 10,
    },
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_tells_its_metrics_and_its_position(line: str) -> None:
    found = last(line + "\n")
    values = found.pop("values")
    assert {**values, **found} == LINES[line]


NOTHING = [
    '  File "/work/epoch 3/train.py", line 12, in step\n    loss = 0.5\n',
    'Traceback (most recent call last):\n  File "t.py", line 3, in f\n    loss: float = 0.5\nValueError: loss: 0.5\n',
    "/data/run-12/epoch_3/step_100/loss_0.5.pt\n",
    "saved checkpoint to out/step-100/model.pt (loss 0.5)\n",
    "2024-01-01 12:00:00 accuracy\n",
    "listening on http://127.0.0.1:6006/ (step 1)\n",
    "Namespace(batch_size=32, epochs=10, loss=0.5, lr=0.001, step=3)\n",
    "{'lr': 0.001, 'batch_size': 32, 'epochs': 10}\n",
    '{"lr": 0.001, "dropout": 0.1}\n',
    '{\n  "lr": 0.001,\n  "loss": 0.5,\n  "epoch": 10\n}\n',
    "lr: 0.001\nmomentum: 0.9\nweight_decay: 0.0001\nloss_weight: 0.5\n",
    "optimizer:\n  lr: 0.001\nloss:\n  label_smoothing: 0.1\n  aux_loss_weight: 0.4\n",
    "epochs: 10\nbatch_size: 32\nloss: 0.5\n",
    "epochs=10, batch_size=32, lr=0.001, loss=0.5\n",
    "Total params: 1,234,567\nTrainable params: 1,234,567\n",
    "12.3 M    Trainable params\n49.2      Total estimated model params size (MB)\n",
    "collected 12 items\n5 passed, 1 warning in 0.12s\n",
    "torch 2.1.0, accuracy_lib 1.2.3, epoch-tools==0.5\n",
    "Downloading torch-2.1.0.whl (100.5 MB)\n",
    "   ━━━━━━━━━━━━━━━━━━━━━━━━ 100.5/100.5 MB 12.3 MB/s eta 0:00:00\n",
    "model.safetensors:  30%|###   | 30.1M/100M [00:01<00:02, 30.2MB/s]\n",
    "data.bin:  30%|###   | 3145728/10485760 [00:01<00:02, 30.2B/s]\n",
    "Map:  30%|###   | 300/1000 [00:01<00:02, 300.0 examples/s]\n",
    "Loading checkpoint shards:  50%|##   | 1/2 [00:01<00:01,  1.00s/it]\n",
    "Validating:  50%|##   | 1/2 [00:01<00:01,  1.00s/it]\n",
    "Sanity Checking DataLoader 0:  50%|##   | 1/2 [00:01<00:01,  1.00it/s]\n",
    "UserWarning: loss: 0.5 is not a scalar\n",
    "train.py:12: UserWarning: step 5 has loss: 0.5\n",
    "WARNING: epoch 3 loss: 0.5 is bad\n",
    "Epochs: 10\nNum Epochs = 10\n  Total optimization steps = 60\n",
    "shape: (3, 224, 224) accuracy\n",
    "| N/A   40C    P0    60W / 300W |   1234MiB / 16384MiB |     10%      Default | loss\n",
    "train: 50000 examples, test: 10000 examples, loss\n",
    "loss weight: 0.5\nmax loss: 3.5\n",
    "Using loss cross_entropy with 10 classes\n",
    "mean: 0.485, std: 0.229, accuracy\n",
    "Step 1/5 : RUN pip install torch==2.1\n",
    "precision: 16\n",
    "loss is 12 bytes\n",
    ">>> loss = 0.5\n$ python train.py --lr 0.001 --loss 0.5 --step 3\n",
    "best epoch: 7, best loss: 0.25\n",
    "Adjusting learning rate of group 0 to 1.0000e-03.\n",
    "val_loss improved from 0.35 to 0.31, saving model to m.h5\n",
    "loss = 0.5 * weight\n",
    "Starting step 3/5: downloading\n",
]


@pytest.mark.parametrize("output", NOTHING)
def test_what_is_no_progress_yields_nothing(output: str) -> None:
    assert read(output) == []


def test_keras_bars_count_over_the_epochs_that_are_announced() -> None:
    bar = (
        "\r\x1b[1m{}/5\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m━━\x1b[0m \x1b[1m1s\x1b[0m 5ms/step - accuracy: 0.5 - loss: {}"
    )
    done = bar.format(5, 0.25) + " - val_loss: 0.75\n"
    output = "Epoch 1/2\n" + bar.format(1, 0.5) + "\b" * 80 + done + "Epoch 2/2\n" + bar.format(2, 0.5) + done
    assert last(output) == {
        "values": {"accuracy": 0.5, "loss": 0.25, "val_loss": 0.75},
        "epoch": 2,
        "total_epochs": 2,
        "step": 10,
        "total_steps": 10,
    }
    evaluation = bar.format(3, 9.0) + done.replace("0.75", "9.9")
    assert last(output + evaluation) == last(output), "model.evaluate() is no epoch"


def test_keras_2_bars_are_read_too() -> None:
    output = """
        Epoch 1/3
         12/100 [==>...........................] - ETA: 5s - loss: 0.5000 - accuracy: 0.9000
    """
    assert last(output) == {
        "values": {"loss": 0.5, "accuracy": 0.9},
        "epoch": 1,
        "total_epochs": 3,
        "step": 12,
        "total_steps": 300,
    }


def tqdm(done: int, total: int, description: str = "", postfix: str = "", up: int = 0) -> str:
    """One drawing of a bar, as tqdm makes it: `up` lines below the first."""
    percent = done * 100 // total
    text = f"{description}{percent:3d}%|███       | {done}/{total} [00:01<00:02,  1.20it/s{postfix}]"
    return "\n" * up + "\r" + text + "\x1b[A" * up


def test_bars_below_a_bar_over_epochs_count_within_them() -> None:
    output = ""
    for epoch in range(3):
        output += tqdm(epoch, 3)
        output += "".join(tqdm(step, 10, postfix=f", loss={step}", up=1) for step in range(11))
    assert last(output + tqdm(3, 3) + "\n") == {
        "values": {"loss": 10.0},
        "epoch": 3,
        "total_epochs": 3,
        "step": 30,
        "total_steps": 30,
    }


def test_a_bar_that_comes_while_another_counts_steps_is_of_something_else() -> None:
    output = tqdm(0, 100) + tqdm(50, 100) + "".join(tqdm(step, 13, up=1) for step in range(14)) + tqdm(51, 100)
    positions = [fields["step"] for fields in read(output + "\n")]
    assert positions == [50, 51]


@pytest.mark.parametrize(
    "description", ["Validating: ", "Evaluating: ", "Validation DataLoader 0: ", "test: ", "eval: "]
)
def test_a_validation_bar_moves_no_position(description: str) -> None:
    training = [tqdm(step, 10, "Epoch 1: ", ", loss=0.5") for step in (5, 10)]
    validation = [tqdm(step, 10, description, ", loss=9.5, val_loss=0.75") for step in (1, 10)]
    found = read("".join([*training, "\n", *validation, "\n"]))
    assert [fields["step"] for fields in found] == [5, 10, 10, 10]
    assert last("".join([*training, *validation, "\n"]))["values"] == {"loss": 0.5, "val_loss": 0.75}


def test_bars_one_after_the_other_go_on_counting() -> None:
    output = "".join(tqdm(step, 10, postfix=", loss=0.5") for _ in range(3) for step in (1, 5, 10)) + "\n"
    assert [fields["step"] for fields in read(output)] == [1, 5, 10, 11, 15, 20, 21, 25, 30]


def test_steps_that_begin_anew_in_every_epoch_go_on() -> None:
    output = "".join(f"epoch {epoch} step {step} loss 0.5\n" for epoch in (0, 1, 2) for step in (0, 100, 200))
    assert [fields["step"] for fields in read(output)] == [0, 100, 200, 300, 400, 500, 600, 700, 800]


def test_epochs_that_count_from_zero_are_done_one_later() -> None:
    output = "".join(f"Epoch {epoch}/2: [{step}/10] loss: 0.5\n" for epoch in (0, 1) for step in (5, 10))
    assert [fields["step"] for fields in read(output)] == [5, 10, 15, 20]


def test_training_another_model_begins_anew() -> None:
    output = "".join(f"Epoch {epoch}/3 loss: 0.5\n" for _ in range(2) for epoch in (1, 2, 3))
    assert [fields["epoch"] for fields in read(output)] == [1, 2, 3, 1, 2, 3]


def test_an_epoch_that_is_past_is_only_mentioned() -> None:
    output = "".join(f"Epoch {epoch} loss: 0.5\n" for epoch in (1, 2, 3)) + "Epoch 2 had the best loss: 0.1\n"
    assert last(output) == {"values": {"loss": 0.5}, "epoch": 3}


def test_tables_are_read_by_their_header() -> None:
    fastai = """
        epoch     train_loss  valid_loss  accuracy  time
        0         0.500000    0.600000    0.700000  00:12
        1         0.400000    0.500000    0.800000  00:12
        done
    """
    assert last(fastai) == {"values": {"train_loss": 0.4, "valid_loss": 0.5, "accuracy": 0.8}, "epoch": 1}
    row, bar = (
        "\r      1/100      2.3G      {}      2.25      1.5         45        640: ",
        "|#####     | {}/8 [00:03<00:03]",
    )
    ultralytics = (
        "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"
        + row.format(1.251)
        + " 50%"
        + bar.format(4)
        + row.format(1.25)
        + "100%"
        + bar.format(8)
        + "\n          Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|##| 2/2 [00:01"
        "\n"
        "                   all        128        929       0.64       0.53       0.6       0.44\n"
    )
    assert last(ultralytics) == {
        "values": {
            "box_loss": 1.25,
            "cls_loss": 2.25,
            "dfl_loss": 1.5,
            "p": 0.64,
            "r": 0.53,
            "map50": 0.6,
            "map50-95": 0.44,
        },
        "epoch": 1,
        "total_epochs": 100,
        "step": 8,
        "total_steps": 800,
    }


def test_the_metrics_that_transformers_prints_at_the_end_are_read_and_its_settings_are_not() -> None:
    output = """
        ***** train metrics *****
          epoch                    =        3.0
          total_flos               =     1234GF
          train_loss               =     0.4321
          train_runtime            = 0:01:02.34
          train_samples            =       3668

        ***** Running Evaluation *****
          Num examples = 408
          Batch size = 8
    """
    assert last(output)["values"] == {"train_loss": 0.4321}


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n", "\b\b", ""])
def test_a_line_counts_however_it_ends(ending: str) -> None:
    assert last("step 5 loss 0.25" + ending) == {"values": {"loss": 0.25}, "step": 5}


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert read(
        b"\xff\xfe loss \x00 step 5 loss: 0.5\n\xe2\x94step 6 loss: 0.5\xff\n\x1b[31mstep 7\x1b[0m loss: 0.25\n"
    ) == [
        {"values": {"loss": 0.5}, "step": 6},
        {"values": {"loss": 0.25}, "step": 7},
    ]
