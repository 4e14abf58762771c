# All settings in one dict, handed on with two stars.
#
# params: config model_params
# borderline params: overrides config.model config.test_size DecisionTreeClassifier.criterion DecisionTreeClassifier.max_depth DecisionTreeClassifier.min_samples_leaf
# metrics: train_score test_score gap result
# borderline metrics:

# %%
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier, export_text

config = {
    "model": "tree",
    "test_size": 0.35,
    "seed": 8,
}
model_params = dict(max_depth=3, min_samples_leaf=2, criterion="entropy")

# %%
iris = load_iris()
X_train, X_test, y_train, y_test = train_test_split(
    iris.data, iris.target, test_size=config["test_size"], random_state=config["seed"]
)

# %%
def build(max_depth=None, min_samples_leaf=1, **rest):
    return DecisionTreeClassifier(max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=0, **rest)


model = build(**model_params)
model.fit(X_train, y_train);

# %%
train_score = model.score(X_train, y_train)
test_score = model.score(X_test, y_test)
gap = train_score - test_score
print(f"{train_score=:.3f} {test_score=:.3f} {gap=:.3f}")

# %%
print(export_text(model, feature_names=iris.feature_names, max_depth=2))

# %%
overrides = {"max_depth": 1}
result = build(**{**model_params, **overrides}).fit(X_train, y_train).score(X_test, y_test)
result

# %%
config["optimizer"]
