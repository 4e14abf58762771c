# Plots of every kind; none of their numbers is a setting.
#
# params: n_points
# borderline params: bins frequency
# metrics:
# borderline metrics: mean

# %%
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cbook import get_sample_data

plt.rcParams["figure.figsize"] = (3, 2)
rng = np.random.default_rng(0)
n_points = 60

# %%
x = np.linspace(0, 2 * np.pi, n_points)
frequency = 3
plt.plot(x, np.sin(frequency * x), color="C0", linewidth=2, label="sin")
plt.plot(x, np.cos(x), "--", color="C1", alpha=0.7, label="cos")
plt.legend(loc="upper right", fontsize=7)
plt.grid(True, alpha=0.3)

# %%
bins = 15
values = rng.normal(size=300)
mean = values.mean()
plt.hist(values, bins=bins, density=True, edgecolor="white")
plt.axvline(mean, color="red", ls=":")
plt.show()

# %%
fig, axes = plt.subplots(2, 2, sharex=True, figsize=(4, 3))
for i, ax in enumerate(axes.flat):
    ax.scatter(rng.random(20), rng.random(20), s=10, c=rng.random(20), cmap="plasma")
    ax.set_title(f"panel {i}")
fig.suptitle("four panels")
fig.tight_layout()

# %%
with get_sample_data("grace_hopper.jpg") as file:
    image = plt.imread(file)
plt.imshow(image[::8, ::8])
plt.axis("off");

# %%
dem = get_sample_data("jacksboro_fault_dem.npz")
z = dem["elevation"][::20, ::20]
plt.contourf(z, levels=8)
plt.colorbar(shrink=0.8);

# %%
ax = plt.figure().add_subplot(projection="3d")
ax.plot_surface(*np.meshgrid(range(5), range(5)), rng.random((5, 5)), cmap="coolwarm")
plt.show()

# %%
plt.bar(["a", "b", "c"], [3, 1, 2], yerr=[0.2, 0.1, 0.3], capsize=3)
plt.savefig("bars.png", dpi=50)
plt.close()

# %%
plt.plot([1, 2, 3], [1, 2])
