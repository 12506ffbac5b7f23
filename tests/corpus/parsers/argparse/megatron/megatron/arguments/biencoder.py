def add_biencoder_args(parser):
    group = parser.add_argument_group(title="biencoder")

    group.add_argument("--ict-head-size", type=int, default=None, help="ict head size (default: None)")
    group.add_argument("--biencoder-projection-dim", type=int, default=0, help="biencoder projection dim (default: 0)")
    group.add_argument(
        "--biencoder-shared-query-context-model", action="store_true", help="biencoder shared query context model."
    )
    group.add_argument("--ict-load", type=str, default=None, help="ict load (default: None)")
    group.add_argument("--bert-load", type=str, default=None, help="bert load (default: None)")
    group.add_argument("--titles-data-path", type=str, default=None, help="titles data path (default: None)")
    group.add_argument("--query-in-block-prob", type=float, default=0.1, help="query in block prob (default: 0.1)")
    group.add_argument("--use-one-sent-docs", action="store_true", help="use one sent docs.")
    group.add_argument("--evidence-data-path", type=str, default=None, help="evidence data path (default: None)")
    group.add_argument(
        "--retriever-report-topk-accuracies", nargs="*", default=None, type=int, help="retriever report topk accuracies"
    )

    return parser
