import json
import logging

from fairseq_lite import options, utils

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger("fairseq_lite_cli.train")


def main(args, init_distributed=False):
    utils.import_user_module(args)
    assert args.max_tokens is not None or args.batch_size is not None, (
        "Must specify batch size either with --max-tokens or --batch-size"
    )
    print(json.dumps(vars(args)))


def cli_main(modify_parser=None):
    parser = options.get_training_parser()
    args = options.parse_args_and_arch(parser, modify_parser=modify_parser)
    main(args)
