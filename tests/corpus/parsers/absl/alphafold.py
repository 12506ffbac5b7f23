"""Prediction script: many paths, several required flags at once, as in google-deepmind/alphafold."""

import enum
import json

from absl import app
from absl import flags
from absl import logging


@enum.unique
class ModelsToRelax(enum.Enum):
    ALL = 0
    BEST = 1
    NONE = 2


flags.DEFINE_list(
    "fasta_paths",
    None,
    "Paths to FASTA files, each containing a prediction target that will be folded one after another.",
)
flags.DEFINE_string("data_dir", None, "Path to directory of supporting data.")
flags.DEFINE_string("output_dir", None, "Path to a directory that will store the results.")
for tool in ("jackhmmer", "hhblits", "kalign"):
    flags.DEFINE_string(f"{tool}_binary_path", f"/usr/bin/{tool}", "Path to the %s executable." % tool)
flags.DEFINE_enum("db_preset", "full_dbs", ["full_dbs", "reduced_dbs"], "Choose preset MSA database configuration.")
flags.DEFINE_integer("random_seed", None, "The random seed for the data pipeline.")
flags.DEFINE_integer("num_multimer_predictions_per_model", 5, "How many predictions.")
flags.DEFINE_enum_class(
    "models_to_relax", ModelsToRelax.BEST, ModelsToRelax, "The models to run the final relaxation on."
)
flags.DEFINE_boolean("use_gpu_relax", None, "Whether to relax on GPU.")

FLAGS = flags.FLAGS


def main(argv):
    if len(argv) > 1:
        raise app.UsageError("Too many command-line arguments.")
    values = {
        name: getattr(FLAGS, name)
        for name in (
            "fasta_paths",
            "data_dir",
            "output_dir",
            "hhblits_binary_path",
            "db_preset",
            "random_seed",
            "num_multimer_predictions_per_model",
            "use_gpu_relax",
        )
    }
    logging.debug("%s", values)
    print(json.dumps({**values, "models_to_relax": FLAGS.models_to_relax.name}))


if __name__ == "__main__":
    flags.mark_flags_as_required(
        [
            "fasta_paths",
            "output_dir",
            "use_gpu_relax",
        ]
    )
    app.run(main)
