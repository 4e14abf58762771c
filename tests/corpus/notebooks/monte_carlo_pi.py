# π from random points, and how the error shrinks.
#
# params: n_samples seed checkpoints n_repeats
# borderline params: n_workers
# metrics: estimate error std_error slope
# borderline metrics: inside

# %%
import math
import random

# %%
seed = 123
n_samples = 3000
random.seed(seed)

# %%
inside = 0
for i in range(n_samples):
    if random.random() ** 2 + random.random() ** 2 <= 1:
        inside += 1
estimate = 4 * inside / n_samples
error = abs(estimate - math.pi)
print(estimate, error)

# %%
# The generator goes on where the cell before left it.
random.random(), random.randint(0, 1000)

# %%
import numpy as np

np.random.seed(seed)
checkpoints = [10, 100, 1000]
for n in checkpoints:
    xy = np.random.rand(n, 2)
    print(n, 4 * ((xy**2).sum(axis=1) <= 1).mean())

# %%
np.random.rand()

# %%
n_repeats = 20


def simulate(n):
    return 4 * (np.random.rand(n, 2) ** 2).sum(axis=1).__le__(1).mean()


runs = [simulate(200) for _ in range(n_repeats)]
std_error = np.std(runs) / np.sqrt(n_repeats)
std_error

# %%
spread = [np.std([simulate(n) for _ in range(n_repeats)]) for n in checkpoints]
slope, intercept = np.polyfit(np.log(checkpoints), np.log(spread), 1)
print(f"error shrinks like n^{slope:.2f}")
