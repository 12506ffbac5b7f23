from abc import ABC


class BaseDataset(ABC):
    @staticmethod
    def modify_commandline_options(parser, is_train):
        return parser
