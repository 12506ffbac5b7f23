import argparse
import json


class Config:
    DEFAULTS = {"lr": 0.1, "epochs": 5}

    def __init__(self):
        self.parser = argparse.ArgumentParser(description=self.__class__.__name__)
        self._declare()
        self._parsed = None

    def _declare(self):
        self.parser.add_argument("--lr", type=float, default=self.DEFAULTS["lr"])
        self.parser.add_argument("--epochs", type=int, default=self.DEFAULTS["epochs"])
        self.declare_more()

    def declare_more(self):
        """For those who derive from it."""

    @property
    def args(self):
        if self._parsed is None:
            self._parsed = self.parser.parse_args()
        return self._parsed

    @classmethod
    def create(cls, **kwargs):
        config = cls()
        for key, value in kwargs.items():
            setattr(config, key, value)
        return config

    @staticmethod
    def add_model_specific_args(parent_parser):
        parser = argparse.ArgumentParser(parents=[parent_parser], add_help=False)
        parser.add_argument("--hidden_dim", type=int, default=128)
        return parser


class GanConfig(Config):
    DEFAULTS = {**Config.DEFAULTS, "lr": 2e-4}

    def declare_more(self):
        super().declare_more()
        self.parser.add_argument("--n-critic", type=int, default=5)
        self.parser = Config.add_model_specific_args(self.parser)


class Trainer:
    def __init__(self, config):
        self.config = config

    def fit(self):
        print(json.dumps(vars(self.config.args)))


def run():
    trainer = Trainer(GanConfig.create(tag="x"))
    trainer.fit()


if __name__ == "__main__":
    run()
