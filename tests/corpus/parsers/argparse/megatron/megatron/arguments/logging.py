def add_logging_args(parser):
    group = parser.add_argument_group(title="logging")

    group.add_argument("--log-params-norm", action="store_true", help="log params norm.")
    group.add_argument("--log-num-zeros-in-grad", action="store_true", help="log num zeros in grad.")
    group.add_argument("--log-throughput", action="store_true", help="log throughput.")
    group.add_argument(
        "--timing-log-level", type=int, default=0, choices=range(0, 3), help="timing log level (default: 0)"
    )
    group.add_argument(
        "--no-barrier-with-L1-time",
        action="store_false",
        help="do not barrier with L1 time",
        dest="barrier_with_L1_time",
    )
    group.add_argument("--tensorboard-log-interval", type=int, default=1, help="tensorboard log interval (default: 1)")
    group.add_argument(
        "--tensorboard-queue-size", type=int, default=1000, help="tensorboard queue size (default: 1000)"
    )
    group.add_argument("--log-timers-to-tensorboard", action="store_true", help="log timers to tensorboard.")
    group.add_argument(
        "--log-validation-ppl-to-tensorboard", action="store_true", help="log validation ppl to tensorboard."
    )
    group.add_argument("--log-memory-to-tensorboard", action="store_true", help="log memory to tensorboard.")

    return parser
