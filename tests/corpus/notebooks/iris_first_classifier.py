# A first classifier on the iris flowers: the notebook that everybody writes once.
#
# params: train_test_split.test_size LogisticRegression.max_iter KNeighborsClassifier.n_neighbors
# borderline params: train_test_split.random_state load_iris.as_frame train_test_split.stratify
# metrics: model.score knn.score accuracy
# borderline metrics: model.predict_proba

# %% [markdown]
# # Iris
# Three species, four measurements. Can a straight line tell them apart?

# %%
import numpy as np
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

# %%
iris = load_iris(as_frame=True)
df = iris.frame
df.head()

# %%
df.describe()

# %%
df["target"].value_counts()

# %%
X = df.drop(columns="target")
y = df["target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=42, stratify=y)
X_train.shape, X_test.shape

# %%
model = LogisticRegression(max_iter=500)
model.fit(X_train, y_train)

# %%
model.score(X_test, y_test)

# %%
y_pred = model.predict(X_test)
accuracy = accuracy_score(y_test, y_pred)
print(f"Accuracy: {accuracy:.3f}")
print(classification_report(y_test, y_pred, target_names=iris.target_names))

# %%
pd.DataFrame(confusion_matrix(y_test, y_pred), index=iris.target_names, columns=iris.target_names)

# %%
model.predict_proba(X_test[:3]).round(3)

# %% [markdown]
# And the neighbours?

# %%
knn = KNeighborsClassifier(n_neighbors=7).fit(X_train, y_train)
knn.score(X_test, y_test)
