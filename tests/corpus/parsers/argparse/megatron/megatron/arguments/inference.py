def add_inference_args(parser):
    group = parser.add_argument_group(title="inference")

    group.add_argument(
        "--inference-batch-times-seqlen-threshold",
        type=int,
        default=512,
        help="inference batch times seqlen threshold (default: 512)",
    )
    group.add_argument("--max-tokens-to-oom", type=int, default=12000, help="max tokens to oom (default: 12000)")
    group.add_argument("--output-bert-embeddings", action="store_true", help="output bert embeddings.")
    group.add_argument(
        "--bert-embedder-type",
        type=str,
        default="megatron",
        choices=["megatron", "huggingface"],
        help="bert embedder type (default: megatron)",
    )
    group.add_argument("--temperature", type=float, default=1.0, help="temperature (default: 1.0)")
    group.add_argument("--top_p", type=float, default=0.0, help="top_p (default: 0.0)")
    group.add_argument("--top_k", type=int, default=0, help="top_k (default: 0)")
    group.add_argument("--out-seq-length", type=int, default=1024, help="out seq length (default: 1024)")
    group.add_argument("--num-samples", type=int, default=0, help="num samples (default: 0)")
    group.add_argument("--genfile", type=str, default=None, help="genfile (default: None)")

    return parser
