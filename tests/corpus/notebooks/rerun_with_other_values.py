# The way a notebook is really used: the same cells again, with another number.
#
# params: lr depth momentum
# borderline params:
# metrics: loss acc
# borderline metrics:

# %%
import math

lr = 0.1
depth = 4
momentum = 0.9

# %%
def train(lr, depth):
    value = 1.0
    for _ in range(depth):
        value = value * (1 - lr) + momentum * 0.001
    return value


loss = train(lr, depth)
acc = 1 - loss / 2
print(f"{loss=:.4f} {acc=:.4f}")

# %%
lr = 0.2

# %%
loss = train(lr, depth)
acc = 1 - loss / 2
print(f"{loss=:.4f} {acc=:.4f}")

# %%
depth = 8
loss = train(lr, depth)
acc = 1 - loss / 2
print(f"{loss=:.4f} {acc=:.4f}")

# %%
lr = "fast"
loss = train(lr, depth)

# %%
lr = 0.2
loss = train(lr, depth)
acc = 1 - loss / 2
acc

# %%
del momentum
train(lr, depth)

# %%
momentum = 0.5
train(lr, depth)
