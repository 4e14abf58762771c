# Grid search and randomised search over a support vector machine.
#
# params: param_grid GridSearchCV.cv SVC.kernel RandomizedSearchCV.n_iter train_test_split.test_size
# borderline params: GridSearchCV.scoring RandomizedSearchCV.random_state train_test_split.random_state RandomizedSearchCV.cv loguniform.a loguniform.b distributions GridSearchCV.param_grid
# metrics: best_score test_score grid.best_score_ grid.score
# borderline metrics: improvement random_search.best_score_

# %%
import pandas as pd
from scipy.stats import loguniform
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

# %%
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, random_state=7)
pipe = make_pipeline(StandardScaler(), SVC(kernel="rbf"))
pipe

# %%
param_grid = {"svc__C": [0.1, 1, 10], "svc__gamma": ["scale", 0.01, 0.1]}
grid = GridSearchCV(pipe, param_grid, cv=3, scoring="accuracy")
grid.fit(X_train, y_train);

# %%
grid.best_params_

# %%
grid.best_score_

# %%
results = pd.DataFrame(grid.cv_results_)
results[["param_svc__C", "param_svc__gamma", "mean_test_score", "rank_test_score"]].sort_values("rank_test_score").head()

# %%
grid.score(X_test, y_test)

# %%
distributions = {"svc__C": loguniform(1e-2, 1e2)}
random_search = RandomizedSearchCV(pipe, distributions, n_iter=4, cv=3, random_state=0)
random_search.fit(X_train, y_train)
best_score = random_search.best_score_
test_score = random_search.score(X_test, y_test)
improvement = test_score - best_score
print("best", {name: round(value, 3) for name, value in random_search.best_params_.items()})
print(f"{best_score:.3f} {test_score:.3f} {improvement:+.3f}")
