def add_initialization_args(parser):
    group = parser.add_argument_group(title="initialization")

    group.add_argument("--seed", type=int, default=1234, help="seed (default: 1234)")
    group.add_argument("--data-parallel-random-init", action="store_true", help="data parallel random init.")
    group.add_argument("--init-method-std", type=float, default=0.02, help="init method std (default: 0.02)")
    group.add_argument("--init-method-xavier-uniform", action="store_true", help="init method xavier uniform.")
    group.add_argument("--te-rng-tracker", action="store_true", help="te rng tracker.")
    group.add_argument("--inference-rng-tracker", action="store_true", help="inference rng tracker.")
    group.add_argument(
        "--no-perform-initialization",
        action="store_false",
        help="do not perform initialization",
        dest="perform_initialization",
    )
    group.add_argument("--use-cpu-initialization", action="store_true", help="use cpu initialization.")
    group.add_argument("--init-scale", type=float, default=1.0, help="init scale (default: 1.0)")
    group.add_argument("--init-seed-offset", type=int, default=0, help="init seed offset (default: 0)")

    return parser
