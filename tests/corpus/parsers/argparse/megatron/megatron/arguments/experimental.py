def add_experimental_args(parser):
    group = parser.add_argument_group(title="experimental")

    group.add_argument("--spec", nargs="*", default=None, type=str, help="spec")
    group.add_argument(
        "--hybrid-attention-ratio", type=float, default=0.0, help="hybrid attention ratio (default: 0.0)"
    )
    group.add_argument("--hybrid-mlp-ratio", type=float, default=0.0, help="hybrid mlp ratio (default: 0.0)")
    group.add_argument(
        "--hybrid-override-pattern", type=str, default=None, help="hybrid override pattern (default: None)"
    )
    group.add_argument("--yaml-cfg", type=str, default=None, help="yaml cfg (default: None)")
    group.add_argument("--use-legacy-models", action="store_true", help="use legacy models.")
    group.add_argument("--manual-gc", action="store_true", help="manual gc.")
    group.add_argument("--manual-gc-interval", type=int, default=0, help="manual gc interval (default: 0)")
    group.add_argument("--no-manual-gc-eval", action="store_false", help="do not manual gc eval", dest="manual_gc_eval")
    group.add_argument("--straggler-minmax-count", type=int, default=1, help="straggler minmax count (default: 1)")

    return parser
