"""ResNet on ImageNet, flags as in google-research scripts."""

import json

from absl import app
from absl import flags
from absl import logging

FLAGS = flags.FLAGS

flags.DEFINE_float("learning_rate", 0.075, "Initial learning rate per batch size of 256.")

flags.DEFINE_enum(
    "learning_rate_scaling", "linear", ["linear", "sqrt"], "How to scale the learning rate as a function of batch size."
)

flags.DEFINE_integer("train_batch_size", 512, "Batch size for training.", lower_bound=1)

flags.DEFINE_float("momentum", 0.9, "Momentum parameter.", lower_bound=0.0, upper_bound=1.0)

flags.DEFINE_string("dataset", "imagenet2012", "Name of a dataset.")

flags.DEFINE_bool("cache_dataset", False, "Whether to cache the entire dataset in memory.")

flags.DEFINE_enum("mode", "train", ["train", "eval", "train_then_eval"], "Whether to perform training or evaluation.")

flags.DEFINE_boolean("use_tpu", True, "Whether to run on TPU.")

flags.DEFINE_string("model_dir", None, "Model directory for training.", short_name="d")

flags.DEFINE_list("gpus", ["0"], "GPUs to use.")

flags.DEFINE_multi_integer("width", [64], "Width of a layer; may be repeated.")

flags.mark_flag_as_required("model_dir")


def main(argv):
    if len(argv) > 1:
        raise app.UsageError("Too many command-line arguments.")
    logging.set_verbosity(logging.WARNING)
    names = (
        "learning_rate",
        "learning_rate_scaling",
        "train_batch_size",
        "momentum",
        "dataset",
        "cache_dataset",
        "mode",
        "use_tpu",
        "model_dir",
        "gpus",
        "width",
        "verbosity",
    )
    print(json.dumps({name: FLAGS[name].value for name in names}))


if __name__ == "__main__":
    app.run(main)
