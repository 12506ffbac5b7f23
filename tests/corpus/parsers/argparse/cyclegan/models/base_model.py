from abc import ABC


class BaseModel(ABC):
    @staticmethod
    def modify_commandline_options(parser, is_train):
        """Add new model-specific options, and rewrite default values for existing options."""
        return parser
