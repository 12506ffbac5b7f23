"""Flax examples: the hyperparameters are in a configuration file that a flag names."""

import json

from absl import app
from absl import flags
from ml_collections import config_flags

FLAGS = flags.FLAGS

flags.DEFINE_string("workdir", None, "Directory to store model data.")
flags.DEFINE_integer("log_every", 100, "Steps.")
config_flags.DEFINE_config_file(
    "config", "configs/default.py", "File path to the training hyperparameter configuration.", lock_config=True
)


def main(argv):
    del argv
    print(json.dumps(dict(workdir=FLAGS.workdir, log_every=FLAGS.log_every, config=FLAGS.config.to_dict())))


if __name__ == "__main__":
    flags.mark_flags_as_required(["config", "workdir"])
    app.run(main)
