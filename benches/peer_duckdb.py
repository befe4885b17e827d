"""The data of `punctual report`, in DuckDB: an export in; facts, the table of each query, and the counts out.

    python3 peer_duckdb.py DIR [--format csv|parquet] [--out FOLDER] [--threads N] [--measurements-only]
"""

import argparse
import json
import pathlib

import duckdb

INSTANT = "TIMESTAMP WITH TIME ZONE"
COLUMNS = {
    "tickets": {
        "ticket_id": "VARCHAR", "customer": "VARCHAR", "severity": "TINYINT", "submitted_at": INSTANT,
        "first_response_at": INSTANT, "resolved_at": INSTANT, "classification": "VARCHAR", "product": "VARCHAR",
    },
    "updates": {
        "ticket_id": "VARCHAR", "at": INSTANT, "author": "VARCHAR", "visibility": "VARCHAR", "kind": "VARCHAR",
        "value": "TINYINT", "old_value": "TINYINT",
    },
    "customers": {
        "customer": "VARCHAR", "tier": "VARCHAR", "region": "VARCHAR", "timezone": "VARCHAR",
        "account_manager": "VARCHAR",
    },
}  # fmt: skip

STEPS = """
CREATE TEMP TABLE ticket AS
SELECT row_number() OVER () AS n, t.*, c.tier, c.region, c.timezone
FROM tickets AS t JOIN customers AS c USING (customer);

-- What counts; the ranks are the order at one instant.
CREATE TEMP TABLE event AS
WITH counted AS (
    SELECT ticket_id, "at", value, old_value,
        (CASE kind WHEN 'severity' THEN 0 WHEN 'reopened' THEN 1 WHEN 'resolved' THEN 3 ELSE 2 END)::TINYINT AS rank
    FROM updates
    WHERE kind IN ('severity', 'reopened', 'resolved')
       OR (coalesce(kind, 'comment') = 'comment' AND author = 'support'
           AND coalesce(visibility, 'public') = 'public')
)
SELECT n, "at", rank, value, old_value FROM counted JOIN ticket USING (ticket_id) WHERE "at" >= submitted_at
UNION ALL
SELECT n, first_response_at, 2, NULL, NULL FROM ticket WHERE first_response_at >= submitted_at
UNION ALL
SELECT n, resolved_at, 3, NULL, NULL FROM ticket WHERE resolved_at >= submitted_at;

CREATE TEMP TABLE change AS
SELECT n, "at", value AS severity, old_value FROM event WHERE rank = 0;

-- The events that begin or end a measurement: those that find the ticket open, and reopenings that find it closed.
CREATE TEMP TABLE mark AS
WITH known AS (
    SELECT n, "at", rank, coalesce(last_value(CASE rank WHEN 3 THEN true WHEN 1 THEN false END IGNORE NULLS) OVER (
        PARTITION BY n ORDER BY "at", rank ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS resolved
    FROM event WHERE rank > 0
)
SELECT n, "at", rank, lead("at") OVER (PARTITION BY n ORDER BY "at", rank) AS next_at
FROM known WHERE resolved = (rank = 1);

CREATE TEMP TABLE measurement AS
WITH span AS (
    SELECT n, 'response' AS metric, 0 AS sequence, submitted_at AS started_at, first_at AS ended_at
    FROM ticket LEFT JOIN (SELECT n, min("at") AS first_at FROM mark GROUP BY n) USING (n)
    UNION ALL
    SELECT n, 'update', row_number() OVER (PARTITION BY n ORDER BY "at"), "at", next_at
    FROM mark WHERE rank < 3 AND (next_at IS NULL OR next_at > "at")
), as_of AS (
    SELECT greatest((SELECT max("at") FROM updates),
        max(submitted_at), max(first_response_at), max(resolved_at)) AS as_of FROM ticket
), rated AS (
    SELECT span.*, coalesce(change.severity, first.old_value, ticket.severity) AS severity,
        ticket_id, customer, tier, region, timezone,
        wall_us(started_at, timezone) AS start_us, wall_us(coalesce(ended_at, as_of), timezone) AS end_us
    FROM span
    ASOF LEFT JOIN change ON change.n = span.n AND change."at" <= started_at
    LEFT JOIN (SELECT n, arg_min(old_value, "at") AS old_value FROM change GROUP BY n) AS first ON first.n = span.n
    JOIN ticket ON ticket.n = span.n
    CROSS JOIN as_of
), timed AS (
    SELECT *, worked(end_us) - worked(start_us) AS elapsed_us, target_us(metric, severity) AS target_us FROM rated
)
SELECT ticket_id, customer, tier, region, timezone, metric, sequence::INTEGER AS sequence, severity,
    started_at, ended_at, elapsed_us, target_us,
    CASE WHEN elapsed_us >= target_us THEN 'breached' WHEN ended_at IS NULL THEN 'pending' ELSE 'met' END AS outcome
FROM timed;
"""

# `worked`: working microseconds (Monday to Friday, 09:00 to 18:00) up to a reading of the clock, which is given in
# microseconds since a Monday at midnight.
MACROS = """
CREATE TEMP MACRO hour_us() AS 3600000000;
CREATE TEMP MACRO wall_us(instant, zone) AS epoch_us(timezone(zone, instant)) + 3 * 24 * hour_us();
CREATE TEMP MACRO worked(us) AS
    (us // (168 * hour_us()) * 5 + least(us // (24 * hour_us()) % 7, 5)) * 9 * hour_us()
    + if(us // (24 * hour_us()) % 7 < 5, greatest(0, least(us % (24 * hour_us()) - 9 * hour_us(), 9 * hour_us())), 0);
CREATE TEMP MACRO target_us(metric, severity) AS hour_us()
    * if(metric = 'response', [8, 8, 12, 16], [16, 16, 20, 32])[severity];
"""

# What the facts have besides, in their order. Business days are counted from a Monday, nine hours each.
FACTS = """
CREATE TEMP TABLE measurements AS
WITH judged AS (
    SELECT m.*, account_manager, wall_us(started_at, m.timezone) AS start_us,
        worked(wall_us(started_at, m.timezone)) + target_us AS due_worked
    FROM measurement AS m JOIN customers USING (customer)
), due AS (
    SELECT *, (due_worked - 1) // (9 * hour_us()) AS due_day FROM judged
), placed AS (
    SELECT *, make_timestamp((due_day // 5 * 7 + due_day % 5 - 3) * 24 * hour_us() + 9 * hour_us()
        + due_worked - due_day * 9 * hour_us()) AS due_local
    FROM due
), decided AS (
    SELECT *, timezone(timezone, due_local) AS due_at,
        CASE outcome WHEN 'met' THEN ended_at WHEN 'breached' THEN timezone(timezone, due_local) END AS decided_at
    FROM placed
)
SELECT ticket_id, customer, tier, region, timezone, account_manager, metric, sequence, severity, started_at, ended_at,
    due_at, decided_at, (start_us // (24 * hour_us()) % 7 + 1)::TINYINT AS started_weekday,
    (start_us % (24 * hour_us()) // hour_us())::TINYINT AS started_hour, elapsed_us, target_us,
    elapsed_us / 3600000000 AS elapsed_h, target_us / 3600000000 AS target_h, outcome,
    strftime(timezone(timezone, decided_at), '%Y-%m') AS month, true AS in_period,
    'northern@2000-01-01' AS policy, due_local, CASE WHEN decided_at IS NOT NULL THEN 'period' END AS compared
FROM decided ORDER BY ticket_id, sequence;

CREATE TEMP TABLE tickets_facts AS
WITH summed AS (
    SELECT ticket_id,
        any_value(elapsed_h) FILTER (sequence = 0) AS response_h,
        any_value(target_h) FILTER (sequence = 0) AS response_target_h,
        any_value(outcome) FILTER (sequence = 0) AS response_outcome,
        (count(*) - 1)::INTEGER AS updates,
        count(*) FILTER (sequence > 0 AND outcome = 'met')::INTEGER AS updates_met,
        count(*) FILTER (sequence > 0 AND outcome = 'breached')::INTEGER AS updates_breached,
        count(*) FILTER (sequence > 0 AND outcome = 'pending')::INTEGER AS updates_pending,
        max(elapsed_h) FILTER (sequence > 0) AS worst_update_h,
        CASE WHEN count(decided_at) > 0 THEN count(*) FILTER (outcome = 'breached') = 0 END AS compliant
    FROM measurements GROUP BY ticket_id
), lived AS (
    SELECT n, min("at") AS first_response_at, max_by("at", ("at", rank)) FILTER (rank < 4) AS last_at,
        max_by(rank, ("at", rank)) AS last_rank
    FROM mark GROUP BY n
), changed AS (
    SELECT n, max_by(severity, "at") AS severity_last, arg_min(old_value, "at") AS severity_first
    FROM change GROUP BY n
)
SELECT t.ticket_id, t.customer, t.tier, t.region, t.timezone, account_manager, classification, product,
    coalesce(severity_first, t.severity) AS severity, coalesce(severity_last, t.severity) AS severity_last, submitted_at, l.first_response_at,
    CASE WHEN last_rank = 3 THEN last_at END AS resolved_at,
    CASE WHEN last_rank = 3 THEN 'resolved' ELSE 'open' END AS status, response_h, response_target_h,
    response_outcome, updates, updates_met, updates_breached, updates_pending, worst_update_h, compliant,
    strftime(timezone(t.timezone, submitted_at), '%Y-%m') AS month, true AS in_period, 'northern@2000-01-01' AS policy,
        'northern@2000-01-01' AS policy_last
FROM ticket AS t JOIN customers USING (customer) JOIN summed AS s USING (ticket_id)
LEFT JOIN lived AS l USING (n) LEFT JOIN changed USING (n)
ORDER BY ticket_id;
"""

COUNTS = """
SELECT metric, severity::VARCHAR, count(*) FILTER (outcome = 'met'), count(*) FILTER (outcome = 'breached'),
    count(*) FILTER (outcome = 'pending')
FROM measurement GROUP BY ALL
"""


def source(folder, table, form):
    if form == "parquet":
        return f"read_parquet('{folder}/{table}.parquet')"
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS[table].items())
    return f"""read_csv('{folder}/{table}.csv', auto_detect = false, header = true, delim = ',', quote = '"',
        escape = '"', columns = {{{columns}}})"""


def write_report(db, out):
    parquet = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    db.execute("SET preserve_insertion_order = true")
    db.execute(FACTS)
    # The name that the queries know.
    db.execute("DROP TABLE tickets; ALTER TABLE tickets_facts RENAME TO tickets")
    for table in ("measurements", "tickets"):
        db.execute(f"COPY {table} TO '{out}/{table}.parquet' {parquet}")
    for query in sorted((pathlib.Path(__file__).parents[1] / "queries").glob("*.sql")):
        db.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {query.read_text()}")
        db.execute(f"COPY answer TO '{out}/{query.stem}.csv'; COPY answer TO '{out}/{query.stem}.parquet' {parquet}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv")
    parser.add_argument("--out", default="peer", type=pathlib.Path)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--measurements-only", action="store_true")
    args = parser.parse_args()

    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    if args.threads:
        db.execute(f"SET threads = {args.threads}")
    for table in COLUMNS:
        db.execute(f"CREATE TEMP TABLE {table} AS FROM {source(args.folder, table, args.format)}")
    db.execute(MACROS)
    db.execute(STEPS)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.measurements_only:
        db.execute(f"COPY measurement TO '{args.out}/measurements.parquet' (FORMAT parquet)")
    else:
        write_report(db, args.out)

    none = {"measured": 0, "met": 0, "breached": 0, "pending": 0}
    counts = {metric: {severity: none for severity in "1234"} for metric in ("response", "update")}
    for metric, severity, met, breached, pending in db.execute(COUNTS).fetchall():
        measured = met + breached
        counts[metric][severity] = {"measured": measured, "met": met, "breached": breached, "pending": pending}
    print(json.dumps(counts, sort_keys=True))


if __name__ == "__main__":
    main()
