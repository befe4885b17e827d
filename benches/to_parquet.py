"""Writes an export's three CSV files as Parquet, typed, into another folder.

    python3 to_parquet.py DIR OUT
"""

import os
import sys

import duckdb
from peer_duckdb import COLUMNS, source

if len(sys.argv) != 3:
    sys.exit(__doc__)
folder, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
for table in COLUMNS:
    rows = source(folder, table, "csv")
    db.execute(f"COPY (FROM {rows}) TO '{out}/{table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
