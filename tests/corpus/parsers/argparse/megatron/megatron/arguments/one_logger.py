def add_one_logger_args(parser):
    group = parser.add_argument_group(title="one logger")

    group.add_argument("--enable-one-logger", action="store_true", help="enable one logger.")
    group.add_argument(
        "--one-logger-project", type=str, default="e2e-tracking", help="one logger project (default: e2e-tracking)"
    )
    group.add_argument("--one-logger-run-name", type=str, default=None, help="one logger run name (default: None)")
    group.add_argument("--one-logger-async", action="store_true", help="one logger async.")
    group.add_argument("--app-tag-run-name", type=str, default=None, help="app tag run name (default: None)")
    group.add_argument("--app-tag-run-version", type=str, default="0.0.0", help="app tag run version (default: 0.0.0)")
    group.add_argument("--app-tag-attempt", type=int, default=1, help="app tag attempt (default: 1)")
    group.add_argument("--one-logger-interval", type=int, default=10, help="one logger interval (default: 10)")
    group.add_argument("--one-logger-url", type=str, default=None, help="one logger url (default: None)")
    group.add_argument("--one-logger-retries", type=int, default=3, help="one logger retries (default: 3)")

    return parser
