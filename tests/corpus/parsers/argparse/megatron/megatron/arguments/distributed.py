def add_distributed_args(parser):
    group = parser.add_argument_group(title="distributed")

    group.add_argument(
        "--tensor-model-parallel-size", type=int, default=1, help="tensor model parallel size (default: 1)"
    )
    group.add_argument(
        "--pipeline-model-parallel-size", type=int, default=1, help="pipeline model parallel size (default: 1)"
    )
    group.add_argument(
        "--num-layers-per-virtual-pipeline-stage",
        type=int,
        default=None,
        help="num layers per virtual pipeline stage (default: None)",
    )
    group.add_argument(
        "--distributed-backend",
        type=str,
        default="nccl",
        choices=["nccl", "gloo"],
        help="distributed backend (default: nccl)",
    )
    group.add_argument(
        "--distributed-timeout-minutes", type=int, default=10, help="distributed timeout minutes (default: 10)"
    )
    group.add_argument("--overlap-grad-reduce", action="store_true", help="overlap grad reduce.")
    group.add_argument(
        "--no-delay-grad-reduce", action="store_false", help="do not delay grad reduce", dest="delay_grad_reduce"
    )
    group.add_argument("--local_rank", type=int, default=None, help="local_rank (default: None)")
    group.add_argument("--lazy-mpu-init", type=bool, required=False, help="lazy-mpu-init")
    group.add_argument("--use-distributed-optimizer", action="store_true", help="use distributed optimizer.")

    return parser
