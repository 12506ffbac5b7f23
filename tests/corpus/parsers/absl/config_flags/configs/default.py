"""Default hyperparameter configuration."""

import ml_collections


def get_config():
    config = ml_collections.ConfigDict()
    config.learning_rate = 0.1
    config.momentum = 0.9
    config.num_epochs = 10
    config.model = ml_collections.ConfigDict({"width": 64, "name": "cnn"})
    return config
