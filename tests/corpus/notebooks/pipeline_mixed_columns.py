# Numbers, words and gaps in one table: a pipeline with a column transformer.
#
# params: SimpleImputer.strategy LogisticRegression.C cross_val_score.cv n_passengers OneHotEncoder.handle_unknown
# borderline params: numeric categorical LogisticRegression.max_iter cross_validate.cv cross_validate.scoring cross_validate.return_train_score
# metrics: mean_acc std_acc clf.fit.score
# borderline metrics: survived_share missing_age

# %%
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# %%
rng = np.random.default_rng(3)
n_passengers = 300
titanic = pd.DataFrame({
    "age": rng.normal(30, 12, n_passengers).clip(1, 80).round(),
    "fare": rng.exponential(30, n_passengers).round(2),
    "sex": rng.choice(["male", "female"], n_passengers),
    "port": rng.choice(["S", "C", "Q", None], n_passengers, p=[0.7, 0.18, 0.1, 0.02]),
})
titanic.loc[rng.random(n_passengers) < 0.2, "age"] = np.nan
titanic["survived"] = ((titanic.sex == "female") | (rng.random(n_passengers) < 0.2)).astype(int)
titanic.info()

# %%
missing_age = titanic["age"].isna().mean()
survived_share = titanic["survived"].mean()
print(f"{missing_age:.1%} without an age, {survived_share:.1%} survived")

# %%
numeric = ["age", "fare"]
categorical = ["sex", "port"]

numeric_steps = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
categorical_steps = Pipeline([
    ("impute", SimpleImputer(strategy="most_frequent")),
    ("encode", OneHotEncoder(handle_unknown="ignore")),
])
preprocess = ColumnTransformer([("num", numeric_steps, numeric), ("cat", categorical_steps, categorical)])

# %%
clf = Pipeline([("prepare", preprocess), ("model", LogisticRegression(C=0.5, max_iter=200))])
clf

# %%
X, y = titanic.drop(columns="survived"), titanic["survived"]
scores = cross_val_score(clf, X, y, cv=5)
mean_acc, std_acc = scores.mean(), scores.std()
print("%.3f +/- %.3f" % (mean_acc, std_acc))

# %%
both = cross_validate(clf, X, y, cv=3, scoring=["accuracy", "roc_auc"], return_train_score=True)
{name: values.round(3).tolist() for name, values in both.items() if name.startswith("test")}

# %%
clf.fit(X, y).score(X, y)

# %%
clf.named_steps["prepare"].get_feature_names_out()
