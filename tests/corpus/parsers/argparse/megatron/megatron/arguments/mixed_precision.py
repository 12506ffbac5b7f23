def add_mixed_precision_args(parser):
    group = parser.add_argument_group(title="mixed precision")

    group.add_argument("--fp16", action="store_true", help="fp16.")
    group.add_argument("--bf16", action="store_true", help="bf16.")
    group.add_argument("--loss-scale", type=float, default=None, help="loss scale (default: None)")
    group.add_argument(
        "--initial-loss-scale", type=float, default=4294967296.0, help="initial loss scale (default: 4294967296.0)"
    )
    group.add_argument("--min-loss-scale", type=float, default=1.0, help="min loss scale (default: 1.0)")
    group.add_argument("--loss-scale-window", type=float, default=1000, help="loss scale window (default: 1000)")
    group.add_argument("--hysteresis", type=int, default=2, help="hysteresis (default: 2)")
    group.add_argument("--fp32-residual-connection", action="store_true", help="fp32 residual connection.")
    group.add_argument(
        "--accumulate-allreduce-grads-in-fp32", action="store_true", help="accumulate allreduce grads in fp32."
    )
    group.add_argument("--fp16-lm-cross-entropy", action="store_true", help="fp16 lm cross entropy.")

    return parser
