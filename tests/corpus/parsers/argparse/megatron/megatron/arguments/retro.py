def add_retro_args(parser):
    group = parser.add_argument_group(title="retro")

    group.add_argument("--retro-project-dir", type=str, default=None, help="retro project dir (default: None)")
    group.add_argument("--retro-workdir", type=str, default=None, help="retro workdir (default: None)")
    group.add_argument("--retro-add-retriever", action="store_true", help="retro add retriever.")
    group.add_argument(
        "--retro-cyclic-train-iters", type=int, default=None, help="retro cyclic train iters (default: None)"
    )
    group.add_argument("--retro-encoder-layers", type=int, default=2, help="retro encoder layers (default: 2)")
    group.add_argument(
        "--retro-encoder-hidden-dropout", type=float, default=0.1, help="retro encoder hidden dropout (default: 0.1)"
    )
    group.add_argument(
        "--retro-encoder-attention-dropout",
        type=float,
        default=0.1,
        help="retro encoder attention dropout (default: 0.1)",
    )
    group.add_argument("--retro-num-neighbors", type=int, default=2, help="retro num neighbors (default: 2)")
    group.add_argument(
        "--retro-num-retrieved-chunks", type=int, default=2, help="retro num retrieved chunks (default: 2)"
    )
    group.add_argument(
        "--no-retro-verify-neighbor-count",
        action="store_false",
        help="do not retro verify neighbor count",
        dest="retro_verify_neighbor_count",
    )

    return parser
