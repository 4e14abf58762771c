# Settings as a frozen dataclass with enums, and a factory that reads them.
#
# params: Config.learning_rate Config.epochs Config.optimizer
# borderline params: replace.learning_rate config config.learning_rate config.epochs config.optimizer
# metrics: loss best_loss fast_loss
# borderline metrics: weight

# %%
from dataclasses import asdict, dataclass, field, replace
from enum import Enum

import numpy as np


class Optimizer(Enum):
    SGD = "sgd"
    MOMENTUM = "momentum"


@dataclass(frozen=True)
class Config:
    learning_rate: float = 0.1
    epochs: int = 20
    optimizer: Optimizer = Optimizer.SGD
    layers: tuple = field(default=(8, 4))

# %%
config = Config(learning_rate=0.05, epochs=15, optimizer=Optimizer.MOMENTUM)
config

# %%
asdict(config)

# %%
def train(config):
    weight, velocity = 5.0, 0.0
    losses = []
    for epoch in range(config.epochs):
        gradient = 2 * weight
        match config.optimizer:
            case Optimizer.SGD:
                weight -= config.learning_rate * gradient
            case Optimizer.MOMENTUM:
                velocity = 0.5 * velocity - config.learning_rate * gradient
                weight += velocity
        losses.append(weight**2)
    return weight, losses


weight, losses = train(config)
loss = losses[-1]
best_loss = min(losses)
loss, best_loss

# %%
_, fast = train(replace(config, learning_rate=0.4, optimizer=Optimizer.SGD))
fast_loss = fast[-1]
print(f"{fast_loss:.2e}")

# %%
config.epochs = 100

# %%
Config(lerning_rate=1)
