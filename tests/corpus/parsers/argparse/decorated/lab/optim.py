from .registry import options


@options("optimizer", order=1)
def add_optimizer(group):
    group.add_argument("--lr", type=float, default=1e-3)
    group.add_argument("--clip", type=float, default=None)


@options("data")
def add_data(group):
    group.add_argument("--root", required=True)
    group.add_argument("--batch-size", type=int, default=16)
