import argparse

from fairseq_lite import utils


def get_training_parser(default_task="translation"):
    parser = get_parser("Trainer", default_task)
    add_dataset_args(parser, train=True)
    add_model_args(parser)
    add_optimization_args(parser)
    add_checkpoint_args(parser)
    return parser


def csv_str_list(x):
    return x.split(",")


def parse_args_and_arch(parser, input_args=None, parse_known=False, modify_parser=None):
    from fairseq_lite.models import ARCH_MODEL_REGISTRY
    from fairseq_lite.registry import REGISTRIES

    if modify_parser is not None:
        modify_parser(parser)

    # The parser doesn't know about model/criterion/optimizer-specific args, so
    # we parse twice. First we parse the model/criterion/optimizer, then we
    # parse a second time after adding the *-specific arguments.
    args, _ = parser.parse_known_args(input_args)

    # Add model-specific args to parser.
    if hasattr(args, "arch"):
        model_specific_group = parser.add_argument_group(
            "Model-specific configuration",
            # Only include attributes which are explicitly given as command-line
            # arguments or which have default values.
            argument_default=argparse.SUPPRESS,
        )
        ARCH_MODEL_REGISTRY[args.arch].add_args(model_specific_group)

    # Add *-specific args to parser.
    for registry_name, REGISTRY in REGISTRIES.items():
        choice = getattr(args, registry_name, None)
        if choice is not None:
            cls = REGISTRY["registry"][choice]
            if hasattr(cls, "add_args"):
                cls.add_args(parser)

    # Parse a second time.
    if parse_known:
        args, extra = parser.parse_known_args(input_args)
    else:
        args = parser.parse_args(input_args)
        extra = None
    if parse_known:
        return args, extra
    return args


def get_parser(desc, default_task="translation"):
    # Before creating the true parser, we need to import optional user module
    # in order to eagerly import custom tasks, optimizers, architectures, etc.
    usr_parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    usr_parser.add_argument("--user-dir", default=None)
    usr_args, _ = usr_parser.parse_known_args()
    utils.import_user_module(usr_args)

    parser = argparse.ArgumentParser(allow_abbrev=False)
    # fmt: off
    parser.add_argument('--no-progress-bar', action='store_true', help='disable progress bar')
    parser.add_argument('--log-interval', type=int, default=100, metavar='N',
                        help='log progress every N batches (when progress bar is disabled)')
    parser.add_argument('--log-format', default=None, help='log format to use',
                        choices=['json', 'none', 'simple', 'tqdm'])
    parser.add_argument('--seed', default=1, type=int, metavar='N',
                        help='pseudo random number generator seed')
    parser.add_argument('--fp16', action='store_true', help='use FP16')
    parser.add_argument('--user-dir', default=None,
                        help='path to a python module containing custom extensions (tasks and/or architectures)')
    # fmt: on

    from fairseq_lite.registry import REGISTRIES

    for registry_name, REGISTRY in REGISTRIES.items():
        parser.add_argument(
            "--" + registry_name.replace("_", "-"),
            default=REGISTRY["default"],
            choices=REGISTRY["registry"].keys(),
        )
    return parser


def add_dataset_args(parser, train=False, gen=False):
    group = parser.add_argument_group("dataset_data_loading")
    group.add_argument("data", help="colon separated path to data directories list")
    group.add_argument(
        "--num-workers", default=1, type=int, metavar="N", help="how many subprocesses to use for data loading"
    )
    group.add_argument("--max-tokens", type=int, metavar="N", help="maximum number of tokens in a batch")
    group.add_argument("--batch-size", "--max-sentences", type=int, metavar="N", help="number of examples in a batch")
    if train:
        group.add_argument(
            "--train-subset",
            default="train",
            metavar="SPLIT",
            help="data subset to use for training (e.g. train, valid, test)",
        )
    if gen:
        group.add_argument(
            "--gen-subset", default="test", metavar="SPLIT", help="data subset to generate (train, valid, test)"
        )
    return group


def add_optimization_args(parser):
    group = parser.add_argument_group("optimization")
    group.add_argument(
        "--max-epoch", "--me", default=0, type=int, metavar="N", help="force stop training at specified epoch"
    )
    group.add_argument("--clip-norm", default=0.0, type=float, metavar="NORM", help="clip threshold of gradients")
    group.add_argument(
        "--update-freq",
        default="1",
        metavar="N1,N2,...,N_K",
        type=lambda uf: utils.eval_str_list(uf, type=int),
        help="update parameters every N_i batches, when in epoch i",
    )
    group.add_argument(
        "--lr",
        "--learning-rate",
        default="0.25",
        type=utils.eval_str_list,
        metavar="LR_1,LR_2,...,LR_N",
        help="learning rate for the first N epochs",
    )
    return group


def add_checkpoint_args(parser):
    group = parser.add_argument_group("checkpoint")
    group.add_argument("--save-dir", metavar="DIR", default="checkpoints", help="path to save checkpoints")
    group.add_argument("--no-save", action="store_true", help="don't save models or checkpoints")
    group.add_argument(
        "--valid-subset",
        default="valid",
        type=csv_str_list,
        metavar="SPLIT",
        help="comma separated list of data subsets to use for validation",
    )
    return group


def add_model_args(parser):
    from fairseq_lite.models import ARCH_MODEL_REGISTRY

    group = parser.add_argument_group("Model configuration")
    group.add_argument(
        "--arch", "-a", metavar="ARCH", required=True, choices=ARCH_MODEL_REGISTRY.keys(), help="model architecture"
    )
    return group
