def add_moe_args(parser):
    group = parser.add_argument_group(title="moe")

    group.add_argument("--num-experts", nargs="*", default=None, type=int, help="num experts")
    group.add_argument("--moe-router-topk", type=int, default=2, help="moe router topk (default: 2)")
    group.add_argument(
        "--moe-router-load-balancing-type",
        type=str,
        default="aux_loss",
        choices=["aux_loss", "sinkhorn", "none"],
        help="moe router load balancing type (default: aux_loss)",
    )
    group.add_argument("--moe-grouped-gemm", action="store_true", help="moe grouped gemm.")
    group.add_argument("--moe-aux-loss-coeff", type=float, default=0.0, help="moe aux loss coeff (default: 0.0)")
    group.add_argument("--moe-z-loss-coeff", type=float, default=None, help="moe z loss coeff (default: None)")
    group.add_argument("--moe-input-jitter-eps", type=float, default=None, help="moe input jitter eps (default: None)")
    group.add_argument("--moe-token-dropping", action="store_true", help="moe token dropping.")
    group.add_argument(
        "--moe-token-dispatcher-type",
        type=str,
        default="allgather",
        choices=["allgather", "alltoall"],
        help="moe token dispatcher type (default: allgather)",
    )
    group.add_argument("--moe-extended-tp", action="store_true", help="moe extended tp.")

    return parser
