def add_regularization_args(parser):
    group = parser.add_argument_group(title="regularization")

    group.add_argument("--attention-dropout", type=float, default=0.1, help="attention dropout (default: 0.1)")
    group.add_argument("--hidden-dropout", type=float, default=0.1, help="hidden dropout (default: 0.1)")
    group.add_argument("--weight-decay", type=float, default=0.01, help="weight decay (default: 0.01)")
    group.add_argument("--start-weight-decay", type=float, default=None, help="start weight decay (default: None)")
    group.add_argument("--end-weight-decay", type=float, default=None, help="end weight decay (default: None)")
    group.add_argument(
        "--weight-decay-incr-style",
        type=str,
        default="constant",
        choices=["constant", "linear", "cosine"],
        help="weight decay incr style (default: constant)",
    )
    group.add_argument("--clip-grad", type=float, default=1.0, help="clip grad (default: 1.0)")
    group.add_argument("--adam-beta1", type=float, default=0.9, help="adam beta1 (default: 0.9)")
    group.add_argument("--adam-beta2", type=float, default=0.999, help="adam beta2 (default: 0.999)")
    group.add_argument("--sgd-momentum", type=float, default=0.9, help="sgd momentum (default: 0.9)")

    return parser
