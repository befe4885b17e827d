"""Says whether a peer's folder holds what a report of punctual does: the facts and every table, row by row.

    python3 same.py REPORT PEER
"""

import math
import pathlib
import sys

import duckdb


def columns(path):
    return [row[:2] for row in duckdb.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()]


def facts_that_differ(ours, theirs):
    """Facts are the same, in whatever order the engine compares them; hours to nine decimals, since an engine may
    multiply by a reciprocal where punctual divides."""
    cast = {"DOUBLE": "round({}, 9)::VARCHAR"}
    shown = ", ".join(cast.get(kind, f"{{}}::{kind}::VARCHAR").format(name) for name, kind in columns(ours))
    rows = [f"SELECT {shown} FROM read_parquet('{path}')" for path in (ours, theirs)]
    only = [duckdb.execute(f"SELECT count(*) FROM ({a} EXCEPT ALL {b})").fetchone()[0] for a, b in (rows, rows[::-1])]
    return sum(only)


def rows_that_differ(ours, theirs):
    """Tables are in one order, and their real numbers the same to nine digits: engines add up in orders of their own."""
    shown = ", ".join(f"{name}::{kind}" for name, kind in columns(ours))
    a, b = (duckdb.execute(f"SELECT {shown} FROM read_parquet('{path}')").fetchall() for path in (ours, theirs))

    def same(x, y):
        return math.isclose(x, y, rel_tol=1e-9) if isinstance(x, float) and isinstance(y, float) else x == y

    return abs(len(a) - len(b)) + sum(not all(map(same, x, y)) for x, y in zip(a, b))


def main():
    report, peer = map(pathlib.Path, sys.argv[1:])
    duckdb.execute("SET TimeZone = 'UTC'")
    different = 0
    for name in ("measurements", "tickets"):
        count = facts_that_differ(report / f"facts/{name}.parquet", peer / f"{name}.parquet")
        print(f"{peer.name}, {name}: {count} rows differ")
        different += count
    for path in sorted((report / "tables").glob("*.parquet")):
        count = rows_that_differ(path, peer / path.name)
        print(f"{peer.name}, {path.stem}: {count} rows differ")
        different += count
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
