"""Keras 3 on random data: `pip install keras jax numpy`, then `python keras_fit.py VERBOSE [lr] [evaluate]`."""

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy


def main(verbose: str) -> None:
    keras.utils.set_random_seed(1)
    inputs = numpy.random.rand(960, 16).astype("float32")
    labels = (inputs.sum(axis=1) > 8).astype("int32")
    model = keras.Sequential(
        [keras.Input((16,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(2, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    plateau = keras.callbacks.ReduceLROnPlateau(patience=1)
    callbacks = [plateau] if "lr" in sys.argv else []
    epochs = 3 if verbose == "1" else 8
    model.fit(
        inputs, labels, epochs=epochs, batch_size=32, validation_split=0.2, verbose=int(verbose), callbacks=callbacks
    )
    if "evaluate" in sys.argv:
        print("Test results:", model.evaluate(inputs, labels, verbose=int(verbose)))


if __name__ == "__main__":
    main(sys.argv[1])
