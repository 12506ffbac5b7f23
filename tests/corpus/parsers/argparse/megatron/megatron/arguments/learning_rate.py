def add_learning_rate_args(parser):
    group = parser.add_argument_group(title="learning rate")

    group.add_argument("--lr", type=float, default=None, help="lr (default: None)")
    group.add_argument(
        "--lr-decay-style",
        type=str,
        default="linear",
        choices=["constant", "linear", "cosine"],
        help="lr decay style (default: linear)",
    )
    group.add_argument("--lr-decay-iters", type=int, default=None, help="lr decay iters (default: None)")
    group.add_argument("--lr-decay-samples", type=int, default=None, help="lr decay samples (default: None)")
    group.add_argument("--lr-warmup-fraction", type=float, default=None, help="lr warmup fraction (default: None)")
    group.add_argument("--lr-warmup-iters", type=int, default=0, help="lr warmup iters (default: 0)")
    group.add_argument("--lr-warmup-samples", type=int, default=0, help="lr warmup samples (default: 0)")
    group.add_argument("--min-lr", type=float, default=0.0, help="min lr (default: 0.0)")
    group.add_argument("--override-opt_param-scheduler", action="store_true", help="override opt_param scheduler.")
    group.add_argument(
        "--use-checkpoint-opt_param-scheduler", action="store_true", help="use checkpoint opt_param scheduler."
    )

    return parser
