"""Flags in a function, values checked, unknown ones kept for another library."""

import json

from absl import app
from absl import flags


def define_common(batch_size=True, epochs=True):
    """Flags that several trainers share, as in tensorflow/models."""
    names = []
    if batch_size:
        flags.DEFINE_integer(name="batch_size", short_name="bs", default=32, help="Batch size.")
        names.append("batch_size")
    if epochs:
        flags.DEFINE_integer(name="train_epochs", short_name="te", default=1, help="Epochs.")
        names.append("train_epochs")
    return names


def define_flags():
    names = define_common(batch_size=True)
    optimizer = flags.DEFINE_string("optimizer", "adam", "Optimizer.")
    names.append(optimizer.name)
    names.append(flags.DEFINE_float("l2", default=1e-4, help="Weight decay.", upper_bound=1).name)
    names.append(flags.DEFINE_flag(flags.BooleanFlag("fp16", None, "Half precision.")).name)
    flags.set_default(optimizer, "sgd")
    return names


def main(argv):
    print(json.dumps({**{name: flags.FLAGS[name].value for name in NAMES}, "argv": argv[1:]}))


if __name__ == "__main__":
    NAMES = define_flags()
    app.run(main)
