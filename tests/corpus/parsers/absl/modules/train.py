"""Reinforcement learning; each module of the project defines the flags that it reads."""

import json
import sys

from absl import flags

from agents import networks
import replay

FLAGS = flags.FLAGS
_ENV = flags.DEFINE_string("env", "CartPole-v1", "Environment.", short_name="e")
_EPISODES = flags.DEFINE_integer("num_episodes", 500, "How many episodes.")
flags.DEFINE_alias("episodes", "num_episodes")


def main():
    FLAGS(sys.argv)
    received = dict(env=_ENV.value, num_episodes=_EPISODES.value)
    received.update(networks.from_flags(), **replay.from_flags())
    print(json.dumps(received))


if __name__ == "__main__":
    main()
