def add_data_args(parser):
    group = parser.add_argument_group(title="data")

    group.add_argument("--data-path", nargs="*", default=None, type=str, help="data path")
    group.add_argument("--split", type=str, default="969,30,1", help="split (default: 969,30,1)")
    group.add_argument("--train-data-path", nargs="*", default=None, type=str, help="train data path")
    group.add_argument("--valid-data-path", nargs="*", default=None, type=str, help="valid data path")
    group.add_argument("--test-data-path", nargs="*", default=None, type=str, help="test data path")
    group.add_argument("--data-cache-path", type=str, default=None, help="data cache path (default: None)")
    group.add_argument("--vocab-size", type=int, default=None, help="vocab size (default: None)")
    group.add_argument("--vocab-file", type=str, default=None, help="vocab file (default: None)")
    group.add_argument("--merge-file", type=str, default=None, help="merge file (default: None)")
    group.add_argument("--num-workers", type=int, default=2, help="num workers (default: 2)")

    return parser
