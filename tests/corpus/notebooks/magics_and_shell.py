# What only a notebook can do: magics, the shell, capturing, the last value.
#
# params: n name
# borderline params: greeting
# metrics:
# borderline metrics: total squares

# %%
# %matplotlib inline
# %config InlineBackend.figure_format = "png"
import os

n = 1000
name = "world"

# %%
# %time total = sum(range(n))
total

# %%
# !echo "hello {name}"

# %%
# greeting = !echo hello $name
greeting

# %% active="ipynb"
# %%bash
# for i in 1 2 3; do echo "line $i"; done
# echo "to stderr" >&2

# %% active="ipynb"
# %%capture captured
# print("kept for later")
# squares = sum(i * i for i in range(10))

# %%
captured.stdout, squares

# %% active="ipynb"
# %%time
# product = 1
# for i in range(1, 8):
#     product *= i
# print(product)
# product

# %% active="ipynb"
# %%writefile settings.py
# DEPTH = 6
# print("settings are read")

# %%
# %run settings.py
DEPTH

# %%
# %env NBT_CORPUS=1
os.environ["NBT_CORPUS"]

# %%
# %who int

# %%
# %who_ls

# %%
sorted(key for key in globals() if not key.startswith("_") and key not in {"In", "Out", "exit", "quit", "open", "get_ipython"})

# %%
str.upper?

# %%
_ = 5
_ + 1

# %% active="ipynb"
# %%latex
# $e^{i\pi} = -1$

# %%
# %precision 3
3.14159265

# %%
# %pprint
# %precision
list(range(3))

# %%
# %pprint
# !exit 3
_exit_code

# %% active="ipynb"
# %%nosuchmagic
# 1 + 1

# %%
# %nosuchline

# %% active="ipynb"
# %%bash
# echo "about to fail"
# exit 2

# %%
# %timeit?

# %%
# %xmode Plain
1 / 0

# %%
# %xmode Verbose
[1, 2][n]

# %%
# %xmode Context
"".missing
