# Stock prices that ship with matplotlib: returns, rolling windows, a naive forecast.
#
# params: window horizon span trading_days resample_rule
# borderline params: rolling.window threshold
# metrics: volatility sharpe mae mape max_drawdown
# borderline metrics: autocorrelation naive_mae n_crossings

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.cbook import get_sample_data

with get_sample_data("msft.csv") as file:
    prices = pd.read_csv(file, parse_dates=["Date"], date_format="%d-%b-%y", index_col="Date").sort_index()
prices.tail(3)

# %%
close = prices["Adj. Close*"] if "Adj. Close*" in prices else prices["Close"]
window = 10
span = 20
trading_days = 252
returns = close.pct_change().dropna()
volatility = returns.std() * np.sqrt(trading_days)
sharpe = returns.mean() / returns.std() * np.sqrt(trading_days)
print(f"volatility {volatility:.3f}, Sharpe {sharpe:.3f}")

# %%
rolling = close.rolling(window).mean()
ewm = close.ewm(span=span).mean()
ax = close.plot(figsize=(5, 2), lw=0.8, label="close")
rolling.plot(ax=ax, label=f"{window} days")
ewm.plot(ax=ax, ls="--", label="ewm")
ax.legend();

# %%
max_drawdown = (close / close.cummax() - 1).min()
autocorrelation = returns.autocorr()
max_drawdown, autocorrelation

# %%
resample_rule = "W"
close.resample(resample_rule).agg(["first", "max", "min", "last"]).head(4)

# %%
horizon = 5
train, test = close[:-horizon], close[-horizon:]
forecast = np.repeat(train.iloc[-1], horizon)
errors = test.to_numpy() - forecast
mae = np.abs(errors).mean()
mape = (np.abs(errors) / test.to_numpy()).mean() * 100
print(f"MAE {mae:.3f}  MAPE {mape:.2f} %")

# %%
state, n_crossings = None, 0
for day, (fast, slow) in enumerate(zip(rolling, ewm)):
    if np.isnan(fast):
        continue
    if state is not None and (fast > slow) != state:
        n_crossings += 1
    state = fast > slow
n_crossings

# %%
threshold = 0.03
returns[returns.abs() > threshold].round(4).to_dict()
