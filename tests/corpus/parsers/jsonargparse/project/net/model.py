class Backbone:
    def __init__(self, depth: int = 18, pretrained: bool = False, **kwargs):
        self.depth = depth


class ResNet(Backbone):
    def __init__(self, classes: int, hidden: list[int] = [256], head: str = "linear", **kwargs):
        super().__init__(**kwargs)


def build_scheduler(optimizer, kind: str = "cosine", warmup: int | None = None, power=1.0):
    """Makes a scheduler.

    Args:
        kind: which one
    """
