"""The tables of an SQLite store, as numbered migrations.

A released migration is never edited: a change of the schema is a new one at the end.
"""

from __future__ import annotations

from typing import Final

_RUNS: Final = """
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL              -- 'revision': how often any run has changed
) WITHOUT ROWID;
INSERT INTO meta VALUES ('revision', 0);

CREATE TABLE journals (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL           -- how many changes of this journal are in the store
) WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_started REAL NOT NULL,
  kernel_id TEXT,
  notebook TEXT,
  python TEXT NOT NULL,
  started REAL NOT NULL,              -- all times are UTC seconds
  heartbeat REAL NOT NULL,
  ended REAL
);

CREATE TABLE runs (
  id TEXT PRIMARY KEY,                -- a ULID
  name TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,               -- running, finished, failed or interrupted; "lost" is worked out by readers
  started REAL NOT NULL,
  ended REAL,
  utc_offset_s INTEGER NOT NULL,
  notebook TEXT,
  session_id TEXT NOT NULL,
  parent_id TEXT,
  note TEXT NOT NULL DEFAULT '',
  starred INTEGER NOT NULL DEFAULT 0,
  trashed REAL,
  environment_id TEXT,
  error TEXT,
  revision INTEGER NOT NULL
);
CREATE INDEX runs_started ON runs (started, id);
CREATE INDEX runs_revision ON runs (revision);
CREATE INDEX runs_running ON runs (session_id) WHERE status = 'running';
CREATE INDEX runs_parent ON runs (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE tags (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run_id, tag)
) WITHOUT ROWID;
CREATE INDEX tags_tag ON tags (tag);

CREATE TABLE params (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,                -- JSON, with NaN, Infinity and -Infinity as Python's json writes them
  number REAL,                        -- the value where it is a number or a boolean, but for NaN
  text TEXT,                          -- the value where it is a text
  as_text INTEGER NOT NULL,           -- 1: the value was no JSON, and its text was kept
  origin TEXT NOT NULL,               -- logged, inferred or autolog
  reason TEXT NOT NULL,
  execution_id TEXT,
  at REAL NOT NULL,
  PRIMARY KEY (run_id, key)
) WITHOUT ROWID;
CREATE INDEX params_number ON params (key, number);
CREATE INDEX params_text ON params (key, text);

CREATE TABLE param_history (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,          -- 0 is the oldest
  value TEXT NOT NULL,
  as_text INTEGER NOT NULL,
  origin TEXT NOT NULL,
  reason TEXT NOT NULL,
  execution_id TEXT,
  at REAL NOT NULL,
  PRIMARY KEY (run_id, key, position)
) WITHOUT ROWID;
"""

_SERIES: Final = """
CREATE TABLE metrics (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  last REAL,                          -- NULL stands for NaN, here and in min, max and sum
  last_step INTEGER NOT NULL,
  min REAL,
  min_step INTEGER NOT NULL,
  max REAL,
  max_step INTEGER NOT NULL,
  sum REAL,                           -- of the points that are not NaN
  count INTEGER NOT NULL,             -- of all points
  nan_count INTEGER NOT NULL,
  origin TEXT NOT NULL,
  reason TEXT NOT NULL,
  execution_id TEXT,
  at REAL NOT NULL,
  PRIMARY KEY (run_id, key)
) WITHOUT ROWID;
CREATE INDEX metrics_last ON metrics (key, last);

CREATE TABLE points (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  first INTEGER NOT NULL,             -- position of the chunk's first point in its series, from 0
  count INTEGER NOT NULL,
  steps BLOB NOT NULL,                -- see docs/chunk-format.md
  times BLOB NOT NULL,
  "values" BLOB NOT NULL,
  PRIMARY KEY (run_id, key, first)
);
CREATE INDEX points_small ON points (run_id, key) WHERE count < 1024;
"""

_EXECUTIONS: Final = """
CREATE TABLE sources (
  digest TEXT PRIMARY KEY,            -- sha256 of the text in UTF-8
  text TEXT NOT NULL
);

CREATE TABLE executions (
  id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  number INTEGER,
  cell_id TEXT,
  source TEXT NOT NULL,               -- sources.digest
  started REAL NOT NULL,
  ended REAL,
  status TEXT NOT NULL,               -- running, ok, error or interrupted
  error TEXT,
  reads TEXT NOT NULL,                -- JSON list of names
  writes TEXT NOT NULL
);
CREATE INDEX executions_session ON executions (session_id, started);

CREATE TABLE run_executions (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  execution_id TEXT NOT NULL,
  PRIMARY KEY (run_id, execution_id)
) WITHOUT ROWID;
CREATE INDEX run_executions_execution ON run_executions (execution_id);

CREATE TABLE outputs (
  execution_id TEXT NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,                 -- stream, display, result or error
  mime TEXT NOT NULL,
  text TEXT,
  blob TEXT,                          -- digest of a file in blobs/
  size INTEGER NOT NULL,
  cut INTEGER NOT NULL,
  PRIMARY KEY (execution_id, position)
);
"""

_FILES: Final = """
CREATE TABLE environments (
  id TEXT PRIMARY KEY,
  python TEXT NOT NULL,
  platform TEXT NOT NULL,
  packages TEXT NOT NULL,             -- JSON object: name to version
  hardware TEXT NOT NULL,             -- JSON object
  git_commit TEXT,
  git_branch TEXT,
  git_remote TEXT,
  git_dirty INTEGER NOT NULL,
  git_diff TEXT                       -- digest of a file in blobs/
);

CREATE TABLE artifacts (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  digest TEXT NOT NULL,               -- of a file in blobs/
  size INTEGER NOT NULL,
  mime TEXT NOT NULL,
  metadata TEXT NOT NULL,             -- JSON object
  at REAL NOT NULL,
  PRIMARY KEY (run_id, path)
);
CREATE INDEX artifacts_digest ON artifacts (digest);

-- Every blob that something refers to, and how often. A view: a stored count could drift from the truth.
CREATE VIEW blobs AS
SELECT digest, max(size) AS size, count(*) AS uses FROM (
  SELECT digest, size FROM artifacts
  UNION ALL SELECT blob, size FROM outputs WHERE blob IS NOT NULL
  UNION ALL SELECT git_diff, NULL FROM environments WHERE git_diff IS NOT NULL
) GROUP BY digest;
"""

_DATA: Final = """
CREATE TABLE datasets (
  digest TEXT PRIMARY KEY,            -- of the content; equal data have equal digests in every session
  name TEXT NOT NULL,                 -- under which it was first seen
  kind TEXT NOT NULL,                 -- such as pandas.DataFrame, numpy.ndarray or file
  shape TEXT NOT NULL,                -- JSON list of whole numbers
  size INTEGER NOT NULL,              -- bytes
  schema TEXT NOT NULL,               -- JSON object: column to type
  profile TEXT NOT NULL,              -- JSON object: column to what was measured of it
  sampled INTEGER NOT NULL            -- 1: the digest and the profile come from a part of it
) WITHOUT ROWID;

CREATE TABLE run_datasets (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  role TEXT NOT NULL,                 -- read or written
  name TEXT NOT NULL,                 -- the notebook's name for it, or the path relative to the project
  digest TEXT NOT NULL,               -- datasets.digest
  execution_id TEXT,
  at REAL NOT NULL,
  PRIMARY KEY (run_id, role, name, digest)
) WITHOUT ROWID;
CREATE INDEX run_datasets_digest ON run_datasets (digest);

ALTER TABLE environments ADD COLUMN modules TEXT NOT NULL DEFAULT '{}';
                                      -- JSON object: path relative to the project to the digest of a file in blobs/

DROP VIEW blobs;
CREATE VIEW blobs AS
SELECT digest, max(size) AS size, count(*) AS uses FROM (
  SELECT digest, size FROM artifacts
  UNION ALL SELECT blob, size FROM outputs WHERE blob IS NOT NULL
  UNION ALL SELECT git_diff, NULL FROM environments WHERE git_diff IS NOT NULL
  UNION ALL SELECT m.value, NULL FROM environments e, json_each(e.modules) m
) GROUP BY digest;
"""

_BUNDLES: Final = """
ALTER TABLE outputs ADD COLUMN bundle INTEGER NOT NULL DEFAULT 0;
                                      -- which of the execution's outputs; one display may have several mime types
ALTER TABLE outputs ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
                                      -- JSON object, such as an image's width
UPDATE outputs SET bundle = position;
"""

_SCALE: Final = """
-- A page of a sorted and filtered list is read in the order of an index.
CREATE INDEX runs_trashed ON runs (trashed) WHERE trashed IS NOT NULL;
CREATE INDEX runs_notebook ON runs (notebook, started, id);
CREATE INDEX runs_status ON runs (status, started, id);
CREATE INDEX runs_duration ON runs (ended - started, id);

-- One for both: a value is a number or a text.
CREATE INDEX params_value ON params (key, number, text);
DROP INDEX params_number;
DROP INDEX params_text;
"""

SCRIPTS: Final[dict[str, str]] = {
    "0001_runs": _RUNS,
    "0002_series": _SERIES,
    "0003_executions": _EXECUTIONS,
    "0004_files": _FILES,
    "0005_data": _DATA,
    "0006_bundles": _BUNDLES,
    "0007_scale": _SCALE,
}
"""Each migration's name and SQL, in the order in which they are applied."""
