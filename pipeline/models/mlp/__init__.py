"""A multilayer perceptron in Keras, on sparse input; only this folder imports keras.

`model` is the model, `building` its Keras network, `training` all that needs TensorFlow, `callback`
what happens between two epochs. `forward` and `integrated_gradients` score and explain with NumPy.

>>> MLP(hidden=(128, 32)).parameters()["hidden"]
[128, 32]
"""

from pipeline.models.mlp.model import MLP as MLP
