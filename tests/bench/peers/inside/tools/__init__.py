"""One module a tool; each has a function ``tools()`` or a class, as ``interface`` says."""
