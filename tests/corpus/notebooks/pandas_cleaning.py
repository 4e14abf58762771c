# A messy table of customers, made usable.
#
# params: MAX_AGE
# borderline params: country_names read_csv.na_values read_csv.sep upper quantile
# metrics:
# borderline metrics: n_dropped missing_share n_before n_after

# %%
import io

import numpy as np
import pandas as pd

raw = """id;Name ;signup;age;Country;spent
1;  Ada ;2021-01-04;36;UK;1,200.50
2;Grace;2021-02-30;85;usa;88
3;Alan;2021-03-01;-1;U.K.;n/a
3;Alan;2021-03-01;-1;U.K.;n/a
4;;2021-04-11;41;US;310
5;Edsger;not yet;72;NL;45.10
"""

# %%
df = pd.read_csv(io.StringIO(raw), sep=";", na_values=["n/a"])
df

# %%
df.columns = df.columns.str.strip().str.lower()
df.dtypes

# %%
n_before = len(df)
df = df.drop_duplicates()
n_after = len(df)
n_dropped = n_before - n_after
print(f"dropped {n_dropped} rows")

# %%
df["name"] = df["name"].str.strip()
df["signup"] = pd.to_datetime(df["signup"], errors="coerce")
df["spent"] = df["spent"].str.replace(",", "").astype(float)
df

# %%
MAX_AGE = 80
country_names = {"UK": "United Kingdom", "U.K.": "United Kingdom", "USA": "United States", "US": "United States"}
df["country"] = df["country"].str.upper().map(country_names).fillna(df["country"])
df.loc[~df["age"].between(0, MAX_AGE), "age"] = np.nan
df.isna().sum()

# %%
missing_share = df.isna().mean().mean()
missing_share

# %%
quantile = 0.9
upper = df["spent"].quantile(quantile)
df["spent"] = df["spent"].clip(upper=upper)
df["age"] = df["age"].fillna(df["age"].median())
df.describe(include="all").T

# %%
df["age"] > 40

# %%
df.query("age > 40")[["name", "age"]]

# %%
df["nme"]
