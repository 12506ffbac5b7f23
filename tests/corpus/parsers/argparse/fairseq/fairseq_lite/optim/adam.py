from fairseq_lite.optim import register_optimizer


@register_optimizer("adam")
class Adam:
    @staticmethod
    def add_args(parser):
        parser.add_argument("--adam-betas", default="(0.9, 0.999)", metavar="B", help="betas for Adam optimizer")
