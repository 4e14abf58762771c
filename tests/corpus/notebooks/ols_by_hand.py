# Ordinary least squares with a summary table: coefficients, standard errors, t, p, R².
#
# params: n beta sigma
# borderline params: alpha names
# metrics: r_squared adj_r_squared aic bic f_statistic durbin_watson sigma2
# borderline metrics: log_likelihood p_value k

# %%
import numpy as np
import pandas as pd
from scipy import stats

# %%
rng = np.random.default_rng(42)
n = 120
sigma = 1.5
beta = [1.0, 2.0, -0.5]
X = pd.DataFrame({"const": 1.0, "income": rng.normal(5, 2, n), "age": rng.uniform(20, 70, n)})
y = X.to_numpy() @ np.array(beta) + rng.normal(0, sigma, n)
X.head()

# %%
XtX_inv = np.linalg.inv(X.T @ X)
b = XtX_inv @ X.T.to_numpy() @ y
resid = y - X.to_numpy() @ b
k = X.shape[1]
sigma2 = resid @ resid / (n - k)
se = np.sqrt(np.diag(sigma2 * XtX_inv))
t = b / se
p = 2 * stats.t.sf(np.abs(t), n - k)

# %%
alpha = 0.05
half = stats.t.ppf(1 - alpha / 2, n - k) * se
names = ["const", "income", "age"]
summary = pd.DataFrame(
    {"coef": b, "std err": se, "t": t, "P>|t|": p, "[0.025": b - half, "0.975]": b + half}, index=names
)
summary.round(3)

# %%
tss = ((y - y.mean()) ** 2).sum()
r_squared = 1 - resid @ resid / tss
adj_r_squared = 1 - (1 - r_squared) * (n - 1) / (n - k)
log_likelihood = -n / 2 * (np.log(2 * np.pi) + np.log(resid @ resid / n) + 1)
aic = 2 * k - 2 * log_likelihood
bic = k * np.log(n) - 2 * log_likelihood
f_statistic = (r_squared / (k - 1)) / ((1 - r_squared) / (n - k))
durbin_watson = (np.diff(resid) ** 2).sum() / (resid @ resid)
print(f"""
R-squared:      {r_squared:8.3f}    AIC: {aic:9.1f}
Adj. R-squared: {adj_r_squared:8.3f}    BIC: {bic:9.1f}
F-statistic:    {f_statistic:8.1f}    Durbin-Watson: {durbin_watson:.3f}
""")

# %%
statistic, p_value = stats.shapiro(resid)
print("residuals look normal" if p_value > alpha else "residuals do not look normal")

# %%
summary.loc["income", "coef"]
