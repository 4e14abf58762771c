# Do the probabilities mean what they say? Reliability before and after calibration.
#
# params: n_samples make_classification.n_features make_classification.n_informative make_classification.flip_y CalibratedClassifierCV.method CalibratedClassifierCV.cv n_bins train_test_split.test_size
# borderline params: make_classification.random_state train_test_split.random_state calibration_curve.n_bins make_classification.n_samples
# metrics: brier_raw brier_sigmoid brier_isotonic log_loss_raw ece
# borderline metrics:

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.datasets import make_classification
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB

# %%
n_samples = 1500
n_bins = 8
X, y = make_classification(n_samples=n_samples, n_features=12, n_informative=4, flip_y=0.05, random_state=2)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=2)

# %%
raw = GaussianNB().fit(X_train, y_train)
p_raw = raw.predict_proba(X_test)[:, 1]
brier_raw = brier_score_loss(y_test, p_raw)
log_loss_raw = log_loss(y_test, p_raw)
print(f"Brier {brier_raw:.4f}, log loss {log_loss_raw:.4f}")

# %%
sigmoid = CalibratedClassifierCV(GaussianNB(), method="sigmoid", cv=3).fit(X_train, y_train)
isotonic = CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=3).fit(X_train, y_train)
brier_sigmoid = brier_score_loss(y_test, sigmoid.predict_proba(X_test)[:, 1])
brier_isotonic = brier_score_loss(y_test, isotonic.predict_proba(X_test)[:, 1])
brier_sigmoid, brier_isotonic

# %%
def expected_calibration_error(truth, probability, bins):
    edges = np.linspace(0, 1, bins + 1)
    which = np.digitize(probability, edges[1:-1])
    total = 0.0
    for b in range(bins):
        mask = which == b
        if not mask.any():
            continue
        total += mask.mean() * abs(truth[mask].mean() - probability[mask].mean())
    return total


ece = expected_calibration_error(y_test, p_raw, n_bins)
print("expected calibration error:", round(ece, 4))

# %%
fig, ax = plt.subplots(figsize=(3.5, 3))
ax.plot([0, 1], [0, 1], ":", color="grey")
for name, classifier in [("raw", raw), ("sigmoid", sigmoid), ("isotonic", isotonic)]:
    true, predicted = calibration_curve(y_test, classifier.predict_proba(X_test)[:, 1], n_bins=n_bins)
    ax.plot(predicted, true, marker=".", label=name)
ax.legend()
fig
