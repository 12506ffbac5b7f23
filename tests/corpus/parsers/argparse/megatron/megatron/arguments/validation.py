def add_validation_args(parser):
    group = parser.add_argument_group(title="validation")

    group.add_argument("--eval-iters", type=int, default=100, help="eval iters (default: 100)")
    group.add_argument("--eval-interval", type=int, default=1000, help="eval interval (default: 1000)")
    group.add_argument("--skip-train", action="store_true", help="skip train.")
    group.add_argument("--test-mode", action="store_true", help="test mode.")
    group.add_argument("--valid-name", type=str, default="valid", help="valid name (default: valid)")
    group.add_argument("--eval-micro-batch-size", type=int, default=None, help="eval micro batch size (default: None)")
    group.add_argument(
        "--eval-global-batch-size", type=int, default=None, help="eval global batch size (default: None)"
    )
    group.add_argument("--eval-samples", type=int, default=None, help="eval samples (default: None)")
    group.add_argument("--eval-first", action="store_true", help="eval first.")
    group.add_argument("--eval-only-loss", action="store_true", help="eval only loss.")

    return parser
