"""Builds the Keras network of an MLP, and reads the weights back out of it.

Keras is passed in, so that this module can be imported without it.

>>> from pipeline.models.mlp.model import MLP
>>> from pipeline.models.mlp.training import load_keras
>>> model = MLP(hidden=(8, 4))
>>> network = build_network(load_keras(), model, columns=100, has_linear_path=False)
>>> [array.shape for array in read_layers(network, model)]
[(100, 8), (8,), (8, 4), (4,), (4, 1), (1,)]
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.models.mlp.training import define_fused_adam, define_network

if TYPE_CHECKING:
    from pipeline.models.mlp.model import MLP

OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "adam": lambda keras, **settings: define_fused_adam(keras)(**settings),
    "adamw": lambda keras, **settings: keras.optimizers.AdamW(**settings),
    "rmsprop": lambda keras, **settings: keras.optimizers.RMSprop(**settings),
    "momentum": lambda keras, **settings: keras.optimizers.SGD(**settings, momentum=0.9),
    "sgd": lambda keras, **settings: keras.optimizers.SGD(**settings),
}
"""What makes each optimiser from the keras module, a learning rate and perhaps a clipping norm."""
STEPS_PER_CALL = 8
"""Keras takes 8 steps before it calls back: an epoch of 121 steps is a quarter faster than with a
call after each, and a stop is still obeyed within 0.1 s."""


def build_network(keras: Any, model: "MLP", columns: int, has_linear_path: bool) -> Any:
    """Build and compile an untrained network with the parameters of the model.

    Its inputs are sparse mails of shape (mails, columns) and, with a linear path, the log-odds that
    the path gives them, of shape (mails, 1), which it adds to its own. Its output is log-odds of
    shape (mails, 1).

    Every seed is given here. Keras would draw the others from Python's global generator, which the
    threads of a Dask worker use as well, and one spec would give different weights.
    """
    regularizer = keras.regularizers.L2(model.l2) if model.l2 else None
    is_rectifier = "elu" in model.activation  # relu, leaky_relu, elu, gelu
    initializer = keras.initializers.HeNormal if is_rectifier else keras.initializers.GlorotUniform
    seed = model.seed % 2**31
    x = mails = keras.Input((columns,), sparse=True)
    for layer, units in enumerate(model.hidden):
        x = keras.layers.Dense(
            units,
            kernel_regularizer=regularizer,
            kernel_initializer=initializer(seed=seed + layer),
            name=f"hidden_{layer}",
        )(x)
        if model.batch_norm:
            x = keras.layers.BatchNormalization(name=f"norm_{layer}")(x)
        x = keras.layers.Activation(model.activation)(x)
        if model.dropout:
            x = keras.layers.Dropout(model.dropout, seed=seed + 10 + layer)(x)
    # beside a linear path the hidden layers start by adding nothing: epoch 0 is the path alone
    last = "zeros" if has_linear_path else keras.initializers.GlorotUniform(seed + 20)
    output = keras.layers.Dense(1, kernel_initializer=last, name="out")(x)
    inputs = mails
    if has_linear_path:
        linear = keras.Input((1,))
        inputs, output = [mails, linear], keras.layers.Add()([output, linear])
    settings: dict[str, Any] = {"learning_rate": model.learning_rate}
    if model.clip_norm:
        settings["global_clipnorm"] = model.clip_norm
    network = define_network(keras)(inputs, output)
    network.compile(
        OPTIMIZERS[model.optimizer](keras, **settings),
        keras.losses.BinaryCrossentropy(from_logits=True),
        jit_compile=False,  # XLA has no sparse matrix product
        steps_per_execution=STEPS_PER_CALL,
    )
    return network


def read_layers(network: Any, model: "MLP") -> list[np.ndarray]:
    """Read the kernel and the bias of each hidden layer and of the output; see `forward`.

    When a network predicts, batch normalisation is a scale and a shift, which go into the layer
    before it.
    """
    layers: list[np.ndarray] = []
    for layer in range(len(model.hidden)):
        kernel, bias = network.get_layer(f"hidden_{layer}").get_weights()
        if model.batch_norm:
            norm = network.get_layer(f"norm_{layer}")
            gamma, beta, mean, variance = norm.get_weights()
            factor = gamma / np.sqrt(variance + norm.epsilon)
            kernel, bias = kernel * factor, (bias - mean) * factor + beta
        layers += [kernel, bias]
    layers += network.get_layer("out").get_weights()
    return layers
