# All ways to put something on the screen.
#
# params: width
# borderline params: rows
# metrics:
# borderline metrics:

# %%
import base64
import sys

import numpy as np
import pandas as pd
from IPython.display import HTML, JSON, Image, Latex, Markdown, Pretty, clear_output, display

# %%
display("text", 1, 2.5, None, [1, 2], {"a": 1})

# %%
display(HTML("<b>bold</b>"), Markdown("*emphasis*"), Latex("$x^2$"), JSON({"k": [1, 2]}), Pretty("plain"))

# %%
handle = display(Markdown("waiting"), display_id="progress")
handle.update(Markdown("**done**"))

# %%
for step in range(3):
    clear_output(wait=True)
    print("step", step)

# %%
class Badge:
    def __init__(self, text):
        self.text = text

    def _repr_html_(self):
        return f"<span>{self.text}</span>"

    def _repr_markdown_(self):
        return f"`{self.text}`"

    def __repr__(self):
        return f"Badge({self.text!r})"


Badge("passing")

# %%
class Fragile:
    def __repr__(self):
        raise RuntimeError("cannot be shown")


Fragile()

# %%
pixel = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
Image(pixel)

# %%
width = 3
frame = pd.DataFrame(np.arange(6).reshape(2, width), columns=list("abc"))
display(frame)
print("between")
display(frame.T, metadata={"text/html": {"isolated": True}})
frame["a"]

# %%
print("out 1"); print("err 1", file=sys.stderr); print("out 2"); display("middle"); print("out 3")

# %%
display({"text/plain": "raw", "application/json": {"x": 1}}, raw=True)

# %%
x = 10; y = 20; x + y;

# %%
x, y

# %%
None

# %%
x
y

# %%
if x > 5:
    "not shown"

# %%
print("a\rb", flush=True)
print("tabs\tand ünïcödé ✓", "\x1b[31mred\x1b[0m")

# %%
np.arange(2000)

# %%
HTML(frame.style.highlight_max().set_uuid("frame").to_html())

# %%
import asyncio

display(HTML("<i>before</i>"))
1 / 0
