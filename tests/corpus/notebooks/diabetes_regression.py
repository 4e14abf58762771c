# Ridge and lasso against plain least squares.
#
# params: alpha Lasso.alpha test_size train_test_split.random_state cross_val_score.cv
# borderline params: cross_val_score.scoring alphas
# metrics: rmse r2 mae cv_rmse lasso_rmse
# borderline metrics: n_zero

# %%
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import cross_val_score, train_test_split

# %%
X, y = load_diabetes(return_X_y=True, as_frame=True)
X.head(3)

# %%
test_size = 0.2
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=test_size, random_state=1)
len(X_train), len(X_test)

# %%
def report(name, model):
    pred = model.predict(X_test)
    error = np.sqrt(mean_squared_error(y_test, pred))
    print(f"{name:<8} rmse={error:.2f} r2={r2_score(y_test, pred):.3f}")
    return error


report("ols", LinearRegression().fit(X_train, y_train))

# %%
alpha = 0.1
ridge = Ridge(alpha=alpha).fit(X_train, y_train)
rmse = report("ridge", ridge)
pred = ridge.predict(X_test)
r2 = r2_score(y_test, pred)
mae = mean_absolute_error(y_test, pred)

# %%
lasso = Lasso(alpha=0.5).fit(X_train, y_train)
lasso_rmse = report("lasso", lasso)
n_zero = int((lasso.coef_ == 0).sum())
print(n_zero, "coefficients are zero")

# %%
scores = cross_val_score(ridge, X, y, cv=5, scoring="neg_mean_squared_error")
cv_rmse = np.sqrt(-scores).mean()
cv_rmse.round(3)

# %%
alphas = [0.01, 0.1, 1.0, 10.0]
for a in alphas:
    s = cross_val_score(Ridge(alpha=a), X, y, cv=5).mean()
    print(a, round(s, 4))
