#!/usr/bin/env python3
"""ImageNet Training Script

This is intended to be a lean and easily modifiable ImageNet training script.
"""

import argparse
import ast
import json
import logging
import os
from contextlib import suppress
from functools import partial

try:
    from apex import amp

    has_apex = True
except ImportError:
    has_apex = False

has_compile = hasattr(argparse, "compile")

_logger = logging.getLogger("train")


class ParseKwargs(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        kw = {}
        for value in values:
            key, value = value.split("=")
            try:
                kw[key] = ast.literal_eval(value)
            except ValueError:
                kw[key] = str(value)  # fallback to string (avoid need to escape on command line)
        setattr(namespace, self.dest, kw)


# The first arg parser parses out only the --config argument, this argument is used to
# load a file containing key-values that override the defaults for the main parser below
config_parser = parser = argparse.ArgumentParser(description="Training Config", add_help=False)
parser.add_argument(
    "-c", "--config", default="", type=str, metavar="FILE", help="JSON config file specifying default arguments"
)


parser = argparse.ArgumentParser(description="PyTorch ImageNet Training")

# Dataset parameters
group = parser.add_argument_group("Dataset parameters")
# Keep this argument outside the dataset group because it is positional.
parser.add_argument(
    "data", nargs="?", metavar="DIR", const=None, help="path to dataset (positional is *deprecated*, use --data-dir)"
)
parser.add_argument("--data-dir", metavar="DIR", help="path to dataset (root dir)")
group.add_argument(
    "--dataset",
    metavar="NAME",
    default="",
    help='dataset type + name ("<type>/<name>") (default: ImageFolder or ImageTar if empty)',
)
group.add_argument(
    "--num-samples",
    default=None,
    type=int,
    metavar="N",
    help="Manually specify num samples in dataset split, for IterableDatasets.",
)
group.add_argument("--input-img-mode", default=None, type=str, help="Dataset image conversion mode for input images.")

# Model parameters
group = parser.add_argument_group("Model parameters")
group.add_argument(
    "--model", default="resnet50", type=str, metavar="MODEL", help='Name of model to train (default: "resnet50")'
)
group.add_argument(
    "--pretrained",
    action="store_true",
    default=False,
    help="Start with pretrained version of specified network (if avail)",
)
group.add_argument(
    "--num-classes", type=int, default=None, metavar="N", help="number of label classes (Model default if None)"
)
group.add_argument(
    "--img-size", type=int, default=None, metavar="N", help="Image size (default: None => model default)"
)
group.add_argument("--in-chans", type=int, default=None, metavar="N", help="Image input channels (default: None => 3)")
group.add_argument(
    "--input-size",
    default=None,
    nargs=3,
    type=int,
    metavar="N",
    help="Input all image dimensions (d h w, e.g. --input-size 3 224 224)",
)
group.add_argument(
    "--mean", type=float, nargs="+", default=None, metavar="MEAN", help="Override mean pixel value of dataset"
)
group.add_argument(
    "-b", "--batch-size", type=int, default=128, metavar="N", help="Input batch size for training (default: 128)"
)
group.add_argument(
    "-vb",
    "--validation-batch-size",
    type=int,
    default=None,
    metavar="N",
    help="Validation batch size override (default: None)",
)
group.add_argument("--fuser", default="", type=str, help="Select jit fuser. One of ('', 'te', 'old', 'nvfuser')")
group.add_argument("--model-kwargs", nargs="*", default={}, action=ParseKwargs)

scripting_group = group.add_mutually_exclusive_group()
scripting_group.add_argument(
    "--torchscript", dest="torchscript", action="store_true", help="torch.jit.script the full model"
)
scripting_group.add_argument(
    "--torchcompile",
    nargs="?",
    type=str,
    default=None,
    const="inductor",
    help="Enable compilation w/ specified backend (default: inductor).",
)

# Optimizer parameters
group = parser.add_argument_group("Optimizer parameters")
group.add_argument("--opt", default="sgd", type=str, metavar="OPTIMIZER", help='Optimizer (default: "sgd")')
group.add_argument(
    "--opt-eps", default=None, type=float, metavar="EPSILON", help="Optimizer Epsilon (default: None, use opt default)"
)
group.add_argument(
    "--opt-betas",
    default=None,
    type=float,
    nargs="+",
    metavar="BETA",
    help="Optimizer Betas (default: None, use opt default)",
)
group.add_argument("--momentum", type=float, default=0.9, metavar="M", help="Optimizer momentum (default: 0.9)")
group.add_argument("--weight-decay", type=float, default=2e-5, help="weight decay (default: 2e-5)")
group.add_argument(
    "--clip-grad", type=float, default=None, metavar="NORM", help="Clip gradient norm (default: None, no clipping)"
)

# Learning rate schedule parameters
group = parser.add_argument_group("Learning rate schedule parameters")
group.add_argument(
    "--sched-on-updates",
    action="store_true",
    default=False,
    help="Apply LR scheduler step on update instead of epoch end.",
)
group.add_argument(
    "--lr", type=float, default=None, metavar="LR", help="learning rate, overrides lr-base if set (default: None)"
)
group.add_argument(
    "--lr-noise",
    type=float,
    nargs="+",
    default=None,
    metavar="pct, pct",
    help="learning rate noise on/off epoch percentages",
)
group.add_argument("--epochs", type=int, default=300, metavar="N", help="number of epochs to train (default: 300)")
group.add_argument(
    "--decay-milestones",
    default=[90, 180, 270],
    type=int,
    nargs="+",
    metavar="MILESTONES",
    help="list of decay epoch indices for multistep lr. must be increasing",
)

# Augmentation & regularization parameters
group = parser.add_argument_group("Augmentation and regularization parameters")
group.add_argument(
    "--no-aug",
    action="store_true",
    default=False,
    help="Disable all training augmentation, override other train aug args",
)
group.add_argument(
    "--scale", type=float, nargs="+", default=[0.08, 1.0], metavar="PCT", help="Random resize scale (default: 0.08 1.0)"
)
(
    group.add_argument(
        "--aa",
        type=str,
        default=None,
        metavar="NAME",
        help='Use AutoAugment policy. "v0" or "original". (default: None)',
    ),
)
group.add_argument(
    "--jsd-loss",
    action="store_true",
    default=False,
    help="Enable Jensen-Shannon Divergence + CE loss. Use with `--aug-splits`.",
)

# Misc
group = parser.add_argument_group("Miscellaneous parameters")
group.add_argument("--seed", type=int, default=42, metavar="S", help="random seed (default: 42)")
group.add_argument(
    "-j", "--workers", type=int, default=4, metavar="N", help="how many training processes to use (default: 4)"
)
group.add_argument(
    "--amp", action="store_true", default=False, help="use NVIDIA Apex AMP or Native AMP for mixed precision training"
)
group.add_argument("--amp-dtype", default="float16", type=str, help="lower precision AMP dtype (default: float16)")
group.add_argument(
    "--eval-metric", default="top1", type=str, metavar="EVAL_METRIC", help='Best metric (default: "top1"'
)
group.add_argument(
    "--use-multi-epochs-loader",
    action="store_true",
    default=False,
    help="use the multi-epochs-loader to save time at the beginning of every epoch",
)


def _parse_args():
    # Do we have a config file to parse?
    args_config, remaining = config_parser.parse_known_args()
    if args_config.config:
        with open(args_config.config, "r") as f:
            cfg = json.load(f)
            parser.set_defaults(**cfg)

    # The main arg parser parses the rest of the args, the usual
    # defaults will have been overridden if config file specified.
    args = parser.parse_args(remaining)

    # Cache the args as a text string to save them in the output dir later
    args_text = json.dumps(args.__dict__, default=str)
    return args, args_text


def main():
    args, args_text = _parse_args()

    if args.data and not args.data_dir:
        args.data_dir = args.data
    amp_autocast = suppress
    if args.amp:
        assert args.amp_dtype in ("float16", "bfloat16")
        amp_autocast = partial(suppress, ValueError)
    with amp_autocast():
        os.environ.setdefault("TIMM", "1")
    print(args_text)


if __name__ == "__main__":
    main()
