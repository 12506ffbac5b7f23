from .base_options import BaseOptions


class TrainOptions(BaseOptions):
    """This class includes training options.

    It also includes shared options defined in BaseOptions.
    """

    def initialize(self, parser):
        parser = BaseOptions.initialize(self, parser)
        # network saving and loading parameters
        parser.add_argument(
            "--save_epoch_freq", type=int, default=5, help="frequency of saving checkpoints at the end of epochs"
        )
        parser.add_argument("--continue_train", action="store_true", help="continue training: load the latest model")
        parser.add_argument("--phase", type=str, default="train", help="train, val, test, etc")
        # training parameters
        parser.add_argument("--n_epochs", type=int, default=100, help="number of epochs with the initial learning rate")
        parser.add_argument("--beta1", type=float, default=0.5, help="momentum term of adam")
        parser.add_argument("--lr", type=float, default=0.0002, help="initial learning rate for adam")
        parser.add_argument(
            "--gan_mode", type=str, default="lsgan", help="the type of GAN objective. [vanilla| lsgan | wgangp]."
        )

        self.isTrain = True
        return parser
