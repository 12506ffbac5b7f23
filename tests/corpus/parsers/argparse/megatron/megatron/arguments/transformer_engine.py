def add_transformer_engine_args(parser):
    group = parser.add_argument_group(title="transformer engine")

    group.add_argument(
        "--fp8-format", type=str, default=None, choices=["e4m3", "hybrid"], help="fp8 format (default: None)"
    )
    group.add_argument("--fp8-margin", type=int, default=0, help="fp8 margin (default: 0)")
    group.add_argument("--fp8-interval", type=int, default=1, help="fp8 interval (default: 1)")
    group.add_argument("--fp8-amax-history-len", type=int, default=1, help="fp8 amax history len (default: 1)")
    group.add_argument(
        "--fp8-amax-compute-algo",
        type=str,
        default="most_recent",
        choices=["most_recent", "max"],
        help="fp8 amax compute algo (default: most_recent)",
    )
    group.add_argument("--no-fp8-wgrad", action="store_false", help="do not fp8 wgrad", dest="fp8_wgrad")
    group.add_argument(
        "--transformer-impl",
        type=str,
        default="transformer_engine",
        choices=["local", "transformer_engine"],
        help="transformer impl (default: transformer_engine)",
    )
    group.add_argument("--fp8-param-gather", action="store_true", help="fp8 param gather.")
    group.add_argument("--fp8-first-layers", type=int, default=0, help="fp8 first layers (default: 0)")
    group.add_argument("--fp8-last-layers", type=int, default=0, help="fp8 last layers (default: 0)")

    return parser
