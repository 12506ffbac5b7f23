"""A single-file script in the style of CleanRL: one dataclass, comments and docstrings as help."""

# the real one: https://docs.cleanrl.dev
import json
import os
import random
from dataclasses import asdict, dataclass
from typing import Optional

import tyro


@dataclass
class Args:
    exp_name: str = os.path.basename(__file__)[: -len(".py")]
    """the name of this experiment"""
    seed: int = 1
    """seed of the experiment"""
    torch_deterministic: bool = True
    """if toggled, `torch.backends.cudnn.deterministic=False`"""
    cuda: bool = True
    """if toggled, cuda will be enabled by default"""
    track: bool = False
    """if toggled, this experiment will be tracked with Weights and Biases"""
    wandb_entity: Optional[str] = None
    """the entity (team) of wandb's project"""

    # Algorithm specific arguments
    env_id: str = "CartPole-v1"
    """the id of the environment"""
    total_timesteps: int = 500000
    learning_rate: float = 2.5e-4
    """the learning rate of the optimizer"""
    num_envs: int = 4
    anneal_lr: bool = True
    target_kl: float = None
    """the target KL divergence threshold"""
    clip_vloss: bool = True

    # to be filled in runtime
    batch_size: int = 0
    """the batch size (computed in runtime)"""


if __name__ == "__main__":
    args = tyro.cli(Args)
    random.seed(args.seed)
    print(json.dumps(asdict(args)))
