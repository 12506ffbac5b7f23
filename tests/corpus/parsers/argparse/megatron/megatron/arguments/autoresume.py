def add_autoresume_args(parser):
    group = parser.add_argument_group(title="autoresume")

    group.add_argument("--adlr-autoresume", action="store_true", help="adlr autoresume.")
    group.add_argument(
        "--adlr-autoresume-interval", type=int, default=1000, help="adlr autoresume interval (default: 1000)"
    )
    group.add_argument("--resume-attempts", type=int, default=3, help="resume attempts (default: 3)")
    group.add_argument("--resume-wait-s", type=float, default=10.0, help="resume wait s (default: 10.0)")
    group.add_argument("--resume-signal", type=str, default="TERM", help="resume signal (default: TERM)")
    group.add_argument("--resume-file", type=str, default=None, help="resume file (default: None)")
    group.add_argument("--resume-strict", action="store_true", help="resume strict.")
    group.add_argument("--resume-from-step", type=int, default=None, help="resume from step (default: None)")
    group.add_argument("--resume-skip-batches", type=int, default=0, help="resume skip batches (default: 0)")
    group.add_argument("--resume-shuffle", action="store_true", help="resume shuffle.")

    return parser
