import enum

from absl import flags


class Activation(enum.Enum):
    RELU = 1
    GELU = 2


_HIDDEN = flags.DEFINE_spaceseplist("hidden_sizes", "64 64", "Layer sizes.")
_ACTIVATION = flags.DEFINE_enum_class("activation", Activation.RELU, Activation, "Nonlinearity.")
_LAYER_NORM = flags.DEFINE_boolean(name="layer_norm", default=False, help="Normalize.")
_CALLBACKS = flags.DEFINE_multi_string("callback", [], "Callbacks; repeatable.")
_GATES = flags.DEFINE_multi_enum("gate", None, ["input", "forget", "output"], "Gates.")
_RATES = flags.DEFINE_multi_float("rate", [0.1], "Rates.")


def from_flags():
    return dict(
        hidden_sizes=_HIDDEN.value,
        activation=_ACTIVATION.value.name,
        layer_norm=_LAYER_NORM.value,
        callback=_CALLBACKS.value,
        gate=_GATES.value,
        rate=_RATES.value,
    )
