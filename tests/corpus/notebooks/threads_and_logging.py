# Worker threads, log records, files and subprocesses.
#
# params: n_workers chunk
# borderline params: level
# metrics:
# borderline metrics: total n_lines

# %%
import logging
import os
import pickle
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# %%
log = logging.getLogger("experiment")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
log.addHandler(handler)
log.setLevel(logging.INFO)
log.propagate = False
log.info("ready")
log.debug("not shown")

# %%
n_workers = 3
chunk = 4


def work(i):
    total = 0
    for j in range(chunk):
        total += i * j
    return total


with ThreadPoolExecutor(n_workers) as pool:
    results = list(pool.map(work, range(5)))
results

# %%
pickle.loads(pickle.dumps(work))(3)

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "lines.txt")
    with path.open("w") as out:
        for i in range(3):
            print("line", i, file=out)
    n_lines = sum(1 for _ in path.open())
    print(n_lines, sorted(os.listdir(folder)))

# %%
done = subprocess.run([sys.executable, "-c", "print('from a child'); raise SystemExit(4)"], capture_output=True, text=True)
done.returncode, done.stdout

# %%
subprocess.check_call([sys.executable, "-c", "raise SystemExit(5)"])

# %%
def fail(i):
    if i == 2:
        raise RuntimeError(f"worker {i} failed")
    return i


with ThreadPoolExecutor(1) as pool:
    for value in pool.map(fail, range(4)):
        print(value)

# %%
try:
    log.info("last words")
    1 / 0
except ZeroDivisionError:
    log.exception("caught")

# %%
logging.getLogger().handlers, logging.getLogger().level

# %%
log.removeHandler(handler)
