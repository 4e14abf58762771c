# Linear regression by gradient descent, with the loss printed on the way.
#
# params: learning_rate n_epochs batch_size true_w true_b
# borderline params: print_every
# metrics: loss final_loss w_error best_loss
# borderline metrics: w b

# %% [markdown]
# We know the answer ($w = 2.5$, $b = -1$), so that we can see whether we find it.

# %%
import numpy as np

np.random.seed(0)
true_w, true_b = 2.5, -1.0
x = np.random.rand(200) * 4
y = true_w * x + true_b + np.random.randn(200) * 0.3

# %%
learning_rate = 0.05
n_epochs = 30
batch_size = 20
print_every = 10

# %%
def mse(w, b):
    return ((w * x + b - y) ** 2).mean()


w, b = 0.0, 0.0
mse(w, b)

# %%
losses = []
best_loss = float("inf")
for epoch in range(n_epochs):
    order = np.random.permutation(len(x))
    for start in range(0, len(x), batch_size):
        batch = order[start:start + batch_size]
        residual = w * x[batch] + b - y[batch]
        w -= learning_rate * 2 * (residual * x[batch]).mean()
        b -= learning_rate * 2 * residual.mean()
    loss = mse(w, b)
    losses.append(loss)
    best_loss = min(best_loss, loss)
    if (epoch + 1) % print_every == 0:
        print(f"Epoch {epoch + 1}/{n_epochs} - loss: {loss:.4f}")

# %%
final_loss = losses[-1]
w_error = abs(w - true_w)
print("w =", round(w, 3), "b =", round(b, 3), "error =", round(w_error, 3))

# %%
[round(l, 3) for l in losses[::5]]

# %% [markdown]
# Too large a step explodes.

# %%
w, b = 0.0, 0.0
with np.errstate(over="ignore", invalid="ignore"):
    for step in range(400):
        residual = w * x + b - y
        w -= 0.9 * (residual * x).mean()
        b -= 0.9 * residual.mean()
        if not np.isfinite(w):
            print("diverged after", step, "steps")
            break
