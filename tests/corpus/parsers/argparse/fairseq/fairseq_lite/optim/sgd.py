from fairseq_lite.optim import register_optimizer


@register_optimizer("sgd")
class SGD:
    @staticmethod
    def add_args(parser):
        parser.add_argument("--momentum", default=0.0, type=float, metavar="M", help="momentum factor")
