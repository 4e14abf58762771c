# The whole language: functions, classes, generators, async, with, global state, del, introspection.
#
# params:
# borderline params: counter start items factor
# metrics:
# borderline metrics: total average

# %%
from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import random
import sys
import weakref
from collections import defaultdict, namedtuple

# %%
counter = 0


def bump(by=1):
    global counter
    counter += by
    return counter


bump(), bump(5), counter

# %%
@functools.lru_cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


fib(30), fib.cache_info()

# %%
def naturals(start=0):
    step_size = 2
    while True:
        sent = yield start
        start = sent if sent is not None else start + step_size


numbers = naturals(3)
[next(numbers), next(numbers), numbers.send(100), next(numbers)]

# %% active="ipynb"
# import asyncio
#
#
# async def work(name, turns):
#     for turn in range(turns):
#         await asyncio.sleep(0)
#         print(name, turn)
#     return name
#
#
# results = await asyncio.gather(work("a", 2), work("b", 3))
# results

# %% active="ipynb"
# async def ticker(n):
#     for i in range(n):
#         yield i
#         await asyncio.sleep(0)
#
#
# total = 0
# async for i in ticker(4):
#     if i == 2:
#         continue
#     total += i
# else:
#     print("no break")
# total

# %%
class Timer(contextlib.AbstractContextManager):
    depth = 0

    def __enter__(self):
        Timer.depth += 1
        print("enter", Timer.depth)
        return self

    def __exit__(self, *exc):
        Timer.depth -= 1
        print("exit", exc[0])
        return exc[0] is KeyError


with Timer() as outer, Timer():
    raise KeyError("swallowed")

# %%
with Timer():
    for i in range(3):
        if i == 1:
            continue
        print(i)

# %%
class Meta(type):
    def __new__(mcs, name, bases, body):
        body["members"] = sorted(k for k in body if not k.startswith("_"))
        return super().__new__(mcs, name, bases, body)


class Table(metaclass=Meta):
    for size in (1, 2, 3):
        pass
    rows = [size] * size

    def area(self):
        return self.size * len(self.rows)


Table.members, Table().area()

# %%
items = list(range(5))
for i, item in enumerate(items):
    if item == 3:
        break
else:
    print("not reached")
i, item

# %%
while items:
    items.pop()
    if len(items) == 2:
        continue
else:
    print("empty", items)

# %%
del items
items

# %%
big = [object() for _ in range(3)]


class Node:
    pass


node = Node()
alive = weakref.ref(node)
del node
gc.collect() >= 0, alive() is None

# %%
model = Node()
seen = weakref.ref(model)
for turn in range(3):
    loss = 1 / (turn + 1)
    model = Node()
gc.collect() >= 0, seen() is None

# %%
inspect.getsource(bump), bump.__code__.co_firstlineno, inspect.getsourcelines(fib.__wrapped__)[1]

# %%
sys._getframe().f_lineno, __name__, "__file__" in globals()

# %%
random.seed(1)

# %%
random.random()

# %%
random.random(), random.choice("abc")

# %%
Point = namedtuple("Point", "x y")
match Point(1, 2):
    case Point(x=0):
        print("origin")
    case Point(x, y) if x < y:
        print("below", x, y)

# %%
if (n := len("walrus")) > 5:
    print(n)
print([last := c for c in "abc"], last)

# %%
groups = defaultdict(list)
for word in "the quick brown fox jumps over the lazy dog".split():
    groups[len(word)].append(word)
dict(groups)

# %%
if __name__ == "__main__":
    print("run as a notebook")
    average = sum(groups) / len(groups)

# %%
factor = 3
def times(x, *, by=factor): return x * by
times(2); times(4)

# %%
sorted(k for k in locals() if k in {"n", "last", "word", "x", "y", "groups", "_sh", "__builtins__"})

# %%
def closure():
    state = []
    for i in range(3):
        state.append(lambda: i)
    def read():
        nonlocal state
        state = [f() for f in state]
        return state
    return read


closure()()

# %%
for i in (lambda: (yield))():
    print("sent", i)

# %%
x: int = 5
y: list[int]
__annotations__

# %%
try:
    for i in range(10):
        try:
            if i == 2:
                raise StopIteration
        finally:
            print("tidy", i)
except StopIteration:
    print("stopped at", i)

# %%
print(*map(str.upper, "ab"), sep="\n")
[bump(i) for i in range(3)]
