import argparse

import data
import models


class BaseOptions:
    """This class defines options used during both training and test time.

    It also implements several helper functions such as parsing, printing, and saving the options.
    """

    def __init__(self):
        """Reset the class; indicates the class hasn't been initailized"""
        self.initialized = False

    def initialize(self, parser):
        """Define the common options that are used in both training and test."""
        # basic parameters
        parser.add_argument(
            "--dataroot", required=True, help="path to images (should have subfolders trainA, trainB, valA, valB, etc)"
        )
        parser.add_argument(
            "--name",
            type=str,
            default="experiment_name",
            help="name of the experiment. It decides where to store samples and models",
        )
        parser.add_argument("--gpu_ids", type=str, default="0", help="gpu ids: e.g. 0  0,1,2, 0,2. use -1 for CPU")
        # model parameters
        parser.add_argument(
            "--model", type=str, default="cycle_gan", help="chooses which model to use. [cycle_gan | pix2pix]"
        )
        parser.add_argument("--ngf", type=int, default=64, help="# of gen filters in the last conv layer")
        parser.add_argument(
            "--norm",
            type=str,
            default="instance",
            help="instance normalization or batch normalization [instance | batch | none]",
        )
        parser.add_argument(
            "--init_gain", type=float, default=0.02, help="scaling factor for normal, xavier and orthogonal."
        )
        parser.add_argument("--no_dropout", action="store_true", help="no dropout for the generator")
        # dataset parameters
        parser.add_argument(
            "--dataset_mode",
            type=str,
            default="unaligned",
            help="chooses how datasets are loaded. [unaligned | aligned]",
        )
        parser.add_argument(
            "--serial_batches", action="store_true", help="if true, takes images in order to make batches"
        )
        parser.add_argument(
            "--max_dataset_size", type=int, default=float("inf"), help="Maximum number of samples allowed per dataset."
        )
        self.initialized = True
        return parser

    def gather_options(self):
        """Initialize our parser with basic options(only once).

        Add additional model-specific and dataset-specific options.
        """
        if not self.initialized:  # check if it has been initialized
            parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
            parser = self.initialize(parser)

        # get the basic options
        opt, _ = parser.parse_known_args()

        # modify model-related parser options
        model_name = opt.model
        model_option_setter = models.get_option_setter(model_name)
        parser = model_option_setter(parser, self.isTrain)
        opt, _ = parser.parse_known_args()  # parse again with new defaults

        # modify dataset-related parser options
        dataset_name = opt.dataset_mode
        dataset_option_setter = data.get_option_setter(dataset_name)
        parser = dataset_option_setter(parser, self.isTrain)

        # save and return the parser
        self.parser = parser
        return parser.parse_args()

    def print_options(self, opt):
        """Print and save options: both current options and default values (if different)."""
        message = ""
        for k, v in sorted(vars(opt).items()):
            comment = ""
            default = self.parser.get_default(k)
            if v != default:
                comment = "\t[default: %s]" % str(default)
            message += "{:>25}: {:<30}{}\n".format(str(k), str(v), comment)
        print(message)

    def parse(self):
        """Parse our options, create checkpoints directory suffix, and set up gpu device."""
        opt = self.gather_options()
        opt.isTrain = self.isTrain  # train or test
        self.print_options(opt)

        # set gpu ids
        str_ids = opt.gpu_ids.split(",")
        opt.gpu_list = []
        for str_id in str_ids:
            id = int(str_id)
            if id >= 0:
                opt.gpu_list.append(id)
        if opt.max_dataset_size == float("inf"):
            opt.max_dataset_size = None

        self.opt = opt
        return self.opt
