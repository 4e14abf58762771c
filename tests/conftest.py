"""What every folder of tests may use."""

pytest_plugins = ["pytest_jupyter.jupyter_server", "tests.projects"]
