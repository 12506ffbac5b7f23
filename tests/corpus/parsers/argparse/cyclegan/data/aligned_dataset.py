from data.base_dataset import BaseDataset


class AlignedDataset(BaseDataset):
    @staticmethod
    def modify_commandline_options(parser, is_train):
        parser.add_argument("--direction", type=str, default="AtoB", help="AtoB or BtoA")
        return parser
