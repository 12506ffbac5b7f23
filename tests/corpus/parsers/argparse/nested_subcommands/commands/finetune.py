NAME = "finetune"


def register(subparsers) -> None:
    parser = subparsers.add_parser(NAME, help="finetune a checkpoint")
    parser.add_argument("base")
    parser.add_argument("--lora-rank", "-r", type=int, default=8)
