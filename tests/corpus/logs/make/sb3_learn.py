"""Stable-Baselines3's tables: `pip install stable-baselines3 torch==2.13.0`, then `python sb3_learn.py ppo|dqn`."""

import sys

from stable_baselines3 import DQN, PPO


def main(name: str) -> None:
    if name == "ppo":
        PPO("MlpPolicy", "CartPole-v1", n_steps=512, verbose=1, seed=1, device="cpu").learn(2000)
    else:
        model = DQN("MlpPolicy", "CartPole-v1", learning_starts=200, verbose=1, seed=1, device="cpu")
        model.learn(1200, log_interval=10)


if __name__ == "__main__":
    main(sys.argv[1])
