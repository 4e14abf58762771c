# A random forest with its settings at the top, and the curves that go into a report.
#
# params: N_TREES MAX_DEPTH TEST_SIZE SEED
# borderline params: RandomForestClassifier.n_jobs top RandomForestClassifier.n_estimators RandomForestClassifier.max_depth RandomForestClassifier.oob_score
# metrics: acc auc f1 oob
# borderline metrics: forest.oob_score_ baseline

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split

# %matplotlib inline

# %%
N_TREES = 40
MAX_DEPTH = 5
TEST_SIZE = 0.25
SEED = 0

# %%
data = load_breast_cancer()
print(data.data.shape, list(data.target_names))
X_train, X_test, y_train, y_test = train_test_split(
    data.data, data.target, test_size=TEST_SIZE, random_state=SEED
)

# %%
baseline = DummyClassifier().fit(X_train, y_train).score(X_test, y_test)
baseline

# %%
forest = RandomForestClassifier(n_estimators=N_TREES, max_depth=MAX_DEPTH, oob_score=True, random_state=SEED)
forest.fit(X_train, y_train);

# %%
proba = forest.predict_proba(X_test)[:, 1]
pred = (proba > 0.5).astype(int)
acc = (pred == y_test).mean()
auc = roc_auc_score(y_test, proba)
f1 = f1_score(y_test, pred)
oob = forest.oob_score_
print("acc %.4f  auc %.4f  f1 %.4f  oob %.4f" % (acc, auc, f1, oob))

# %%
top = 8
order = np.argsort(forest.feature_importances_)[-top:]
fig, ax = plt.subplots(figsize=(4, 2.5))
ax.barh(np.array(data.feature_names)[order], forest.feature_importances_[order], color="seagreen")
ax.set_title("Importance")
plt.show()

# %%
RocCurveDisplay.from_predictions(y_test, proba)
plt.show()

# %%
ConfusionMatrixDisplay.from_predictions(y_test, pred, cmap="Blues", colorbar=False);
