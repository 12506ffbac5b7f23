def add_training_args(parser):
    group = parser.add_argument_group(title="training")

    group.add_argument("--micro-batch-size", type=int, default=None, help="micro batch size (default: None)")
    group.add_argument("--global-batch-size", type=int, default=None, help="global batch size (default: None)")
    group.add_argument("--rampup-batch-size", nargs="*", default=None, type=int, help="rampup batch size")
    group.add_argument("--recompute-activations", action="store_true", help="recompute activations.")
    group.add_argument(
        "--recompute-granularity",
        type=str,
        default=None,
        choices=["full", "selective"],
        help="recompute granularity (default: None)",
    )
    group.add_argument("--recompute-num-layers", type=int, default=None, help="recompute num layers (default: None)")
    group.add_argument("--train-iters", type=int, default=None, help="train iters (default: None)")
    group.add_argument("--train-samples", type=int, default=None, help="train samples (default: None)")
    group.add_argument("--exit-interval", type=int, default=None, help="exit interval (default: None)")
    group.add_argument("--exit-duration-in-mins", type=int, default=None, help="exit duration in mins (default: None)")

    return parser
