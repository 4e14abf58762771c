# A small network by hand: a class, a training loop, a history of dicts and lists.
#
# params: hidden lr epochs batch_size Network.seed weight_decay
# borderline params: layers make_moons.n_samples make_moons.noise make_moons.random_state noise
# metrics: train_loss val_loss val_acc test_acc best_val_loss
# borderline metrics: patience_left n_weights

# %%
import numpy as np
from sklearn.datasets import make_moons

X, y = make_moons(n_samples=300, noise=0.2, random_state=0)
X_train, y_train, X_val, y_val, X_test, y_test = X[:180], y[:180], X[180:240], y[180:240], X[240:], y[240:]

# %%
class Network:
    """One hidden layer of tanh units and a logistic output."""

    def __init__(self, inputs, hidden, seed=0):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(0, 0.5, (inputs, hidden))
        self.b1 = np.zeros(hidden)
        self.W2 = rng.normal(0, 0.5, (hidden, 1))
        self.b2 = np.zeros(1)

    def forward(self, X):
        self.h = np.tanh(X @ self.W1 + self.b1)
        return 1 / (1 + np.exp(-(self.h @ self.W2 + self.b2)))[:, 0]

    def backward(self, X, y, p, lr, decay):
        d = (p - y)[:, None] / len(y)
        dh = d @ self.W2.T * (1 - self.h**2)
        self.W2 -= lr * (self.h.T @ d + decay * self.W2)
        self.b2 -= lr * d.sum(axis=0)
        self.W1 -= lr * (X.T @ dh + decay * self.W1)
        self.b1 -= lr * dh.sum(axis=0)

    @property
    def size(self):
        return sum(w.size for w in (self.W1, self.b1, self.W2, self.b2))

    def __repr__(self):
        return f"Network({self.W1.shape[0]} -> {self.W1.shape[1]} -> 1)"

# %%
hidden = 12
lr = 0.8
epochs = 25
batch_size = 30
weight_decay = 1e-4

# %%
net = Network(2, hidden, seed=1)
n_weights = net.size
net

# %%
def cross_entropy(y, p):
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


def accuracy(y, p):
    return ((p > 0.5) == y).mean()

# %%
history = {"loss": [], "val_loss": [], "val_acc": []}
best_val_loss = np.inf
patience_left = 10
for epoch in range(epochs):
    for start in range(0, len(X_train), batch_size):
        xb, yb = X_train[start:start + batch_size], y_train[start:start + batch_size]
        net.backward(xb, yb, net.forward(xb), lr, weight_decay)
    train_loss = cross_entropy(y_train, net.forward(X_train))
    p = net.forward(X_val)
    val_loss, val_acc = cross_entropy(y_val, p), accuracy(y_val, p)
    history["loss"].append(train_loss)
    history["val_loss"].append(val_loss)
    history["val_acc"].append(val_acc)
    if val_loss < best_val_loss:
        best_val_loss, patience_left = val_loss, 10
    else:
        patience_left -= 1
        if not patience_left:
            break
    if epoch % 5 == 0:
        print(f"epoch {epoch:3d}  loss {train_loss:.4f}  val_loss {val_loss:.4f}  val_acc {val_acc:.3f}")

# %%
test_acc = accuracy(y_test, net.forward(X_test))
f"test accuracy {test_acc:.3f}"

# %%
{key: [round(float(v), 3) for v in values[-3:]] for key, values in history.items()}

# %%
min(history["val_loss"])
