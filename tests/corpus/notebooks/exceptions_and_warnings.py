# Everything that goes wrong: tracebacks must point where they pointed.
#
# params: limit threshold
# borderline params: attempts rows
# metrics:
# borderline metrics: depth

# %%
import sys
import traceback
import warnings

import numpy as np

limit = 3

# %%
raise ValueError("a value that nobody wanted")

# %%
def outer(rows):
    return [inner(row) for row in rows]


def inner(row):
    # a comment above the line that fails
    return row["price"] * 2


rows = [{"price": 1}, {"prize": 2}]

# %%
outer(rows)

# %% active="ipynb"
# print("never printed")
# for i in range(3) print(i)

# %% active="ipynb"
# def broken():
#     return 1
#   print("indented wrongly")

# %% active="ipynb"
# text = "never closed

# %%
for attempt in range(5):
    ratio = 1 / (limit - attempt)
    print(attempt, round(ratio, 3))

# %%
attempt

# %%
class ModelError(Exception):
    """A model that cannot be fitted."""

    def __init__(self, name, *, reason):
        super().__init__(f"{name} cannot be fitted: {reason}")


try:
    np.linalg.inv(np.zeros((2, 2)))
except np.linalg.LinAlgError as error:
    raise ModelError("ols", reason="singular") from error

# %%
try:
    {}["missing"]
except KeyError:
    int("seven")

# %%
try:
    outer(rows)
except KeyError:
    traceback.print_exc()
    print(traceback.extract_tb(sys.exc_info()[2])[-1].lineno, sys.exc_info()[2].tb_lineno)

# %%
usual = sys.getrecursionlimit()
sys.setrecursionlimit(200)


def down(n):
    return down(n + 1)


down(0)

# %%
sys.setrecursionlimit(usual)

# %%
sum(1 / x for x in [4, 2, 0])

# %%
warnings.warn("the default has changed")
for _ in range(3):
    warnings.warn("said once")

# %%
np.log([1, 0, -1])

# %%
def old():
    warnings.warn("use new()", DeprecationWarning, stacklevel=2)
    return 1


old()
old()

# %%
with warnings.catch_warnings():
    warnings.simplefilter("error")
    warnings.warn("as an exception")

# %%
threshold = 0.5
assert threshold > 0.9, f"{threshold} is too low"

# %%
while True:
    try:
        for item in [1, 2, None, 4]:
            total = item + 1
            print(total)
    except TypeError as error:
        print("caught:", error)
        break
    finally:
        print("finally")

# %%
error

# %%
raise SystemExit("enough")

# %%
raise KeyboardInterrupt

# %%
group = ExceptionGroup("several", [ValueError("one"), TypeError("two")])
raise group

# %%
f = lambda x: x.shape
list(map(f, [np.zeros(3), [1]]))

# %%
exec("a = 1\nb = a / 0")

# %%
eval("1 +")

# %%
note = ValueError("with a note")
note.add_note("look at the third row")
raise note

# %%
import json

json.loads("{'single': 1}")

# %%
print("partial", end="")
print(" line", file=sys.stderr)
sys.stdout.write("no newline")
undefined_name
