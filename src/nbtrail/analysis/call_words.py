"""Words about calls: whose keywords are settings, and which keywords are none."""

from __future__ import annotations

from typing import Final

NO_PARAMS: Final = frozenset({
    "verbose", "verbosity", "n_jobs", "n_workers", "num_workers", "copy", "inplace", "axis", "return_X_y",
    "as_frame", "figsize", "title", "label", "labels", "name", "color", "colour", "cmap", "ax", "columns", "index",
    "out", "file", "end", "sep", "encoding", "disp", "silent", "progress", "progress_bar", "show_progress", "desc",
    "total", "leave", "position", "callbacks", "logger", "memory", "copy_X", "pin_memory", "persistent_workers",
})  # fmt: skip
"""Keywords that say how a call shows, names or runs what it does, not what comes out."""

OTHER_PACKAGES: Final = frozenset({
    "pandas", "polars", "pyarrow", "numpy", "matplotlib", "mpl_toolkits", "seaborn", "plotly", "altair", "bokeh",
    "IPython", "ipywidgets", "tqdm", "rich", "PIL", "requests", "sqlalchemy", "nbtrail", "networkx", "wordcloud",
    "traitlets", "folium", "holoviews", "hvplot", "dask", "pyspark", "psutil", "joblib", "tabulate", "nltk", "bs4",
    "cv2", "imageio",
})  # fmt: skip
"""Packages whose classes draw, show or hold data."""

FUNCTION_PACKAGES: Final = frozenset({
    "sklearn", "xgboost", "lightgbm", "catboost", "statsmodels", "scipy", "optuna", "keras", "tensorflow",
    "transformers", "imblearn", "hyperopt", "gensim", "peft", "umap", "hdbscan", "prophet", "pmdarima", "flax",
    "optax", "surprise", "implicit",
})  # fmt: skip
"""Packages whose functions fit, split and search."""

METHODS: Final = frozenset({
    "fit", "fit_transform", "fit_predict", "partial_fit", "fit_generator", "compile", "train", "optimize", "search",
    "cv", "tune", "fit_resample",
})  # fmt: skip
"""Methods whose keywords are settings."""

NOT_SETTING: Final = (
    "load_", "fetch_", "get_", "export_", "print_", "set_config", "plot", "read_", "show", "draw",
    "display", "check_", "is_",
)  # fmt: skip
"""Beginnings of the names of functions that load, look or draw."""

DRAWING: Final = ("Display", "Plot", "Plotter", "Visualizer", "Figure", "Chart")
"""Ends of the names of classes that draw."""

SEEDS: Final = frozenset({
    "seed", "manual_seed", "set_seed", "seed_everything", "default_rng", "RandomState", "PRNGKey",
})  # fmt: skip
"""Calls whose first argument is a seed."""
