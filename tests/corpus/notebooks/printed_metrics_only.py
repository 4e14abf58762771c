# A notebook that binds no result: everything is printed.
#
# params: DecisionTreeClassifier.max_depth train_test_split.test_size MLPRegressor.hidden_layer_sizes MLPRegressor.max_iter MLPRegressor.solver
# borderline params: train_test_split.random_state DecisionTreeClassifier.random_state MLPRegressor.random_state
# metrics: tree.score accuracy f1 r2
# borderline metrics: cross_val_score.mean

# %%
from sklearn.datasets import load_diabetes, load_wine
from sklearn.metrics import accuracy_score, f1_score, r2_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import scale
from sklearn.tree import DecisionTreeClassifier

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.33, random_state=5)

# %%
tree = DecisionTreeClassifier(max_depth=2, random_state=0)
tree.fit(X_train, y_train)
print("Train:", tree.score(X_train, y_train))
print("Test:", tree.score(X_test, y_test))

# %%
pred = tree.predict(X_test)
print("Accuracy: {:.2f}".format(accuracy_score(y_test, pred)))
print("F1: %.2f" % f1_score(y_test, pred, average="weighted"))

# %%
print(f"CV: {cross_val_score(tree, X, y).mean():.3f}")

# %%
X, y = load_diabetes(return_X_y=True)
net = MLPRegressor(hidden_layer_sizes=(5,), max_iter=30, solver="adam", random_state=1)
net.fit(X, scale(y))
print("R2:", round(r2_score(scale(y), net.predict(X)), 3), "after", net.n_iter_, "iterations")
