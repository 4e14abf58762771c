"""The data of cells, in a real kernel."""

from __future__ import annotations

import pytest

FRAME = "import pandas as pd\ndf = pd.DataFrame({'age': [61.0, 54.0, None], 'sex': ['m', 'f', 'm']})"


@pytest.fixture
def uses(notebook):
    """The data of the notebook's newest run, each as role, name and dataset."""

    def read_():
        (*_, run) = notebook.runs()
        found = notebook.read(lambda store: store.datasets([run.id]))
        return {(use.role, use.name): use.dataset for use in sorted(found, key=lambda use: use.at)}

    return read_


@pytest.fixture
def count(notebook):
    """How many uses the newest run has of a name."""

    def count_(name):
        (*_, run) = notebook.runs()
        return sum(use.name == name for use in notebook.read(lambda store: store.datasets([run.id])))

    return count_


def test_a_frame_that_a_cell_reads_is_in_its_run_with_shape_and_columns(notebook, uses):
    notebook.run(FRAME)
    notebook.run("%%track\nmean = df['age'].mean()")

    (seen,) = uses().values()
    assert (seen.kind, seen.shape, seen.sampled) == ("pandas.DataFrame", (3, 2), False)
    assert list(seen.schema) == ["age", "sex"]
    assert seen.profile["age"]["missing"] == 1


def test_data_that_functions_of_the_notebook_read_counts(notebook, uses):
    notebook.run(FRAME + "\ndef mean():\n    return df['age'].mean()")
    notebook.run("%%track\nx = mean()")

    assert list(uses()) == [("read", "df")]


def test_the_use_tells_the_cell(notebook):
    notebook.run(FRAME)
    notebook.run("%%track\ndf.shape")

    (run,) = notebook.runs()
    (use,) = notebook.read(lambda store: store.datasets([run.id]))
    (execution,) = notebook.executions(run.name)
    assert use.execution_id == execution.id


def test_the_same_data_again_is_one_use(notebook, count):
    notebook.run("%track")
    notebook.run(FRAME)
    for _ in range(3):
        notebook.run("df.shape")

    assert count("df") == 1


def test_data_changed_in_place_between_cells_is_a_second_use(notebook, count):
    notebook.run("%track")
    notebook.run(FRAME)
    notebook.run("df.shape")
    notebook.run("df.loc[0, 'age'] = 62.0")
    notebook.run("df.shape")

    assert count("df") == 2


def test_one_value_changed_in_a_large_array_is_noticed(notebook, count):
    notebook.run("%track")
    notebook.run("import numpy as np\nX = np.zeros((1_000_000, 12))")
    notebook.run("X.shape")
    notebook.run("X[123_457, 5] = 1.0")
    notebook.run("X.shape")

    assert count("X") == 2


def test_a_value_changed_by_a_cell_without_a_run_is_noticed(notebook):
    notebook.run("import numpy as np\nX = np.zeros((1_000_000, 12))")
    notebook.run("%%track one\nX.shape")
    notebook.run("def spoil(values):\n    values[123_457, 5] = 1\nspoil(X)")
    notebook.run("%%track two\nX.shape")

    uses = notebook.read(lambda store: store.datasets([run.id for run in store_runs(store)]))
    assert len({use.dataset.digest for use in uses}) == 2


def test_a_few_values_added_to_in_place_are_noticed(notebook, count):
    notebook.run("%track")
    notebook.run("import numpy as np\nX = np.zeros((1_000_000, 12))\none = np.zeros_like(X)\none[7, 7] = 1")
    notebook.run("X.shape")
    notebook.run("X += one")
    notebook.run("X.shape")

    assert count("X") == 2


def test_a_function_of_the_notebook_may_change_large_data(notebook, count):
    notebook.run("%track")
    notebook.run("import numpy as np\nX = np.zeros(1_000_000)\ndef spoil(values):\n    values[77_777] = 1")
    notebook.run("spoil(X)")
    notebook.run("X.shape")

    assert count("X") == 2


@pytest.mark.parametrize(
    "change",
    ["w.apply(X)", "apply(X)", "later()", "W().apply(X)", "w.own()", "fill(7)"],
    ids=[
        "an object",
        "a bound method",
        "a partial",
        "a class",
        "an object that holds the data",
        "a method of the data",
    ],
)
def test_whatever_code_of_the_notebook_changes_in_large_data_is_noticed(notebook, count, change):
    notebook.run("%track")
    notebook.run(
        "import numpy as np, functools\nX = np.zeros((3000, 200))\n"
        "class W:\n    def apply(self, X): X[5, 5] = 99\n    def own(self): self.X[5, 5] = 99\n"
        "w = W()\nw.X = X\napply = w.apply\nlater = functools.partial(W.apply, w, X)\nfill = X[5:6, 5].fill"
    )
    for source in ("X.sum()", change, "X.sum()"):
        notebook.run(source)

    assert count("X") == 2


def test_data_changed_through_a_view_is_noticed(notebook, count):
    notebook.run("%track")
    notebook.run("import numpy as np\nX = np.zeros((3000, 200))\nview = X[5]")
    for source in ("X.sum()", "view[5] = 99", "X.sum()"):
        notebook.run(source)

    assert count("X") == 2


def test_equal_data_in_two_runs_is_stored_once(notebook):
    for name in ("one", "two"):
        notebook.run(FRAME)
        notebook.run(f"%%track {name}\ndf.shape")

    uses = notebook.read(lambda store: store.datasets([run.id for run in store_runs(store)]))
    assert len({use.dataset.digest for use in uses}) == 1
    assert len({use.run_id for use in uses}) == 2


def store_runs(store):
    from nbtrail.store.protocol import RunQuery

    return store.runs(RunQuery())


def test_what_a_cell_computes_for_itself_is_none_of_its_data(notebook, uses):
    notebook.run(FRAME)
    for _ in range(2):
        notebook.run("%%track\nX = df[['age']].to_numpy()\nmean = X.mean()")

    assert list(uses()) == [("read", "df")]


def test_polars_frames_and_numpy_arrays_are_data(notebook, uses):
    notebook.run("import polars as pl, numpy as np\np = pl.DataFrame({'a': [1, None]})")
    notebook.run("X = np.ones((4, 3))\nfew = np.ones(5)")
    notebook.run("%%track\np, X, few")

    found = uses()
    assert {name: seen.kind for (_, name), seen in found.items()} == {"p": "polars.DataFrame", "X": "numpy.ndarray"}
    assert found["read", "p"].profile["a"]["missing"] == 1


def test_a_lazy_frame_shows_its_schema_and_is_not_collected(notebook, uses):
    notebook.run(
        "import polars as pl\ndef f(frame):\n    print('collected')\n    return frame\n"
        "lazy = pl.LazyFrame({'a': [1]}).map_batches(f, schema={'a': pl.Int64})"
    )
    ran = notebook.run("%%track\nlazy.explain")

    assert uses()["read", "lazy"].schema == {"a": "Int64"}
    assert "collected" not in ran.stdout


def test_a_csv_read_by_pandas_is_a_file_and_a_frame(notebook, uses):
    (notebook.root / "data").mkdir()
    (notebook.root / "data" / "train.csv").write_text("age,sex\n61,m\n54,f\n")
    notebook.run("import pandas as pd")
    notebook.run("%%track\ndf = pd.read_csv('data/train.csv')")

    found = uses()
    assert found.keys() == {("read", "data/train.csv"), ("read", "df")}
    assert (found["read", "data/train.csv"].kind, found["read", "data/train.csv"].size) == ("file", 18)
    assert found["read", "df"].shape == (2, 2)


def test_files_opened_by_hand_are_read_and_written(notebook, uses):
    (notebook.root / "words.txt").write_text("otter heron")
    notebook.run("%%track\nwith open('words.txt') as a, open('counts.txt', 'w') as b:\n    b.write(a.read())")

    assert uses().keys() == {("read", "words.txt"), ("written", "counts.txt")}


@pytest.mark.parametrize(
    "source",
    [
        "open(folder / 'a.txt')",
        "open(f'{folder}/{name}.txt')",
        "open('data/' + name + '.txt')",
        "(folder / name).with_suffix('.txt').read_text()",
        "open(os.path.join('data', 'a.txt'))",
        "[open(path) for path in sorted(folder.glob('*.txt'))]",
        "size('data/a.txt')",
        "own()",
    ],
)
def test_a_file_is_seen_by_a_name_made_of_texts_and_paths(notebook, uses, source):
    (notebook.root / "data").mkdir()
    (notebook.root / "data" / "a.txt").write_text("12345")
    notebook.run("import os\nfrom pathlib import Path\nfolder, name = Path('data'), 'a'")
    notebook.run(
        "def size(path):\n    return len(open(path).read())\ndef own():\n    p = folder / 'a.txt'\n    return size(p)"
    )
    notebook.run(f"%%track\nfound = {source}")

    assert list(uses()) == [("read", "data/a.txt")]


def test_a_file_that_polars_reads_is_seen(notebook, uses):
    (notebook.root / "a.csv").write_text("a\n1\n")
    notebook.run("import polars as pl")
    notebook.run("%%track\nn = pl.read_csv('a.csv').height")

    assert list(uses()) == [("read", "a.csv")]


def test_a_file_that_was_not_written_now_is_not_written(notebook, uses):
    (notebook.root / "old.txt").write_text("old")
    notebook.run("import os\nos.utime('old.txt', (1, 1))")
    notebook.run("%%track\nif 0:\n    open('old.txt', 'w')")

    assert uses() == {}


def test_files_named_after_the_failure_of_a_cell_are_none_of_its_data(notebook, uses):
    for name in ("a.txt", "b.txt"):
        (notebook.root / name).write_text("12345")
    notebook.run("%%track\na = open('a.txt').read()\nint(a + 'x')\nb = open('b.txt').read()")

    assert list(uses()) == [("read", "a.txt")]


def test_a_missing_file_shows_the_same_traceback_as_without_tracking(notebook):
    notebook.run(
        "import traceback\ndef frames():\n    try:\n        open('missing.csv')\n"
        "    except OSError as error:\n        return [at.name for at in traceback.extract_tb(error.__traceback__)]"
    )
    plain = notebook.run("print(frames())")
    tracked = notebook.run("%%track\nprint(frames())")

    assert tracked.stdout == plain.stdout


def test_tracking_leaves_no_hook_that_slows_python_down(notebook):
    notebook.run("import sys\nadded = []")
    notebook.run("sys.addaudithook(lambda event, _: added.append(event) if event == 'sys.addaudithook' else None)")
    (notebook.root / "a.txt").write_text("12345")
    notebook.run("%%track\ntext = open('a.txt').read()")
    ran = notebook.run("print(added)")

    assert ran.stdout == "[]\n"


def test_a_file_that_the_next_cell_overwrites_is_known_as_it_was(notebook):
    notebook.run("%track")
    notebook.run("_ = open('counts.txt', 'w').write('1')")
    notebook.run("_ = open('counts.txt', 'w').write('2')")

    (run,) = notebook.runs()
    assert len(notebook.read(lambda store: store.datasets([run.id]))) == 2


def test_many_files_of_a_folder_are_one(notebook, uses):
    (notebook.root / "images").mkdir()
    for number in range(30):
        (notebook.root / "images" / f"{number}.png").write_bytes(b"x" * number)
    notebook.run("import pathlib")
    notebook.run("%%track\nsizes = [len(path.read_bytes()) for path in pathlib.Path('images').iterdir()]")

    seen = uses()["read", "images/"]
    assert (seen.kind, seen.shape, seen.size) == ("files", (30,), 435)


def test_a_file_outside_of_the_project_bears_no_absolute_path(notebook, uses):
    (notebook.root.parent / "shared").mkdir()
    (notebook.root.parent / "shared" / "x.csv").write_text("a\n1\n")
    notebook.run("%%track\ntext = open('../shared/x.csv').read()")

    assert list(uses()) == [("read", "shared/x.csv")]


def test_what_the_interpreter_opens_is_no_data(notebook, uses):
    notebook.run("%%track\nimport this, colorsys\nfrom sklearn.datasets import load_iris\nprint(1)")

    assert uses() == {}


def test_hidden_files_are_no_data(notebook, uses):
    (notebook.root / ".env").write_text("TOKEN=1")
    notebook.run("%%track\ntext = open('.env').read()")

    assert uses() == {}


def test_a_large_array_is_sampled(notebook, uses):
    notebook.run("import numpy as np\nX = np.zeros(100_000_000, dtype='float32')")
    notebook.run("%%track\nX.shape")

    assert uses()["read", "X"].sampled


def test_a_class_whose_methods_raise_is_harmless(notebook, uses):
    notebook.run(
        "import numpy as np, pandas as pd\n"
        "def no(*args, **kwargs):\n    print('called'); raise RuntimeError('no')\n"
        "class Angry(pd.DataFrame):\n"
        "    __len__ = __iter__ = __getitem__ = items = to_numpy = copy = no\n"
        "    columns = dtypes = shape = index = property(no)\n"
        "class Mad(np.ndarray):\n    __len__ = __getitem__ = view = tobytes = reshape = no\n    shape = property(no)\n"
        "df = pd.DataFrame({'a': [1, 2]})\n"
        "angry = Angry.__new__(Angry)\nangry.__dict__.update(df.__dict__)\n"
        "mad = np.ndarray.__new__(np.ndarray, (20, 10)).view(Mad)\n"
    )
    notebook.run("%track")
    ran = notebook.run("keep = angry, mad\nprint('fine')")

    assert (ran.stdout, ran.stderr) == ("fine\n", "")
    assert (uses()["read", "angry"].shape, uses()["read", "mad"].shape) == ((2, 1), (20, 10))


def test_objects_without_a_content_to_look_at_count_by_type(notebook, uses):
    notebook.run(
        "import pandas as pd\n"
        "class Odd:\n    def __hash__(self): raise RuntimeError\n    __eq__ = __repr__ = __hash__\n"
        "df = pd.DataFrame({f'c{i}': [[j, {'k': j}] for j in range(50)] for i in range(300)})\n"
        "df['odd'] = [Odd() for _ in range(50)]"
    )
    ran = notebook.run("%%track\nn = len(df)")

    assert ran.stderr == ""
    assert (uses()["read", "df"].shape, uses()["read", "df"].sampled) == ((50, 301), True)


def test_workers_that_are_forked_open_files_unharmed(notebook, uses):
    (notebook.root / "a.txt").write_text("12345")
    notebook.run("def size(path):\n    with open(path) as file:\n        return len(file.read())")
    notebook.run("from multiprocessing import get_context")
    ran = notebook.run("%%track\nwith get_context('fork').Pool(2) as pool:\n    print(pool.map(size, ['a.txt'] * 4))")

    assert "[5, 5, 5, 5]" in ran.stdout
    assert ran.error is None


def test_secrets_and_private_texts_are_not_in_the_store(notebook, uses):
    notebook.run(
        "import pandas as pd\n"
        "df = pd.DataFrame({'password': ['hunter2'] * 60, 'mail': [f'ada{i}@example.org' for i in range(60)],\n"
        "    'note': ['token=\"s3cr3t-value\"'] * 60})"
    )
    notebook.run("%%track\ndf.shape")

    assert uses()["read", "df"].profile == {
        "password": {"missing": 0},
        "mail": {"missing": 0, "distinct": 60},
        "note": {"missing": 0, "distinct": 1, "top": [['token="********"', 60]]},
    }


def test_fingerprints_can_be_switched_off(notebook, uses):
    (notebook.root / ".nbtrail").mkdir(exist_ok=True)
    (notebook.root / ".nbtrail" / "settings.toml").write_text("[capture]\ndata = false\n")
    (notebook.root / "a.txt").write_text("12345")
    notebook.run(FRAME)
    notebook.run("%%track\ntext = open('a.txt').read()\ndf.shape")

    assert uses() == {}


def test_the_data_itself_is_left_alone(notebook):
    notebook.run(FRAME + "\nimport copy, weakref\nbefore = df.copy()\ngone = weakref.ref(df)")
    notebook.run("%%track\ndf.shape")
    ran = notebook.run("same = before.equals(df)\ndel df\nimport gc; gc.collect()\nprint(same, gone() is None)")

    assert ran.stdout == "True True\n"
