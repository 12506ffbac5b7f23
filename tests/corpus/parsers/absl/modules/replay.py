from absl import flags

FLAGS = flags.FLAGS


def _define(prefix, capacity):
    flags.DEFINE_integer(f"{prefix}_capacity", capacity, f"Capacity of the {prefix} buffer.")


for prefix, capacity in (("replay", 10_000), ("demo", 100)):
    _define(prefix, capacity)
flags.DEFINE_float("priority", 0.6, "Exponent.", 0.0)
flags.register_validator("priority", lambda value: value < 1, message="--priority must be below 1")


def from_flags():
    return dict(replay_capacity=FLAGS.replay_capacity, demo_capacity=FLAGS.demo_capacity, priority=FLAGS.priority)
