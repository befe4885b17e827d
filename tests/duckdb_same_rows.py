"""Runs every query over the facts of reports in DuckDB and compares the rows, in their order, with the reports'
tables.

    python3 tests/duckdb_same_rows.py queries REPORT...

Prints a line for each query that agrees; ends with 1 at the first that does not. Real numbers may differ by one part
in a thousand million, since the two engines interpolate quantiles in a different order of operations.
"""

import math
import sys
from pathlib import Path

import duckdb


def rows(connection, relation):
    """The columns of a relation, and its rows; times as microseconds."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE rows AS {relation}")
    described = connection.execute("DESCRIBE rows").fetchall()
    names = [column[0] for column in described]
    columns = [
        f'epoch_us("{name}")' if kind.startswith("TIMESTAMP") else f'"{name}"'
        for name, kind, *_ in described
    ]
    return names, connection.execute(f"SELECT {', '.join(columns)} FROM rows").fetchall()


def same(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other and (one is None) == (other is None)


def compare(connection, report, query):
    published = report / "tables" / f"{query.stem}.parquet"
    expected = rows(connection, f"SELECT * FROM '{published}'")
    found = rows(connection, query.read_text())
    if found[0] != expected[0]:
        return f"columns {found[0]}, published {expected[0]}"
    if len(found[1]) != len(expected[1]):
        return f"{len(found[1])} rows, published {len(expected[1])}"
    for number, (one, other) in enumerate(zip(found[1], expected[1])):
        for name, here, there in zip(found[0], one, other):
            if not same(here, there):
                return f"row {number}, {name}: {here!r}, published {there!r}"
    return None


def main(queries, *reports):
    for report in map(Path, reports):
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        for table in ("measurements", "tickets"):
            facts = report / "facts" / f"{table}.parquet"
            connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{facts}'")
        for query in sorted(Path(queries).glob("*.sql")):
            difference = compare(connection, report, query)
            if difference:
                sys.exit(f"{report.name}: {query.name} in DuckDB: {difference}")
            print(f"{report.name}: {query.name} agrees")


main(*sys.argv[1:])
