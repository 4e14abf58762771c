# Which button sells better? A Bayesian A/B test with a Beta prior.
#
# params: alpha_prior beta_prior n_draws rope visitors_a visitors_b sales_a sales_b
# borderline params: seed percentiles
# metrics: p_b_better lift expected_loss
# borderline metrics: rate_a rate_b p_value

# %%
import numpy as np
from scipy import stats

visitors_a, sales_a = 1000, 52
visitors_b, sales_b = 980, 71
alpha_prior, beta_prior = 1, 1
n_draws = 20_000
rope = 0.01
seed = 99

# %%
rng = np.random.default_rng(seed)
a = rng.beta(alpha_prior + sales_a, beta_prior + visitors_a - sales_a, n_draws)
b = rng.beta(alpha_prior + sales_b, beta_prior + visitors_b - sales_b, n_draws)
rate_a, rate_b = a.mean(), b.mean()
print(f"A {rate_a:.4f}  B {rate_b:.4f}")

# %%
p_b_better = (b > a).mean()
lift = ((b - a) / a).mean()
expected_loss = np.maximum(a - b, 0).mean()
print(f"P(B > A) = {p_b_better:.3f}, lift {lift:+.1%}, expected loss {expected_loss:.5f}")

# %%
percentiles = [2.5, 50, 97.5]
dict(zip(percentiles, np.percentile(b - a, percentiles).round(4).tolist()))

# %%
inside = (np.abs(b - a) < rope).mean()
decision = "ship B" if p_b_better > 0.95 and inside < 0.5 else "wait"
decision

# %%
table = np.array([[sales_a, visitors_a - sales_a], [sales_b, visitors_b - sales_b]])
chi2, p_value, dof, expected = stats.chi2_contingency(table)
p_value
