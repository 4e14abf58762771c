# House prices in the style of a competition: explore, engineer, fit, blend, submit.
#
# params: SEED N_FOLDS GradientBoostingRegressor.n_estimators GradientBoostingRegressor.learning_rate GradientBoostingRegressor.max_depth ridge_alpha weights N_HOUSES
# borderline params: KFold.shuffle KFold.n_splits KFold.random_state skew_limit drop_cols TARGET Ridge.alpha blend_w GradientBoostingRegressor.random_state gbr_params
# metrics: rmse_ridge rmse_gbr blend_rmse score
# borderline metrics: skew cv_std fold

# %% [markdown]
# # House prices
# 1. Look at the data  2. Clean  3. Features  4. Models  5. Submission

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold

warnings.filterwarnings("ignore")
pd.options.display.max_columns = 20
SEED = 2023
N_FOLDS = 3
N_HOUSES = 250
TARGET = "SalePrice"

# %%
def make_houses(n, seed):
    rng = np.random.default_rng(seed)
    area = rng.gamma(9, 150, n)
    quality = rng.integers(1, 11, n)
    return pd.DataFrame({
        "Id": np.arange(n),
        "GrLivArea": area.round(),
        "OverallQual": quality,
        "YearBuilt": rng.integers(1900, 2011, n),
        "Neighborhood": rng.choice(list("ABCD"), n),
        "LotFrontage": np.where(rng.random(n) < 0.15, np.nan, rng.normal(70, 20, n).round()),
        "SalePrice": np.exp(10.5 + 0.0003 * area + 0.1 * quality + rng.normal(0, 0.1, n)).round(-2),
    })


train = make_houses(N_HOUSES, SEED)
test = make_houses(60, SEED + 1).drop(columns=TARGET)
print("train", train.shape, "test", test.shape)
train.head()

# %%
missing = train.isnull().sum()
missing[missing > 0]

# %%
skew = train[TARGET].skew()
print("Skew: %.3f" % skew)
plt.figure(figsize=(4, 2))
plt.hist(train[TARGET], bins=20)
plt.xticks(rotation=30)
plt.show()

# %%
corr = train.select_dtypes("number").corr()[TARGET].sort_values(ascending=False)
corr

# %%
drop_cols = ["Id", TARGET]
y = np.log1p(train[TARGET])
everything = pd.concat([train, test], ignore_index=True)
everything["LotFrontage"] = everything.groupby("Neighborhood")["LotFrontage"].transform(lambda s: s.fillna(s.median()))
everything["Age"] = 2011 - everything["YearBuilt"]
features = pd.get_dummies(everything.drop(columns=drop_cols), columns=["Neighborhood"], dtype=int)
X, X_test = features[: len(train)], features[len(train):]
X.shape

# %%
gbr_params = {
    "n_estimators": 40,
    "learning_rate": 0.1,
    "max_depth": 3,
    "random_state": SEED,
}
ridge_alpha = 10
models = {"ridge": Ridge(alpha=ridge_alpha), "gbr": GradientBoostingRegressor(**gbr_params)}

# %%
def rmse(a, b):
    return np.sqrt(mean_squared_error(a, b))


folds = KFold(n_splits=N_FOLDS, shuffle=True, random_state=SEED)
oof = {name: np.zeros(len(X)) for name in models}
for fold, (tr, va) in enumerate(folds.split(X)):
    for name, model in models.items():
        model.fit(X.iloc[tr], y.iloc[tr])
        oof[name][va] = model.predict(X.iloc[va])
        score = rmse(y.iloc[va], oof[name][va])
        print(f"fold {fold} {name:<5} {score:.5f}")

# %%
rmse_ridge = rmse(y, oof["ridge"])
rmse_gbr = rmse(y, oof["gbr"])
print(rmse_ridge.round(5), rmse_gbr.round(5))

# %%
weights = [0.4, 0.6]
blend = weights[0] * oof["ridge"] + weights[1] * oof["gbr"]
blend_rmse = rmse(y, blend)
print("Blend RMSE:", round(blend_rmse, 5))

# %%
prediction = sum(w * m.fit(X, y).predict(X_test) for w, m in zip(weights, models.values()))
submission = pd.DataFrame({"Id": test["Id"], TARGET: np.expm1(prediction).round(0)})
submission.to_csv("submission.csv", index=False)
submission.head()

# %%
# !head -n 2 submission.csv
