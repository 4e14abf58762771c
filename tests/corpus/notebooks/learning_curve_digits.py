# How many digits does a classifier need to see? Learning and validation curves.
#
# params: param_range cv gamma learning_curve.train_sizes
# borderline params: validation_curve.param_name SVC.gamma validation_curve.cv learning_curve.cv validation_curve.param_range
# metrics: final_gap best_score
# borderline metrics: best_gamma

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import learning_curve, validation_curve
from sklearn.svm import SVC

# %%
X, y = load_digits(return_X_y=True)
X, y = X[:400] / 16, y[:400]
X.shape

# %%
fig, axes = plt.subplots(1, 4, figsize=(4, 1.2))
for ax, image, digit in zip(axes, X, y):
    ax.imshow(image.reshape(8, 8), cmap="gray_r")
    ax.set_title(digit)
    ax.axis("off")

# %%
cv = 3
gamma = 0.1
sizes, train_scores, test_scores = learning_curve(SVC(gamma=gamma), X, y, cv=cv, train_sizes=[0.3, 0.6, 1.0])
for n, tr, te in zip(sizes, train_scores.mean(axis=1), test_scores.mean(axis=1)):
    print(f"{n:4d} images: train {tr:.3f}, test {te:.3f}")

# %%
plt.plot(sizes, train_scores.mean(axis=1), "o-", label="training")
plt.plot(sizes, test_scores.mean(axis=1), "s--", label="validation")
plt.fill_between(sizes, test_scores.min(axis=1), test_scores.max(axis=1), alpha=0.2)
plt.legend(loc="lower right")
plt.xlabel("images")
plt.ylabel("accuracy")

# %%
final_gap = train_scores[-1].mean() - test_scores[-1].mean()
final_gap

# %%
param_range = [0.01, 0.1, 1.0]
_, valid = validation_curve(SVC(), X, y, param_name="gamma", param_range=param_range, cv=3)
best_score = valid.mean(axis=1).max()
best_gamma = param_range[int(valid.mean(axis=1).argmax())]
best_gamma, best_score
