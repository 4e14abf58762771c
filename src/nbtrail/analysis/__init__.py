"""What cells read and write, which of their values are params and metrics, and what their loops leave behind.

Modules here import each other in one direction only: lexicon ← names ← infer, steps.
"""
