from fairseq_lite import registry

register_optimizer, OPTIMIZER_REGISTRY = registry.setup_registry("--optimizer", default="sgd")

from fairseq_lite.optim.adam import Adam  # noqa
from fairseq_lite.optim.sgd import SGD  # noqa
