def add_checkpointing_args(parser):
    group = parser.add_argument_group(title="checkpointing")

    group.add_argument("--save", type=str, default=None, help="save (default: None)")
    group.add_argument("--save-interval", type=int, default=None, help="save interval (default: None)")
    group.add_argument("--no-save-optim", action="store_true", help="no save optim.")
    group.add_argument("--no-save-rng", action="store_true", help="no save rng.")
    group.add_argument("--load", type=str, default=None, help="load (default: None)")
    group.add_argument("--no-load-optim", action="store_true", help="no load optim.")
    group.add_argument("--no-load-rng", action="store_true", help="no load rng.")
    group.add_argument("--finetune", action="store_true", help="finetune.")
    group.add_argument("--use-checkpoint-args", action="store_true", help="use checkpoint args.")
    group.add_argument("--exit-on-missing-checkpoint", action="store_true", help="exit on missing checkpoint.")

    return parser
