"""Says whether files of measurements hold the same ones, row by row: punctual's facts and the peers' output.

    python3 same.py reports/x/facts/measurements.parquet duckdb.parquet polars.parquet
"""

import sys

import duckdb

COLUMNS = "ticket_id, metric, sequence, severity, started_at, ended_at, elapsed_us, target_us, outcome"


def rows(path):
    return f"SELECT {COLUMNS} FROM read_parquet('{path}')"


def main():
    first, *others = sys.argv[1:]
    different = 0
    for other in others:
        count = "SELECT count(*) FROM ({} EXCEPT ALL {})"
        only = [duckdb.sql(count.format(rows(a), rows(b))).fetchall()[0][0] for a, b in ((first, other), (other, first))]
        print(f"{first}: {only[0]} rows that {other} has not; {only[1]} the other way")
        different += sum(only)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
