"""Merely reads an export's CSV, in DuckDB: every row scanned, every column parsed, nothing kept.

    python3 peer_scan.py DIR [--threads N]
"""

import argparse
import time

import duckdb
from peer_duckdb import COLUMNS, source

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder")
parser.add_argument("--threads", type=int)
args = parser.parse_args()

db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
if args.threads:
    db.execute(f"SET threads = {args.threads}")
for table, columns in COLUMNS.items():
    begun = time.perf_counter()
    # A maximum of each column, so that none can be skipped.
    reading = ", ".join(f'max("{name}")::VARCHAR' for name in columns)
    rows = db.execute(f"SELECT count(*), {reading} FROM {source(args.folder, table, 'csv')}").fetchone()[0]
    print(f"{table}: {rows} rows in {time.perf_counter() - begun:.2f} s")
