# A sweep over two settings with loops, gathered in a table.
#
# params: depths learning_rates n_trees n_splits
# borderline params: HistGradientBoostingClassifier.random_state GradientBoostingClassifier.random_state GradientBoostingClassifier.n_estimators make_classification.random_state make_classification.n_samples depth rate
# metrics: score best_score acc
# borderline metrics: best elapsed

# %%
from itertools import product

import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import cross_val_score

X, y = make_classification(n_samples=150, random_state=0)

# %%
depths = [1, 2, 3]
learning_rates = [0.03, 0.3]
n_trees = 10
n_splits = 3
best_score = 0
best = None
results = []

# %%
for depth, rate in product(depths, learning_rates):
    model = GradientBoostingClassifier(n_estimators=n_trees, max_depth=depth, learning_rate=rate, random_state=0)
    score = cross_val_score(model, X, y, cv=n_splits).mean()
    results.append({"depth": depth, "rate": rate, "score": score})
    if score > best_score:
        best_score = score
        best = (depth, rate)
        print("new best:", best, round(best_score, 4))

# %%
table = pd.DataFrame(results)
table.pivot(index="depth", columns="rate", values="score").round(3)

# %%
table.sort_values("score", ascending=False).head(2)

# %%
i = 0
while i < 2:
    acc = cross_val_score(model, X, y, cv=2 + i).mean()
    print(i, round(acc, 3))
    i += 1

# %%
acc
