from fairseq_lite.models import register_model


@register_model("transformer")
class TransformerModel:
    @staticmethod
    def add_args(parser):
        """Add model-specific arguments to the parser."""
        parser.add_argument("--encoder-layers", type=int, metavar="N", default=6, help="num encoder layers")
        parser.add_argument("--dropout", type=float, metavar="D", help="dropout probability")
