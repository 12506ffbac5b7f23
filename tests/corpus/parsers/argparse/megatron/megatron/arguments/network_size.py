def add_network_size_args(parser):
    group = parser.add_argument_group(title="network size")

    group.add_argument("--num-layers", type=int, default=None, help="num layers (default: None)")
    group.add_argument("--hidden-size", type=int, default=None, help="hidden size (default: None)")
    group.add_argument("--ffn-hidden-size", type=int, default=None, help="ffn hidden size (default: None)")
    group.add_argument("--num-attention-heads", type=int, default=None, help="num attention heads (default: None)")
    group.add_argument("--kv-channels", type=int, default=None, help="kv channels (default: None)")
    group.add_argument(
        "--max-position-embeddings", type=int, default=None, help="max position embeddings (default: None)"
    )
    group.add_argument(
        "--make-vocab-size-divisible-by", type=int, default=128, help="make vocab size divisible by (default: 128)"
    )
    group.add_argument("--layernorm-epsilon", type=float, default=1e-5, help="layernorm epsilon (default: 1e-5)")
    group.add_argument(
        "--apply-residual-connection-post-layernorm",
        action="store_true",
        help="apply residual connection post layernorm.",
    )
    group.add_argument("--onnx-safe", action="store_true", help="onnx safe.")

    return parser
