"""Reading what was recorded: tables, charts, differences and comparison notebooks.

Modules here import each other in one direction only: text ← frames ← charts, diff ← export, page.
"""
