from fairseq_lite.models import register_model


@register_model("lstm")
class LSTMModel:
    @staticmethod
    def add_args(parser):
        parser.add_argument("--hidden-size", type=int, metavar="N", default=512)
        parser.add_argument("--dropout", type=float, metavar="D", help="dropout probability")
