# Lloyd's algorithm without a library.
#
# params: k max_iter tol n_points
# borderline params: seed
# metrics: inertia
# borderline metrics: shift i

# %%
import numpy as np

seed = 4
k = 3
max_iter = 50
tol = 1e-4
n_points = 90

# %%
rng = np.random.default_rng(seed)
centres_true = np.array([[0, 0], [5, 5], [0, 6]])
X = np.vstack([rng.normal(c, 1.0, size=(n_points // 3, 2)) for c in centres_true])
X.mean(axis=0), X.std(axis=0)

# %%
def assign(X, centres):
    distances = ((X[:, None, :] - centres[None]) ** 2).sum(axis=2)
    return distances.argmin(axis=1), distances.min(axis=1).sum()


def update(X, labels, k):
    return np.array([X[labels == j].mean(axis=0) for j in range(k)])

# %%
centres = X[rng.choice(len(X), k, replace=False)]
for i in range(max_iter):
    labels, inertia = assign(X, centres)
    new = update(X, labels, k)
    shift = np.linalg.norm(new - centres)
    centres = new
    print(f"iteration {i}: inertia {inertia:.3f}, shift {shift:.4f}")
    if shift < tol:
        print("converged")
        break
else:
    print("gave up")

# %%
np.bincount(labels)

# %%
for centre in sorted(centres.round(2).tolist()):
    print(centre)

# %%
assert inertia < 250, "the clusters should be tight"
