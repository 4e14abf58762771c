# Sales by region and quarter: groupby, pivot, merge, rank.
#
# params: n_rows top_n
# borderline params: seed vat targets
# metrics: total_revenue growth
# borderline metrics: best_region share mean_order

# %%
import numpy as np
import pandas as pd

pd.set_option("display.float_format", "{:.2f}".format)
seed = 5
n_rows = 200
rng = np.random.default_rng(seed)
sales = pd.DataFrame({
    "date": pd.date_range("2023-01-01", periods=n_rows, freq="2D"),
    "region": rng.choice(["north", "south", "east"], n_rows),
    "units": rng.integers(1, 20, n_rows),
    "price": rng.uniform(5, 50, n_rows).round(2),
})
sales.sample(3, random_state=0)

# %%
vat = 0.19
sales["revenue"] = sales.units * sales.price * (1 + vat)
total_revenue = sales["revenue"].sum()
mean_order = sales["revenue"].mean()
print(f"total {total_revenue:,.2f}, mean {mean_order:.2f}")

# %%
by_region = sales.groupby("region").agg(orders=("units", "size"), units=("units", "sum"), revenue=("revenue", "sum"))
by_region

# %%
best_region = by_region["revenue"].idxmax()
share = by_region.loc[best_region, "revenue"] / total_revenue
best_region, share

# %%
pivot = sales.pivot_table(index="region", columns=sales.date.dt.quarter, values="revenue", aggfunc="sum")
pivot.style.format("{:.0f}").set_uuid("pivot").to_html()[:300]

# %%
targets = pd.DataFrame({"region": ["north", "south", "west"], "target": [9000, 8000, 100]})
by_region.merge(targets, on="region", how="outer", indicator=True)

# %%
growth = pivot[4].sum() / pivot[1].sum() - 1
print(f"growth: {growth:+.1%}")

# %%
top_n = 2
for region, group in sales.groupby("region"):
    print(region)
    print(group.nlargest(top_n, "revenue")[["date", "revenue"]].to_string(index=False))

# %%
sales.groupby("region")["revenue"].transform(lambda s: s / s.sum()).head(3)

# %%
sales.groupby("regoin")
