# Principal components in front of a stack of models, and a regression tree's depth.
#
# params: n_components StackingClassifier.cv RandomForestClassifier.n_estimators RandomForestClassifier.random_state depth KNeighborsClassifier.n_neighbors noise GradientBoostingRegressor.subsample GradientBoostingRegressor.n_estimators
# borderline params: train_test_split.random_state DecisionTreeRegressor.max_depth PCA.n_components GradientBoostingRegressor.random_state permutation_importance.n_repeats permutation_importance.random_state
# metrics: explained_variance stack_score tree_mse val_errors
# borderline metrics: best_round important

# %%
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier, StackingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeRegressor

# %%
X, y = load_digits(n_class=4, return_X_y=True)
n_components = 10
pca = PCA(n_components=n_components).fit(X)
explained_variance = pca.explained_variance_ratio_.sum()
Z = pca.transform(X)
print(Z.shape, f"{explained_variance:.3f}")

# %%
X_train, X_test, y_train, y_test = train_test_split(Z, y, random_state=0)
stack = StackingClassifier(
    [
        ("forest", RandomForestClassifier(n_estimators=10, random_state=0)),
        ("knn", KNeighborsClassifier(n_neighbors=3)),
    ],
    final_estimator=LogisticRegression(),
    cv=3,
)
stack.fit(X_train, y_train)
stack_score = stack.score(X_test, y_test)
stack_score

# %%
importance = permutation_importance(stack, X_test[:60], y_test[:60], n_repeats=2, random_state=0)
important = importance.importances_mean.argmax()
print("component", important, "matters most")

# %%
rng = np.random.default_rng(1)
noise = 0.2
x = np.sort(rng.uniform(0, 6, 80))[:, None]
t = np.sin(x[:, 0]) + rng.normal(0, noise, 80)
depth = 4
tree = DecisionTreeRegressor(max_depth=depth).fit(x, t)
tree_mse = mean_squared_error(np.sin(x[:, 0]), tree.predict(x))
round(tree_mse, 4)

# %%
gbr = GradientBoostingRegressor(n_estimators=20, subsample=0.8, random_state=0).fit(x[::2], t[::2])
val_errors = [mean_squared_error(t[1::2], p) for p in gbr.staged_predict(x[1::2])]
best_round = int(np.argmin(val_errors))
print("best after", best_round + 1, "rounds:", round(val_errors[best_round], 4))
