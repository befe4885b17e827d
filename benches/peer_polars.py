"""The measurements of `punctual report`, in Polars: an export in, measurements.parquet and the counts out.

    python3 peer_polars.py DIR [--format csv|parquet] [--out measurements.parquet] [--threads N]
"""

import argparse
import json
import os

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder")
parser.add_argument("--format", choices=["csv", "parquet"], default="csv")
parser.add_argument("--out", default="measurements.parquet")
parser.add_argument("--threads", type=int)
args = parser.parse_args()
if args.threads:
    os.environ["POLARS_MAX_THREADS"] = str(args.threads)  # read once, at the import

import polars as pl  # noqa: E402
from polars import col, lit, when  # noqa: E402

HOUR = 3_600_000_000
# The order at one instant.
SEVERITY, SUBMITTED, REOPENED, SPOKEN, RESOLVED = range(5)


def scan(table, **instants):
    """One input; `instants` are its instant columns in a CSV, with their patterns."""
    if args.format == "parquet":
        return pl.scan_parquet(f"{args.folder}/{table}.parquet")
    numbers = {"severity": pl.Int8, "value": pl.Int8, "old_value": pl.Int8}
    frame = pl.scan_csv(f"{args.folder}/{table}.csv", infer_schema=False)
    return frame.with_columns(
        *(col(name).cast(kind) for name, kind in numbers.items() if name in frame.collect_schema().names()),
        *(col(name).str.to_datetime(form, time_unit="us", time_zone="UTC") for name, form in instants.items()),
    )


def read_tickets():
    zulu, offset = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z"
    tickets = scan("tickets", submitted_at=offset, first_response_at=zulu, resolved_at=zulu)
    customers = scan("customers").select("customer", "tier", "region", "timezone")
    return tickets.join(customers, on="customer").with_row_index("n").collect()


def read_events(tickets):
    """All that counts for a ticket, in order, and the latest instant of the updates."""
    updates = scan("updates", at="%Y-%m-%dT%H:%M:%SZ")
    kind = col("kind").fill_null("comment")
    public = (kind == "comment") & (col("author") == "support") & (col("visibility").fill_null("public") == "public")
    rank = (
        when(kind == "severity").then(SEVERITY).when(kind == "reopened").then(REOPENED)
        .when(kind == "resolved").then(RESOLVED).otherwise(SPOKEN).cast(pl.Int8).alias("rank")
    )  # fmt: skip
    counted = updates.filter(public | kind.is_in(["severity", "reopened", "resolved"])).select(
        "ticket_id", "at", rank, "value", "old_value"
    )
    known = tickets.lazy().select("ticket_id", "n", "submitted_at")
    events = counted.join(known, on="ticket_id").filter(col("at") >= col("submitted_at"))
    events, last = pl.collect_all([events.select("n", "at", "rank", "value", "old_value"), updates.select(col("at").max())])

    changes = events.filter(col("rank") == SEVERITY).sort("n", "at")
    first = changes.group_by("n").agg(col("at", "value", "old_value").first())
    at_submission = tickets.join(first, on="n", how="left").select(
        "n",
        at="submitted_at",
        rank=lit(SUBMITTED, pl.Int8),
        value=when(col("at") == col("submitted_at")).then("value").otherwise(pl.coalesce("old_value", "severity")),
    )
    of_tickets = [
        tickets.filter(col(name) >= col("submitted_at")).select(
            "n", at=name, rank=lit(rank, pl.Int8), value=lit(None, pl.Int8)
        )
        for name, rank in (("first_response_at", SPOKEN), ("resolved_at", RESOLVED))
    ]
    events = pl.concat([events.drop("old_value"), at_submission, *of_tickets]).sort("n", "at", "rank")
    return events, last.item()


def measure(events):
    """From each mark to the next; a mark finds its ticket open, or is a reopening that finds it resolved."""
    rank = col("rank")
    state = when(rank == RESOLVED).then(True).when(rank.is_in([SUBMITTED, REOPENED])).then(False)
    starts = rank == SUBMITTED
    marks = (
        events.lazy()
        .with_columns(severity=col("value").forward_fill(), resolved=state.forward_fill().shift(1))
        .filter(starts | ((rank > SUBMITTED) & (col("resolved") == (rank == REOPENED))))
    )
    same = col("n").shift(-1) == col("n")
    spans = marks.with_columns(ended_at=when(same).then(col("at").shift(-1))).filter(
        starts | ((rank < RESOLVED) & (col("ended_at").is_null() | (col("ended_at") > col("at"))))
    )
    number = pl.int_range(pl.len(), dtype=pl.Int32)
    return spans.select(
        "n",
        metric=when(starts).then(lit("response")).otherwise(lit("update")),
        sequence=number - when(starts).then(number).forward_fill(),
        severity="severity",
        started_at="at",
        ended_at="ended_at",
    ).collect()


def worked(wall):
    """Working microseconds from a Monday at midnight to a reading of the clock: Monday to Friday, 09:00 to 18:00."""
    us = wall.dt.timestamp("us") + 3 * 24 * HOUR
    day = us // (24 * HOUR)
    today = when(day % 7 < 5).then((us % (24 * HOUR) - 9 * HOUR).clip(0, 9 * HOUR)).otherwise(0)
    return (day // 7 * 5 + (day % 7).clip(0, 5)) * 9 * HOUR + today


def elapsed(zone, as_of):
    def wall(instant):
        return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None)

    return worked(wall(col("ended_at").fill_null(as_of))) - worked(wall(col("started_at")))


def judge(spans, tickets, as_of):
    of_ticket = tickets.lazy().select("n", "ticket_id", "customer", "tier", "region", "timezone")
    spans = spans.lazy().join(of_ticket, on="n").collect()
    # A conversion is for one zone.
    spans = pl.concat(
        part.lazy().with_columns(elapsed_us=elapsed(zone, as_of))
        for (zone,), part in spans.partition_by("timezone", as_dict=True).items()
    )
    hours = {("response", 1): 8, ("response", 2): 8, ("response", 3): 12, ("response", 4): 16,
             ("update", 1): 16, ("update", 2): 16, ("update", 3): 20, ("update", 4): 32}  # fmt: skip
    target = pl.coalesce(
        when((col("metric") == metric) & (col("severity") == severity)).then(lit(number * HOUR, pl.Int64))
        for (metric, severity), number in hours.items()
    )
    outcome = (
        when(col("elapsed_us") >= col("target_us")).then(lit("breached"))
        .when(col("ended_at").is_null()).then(lit("pending")).otherwise(lit("met"))
    )  # fmt: skip
    return spans.with_columns(target_us=target).with_columns(outcome=outcome).drop("n").collect()


def main():
    tickets = read_tickets()
    events, last = read_events(tickets)
    of_tickets = tickets.select(pl.max("submitted_at", "first_response_at", "resolved_at")).row(0)
    as_of = max(instant for instant in (last, *of_tickets) if instant)
    measurements = judge(measure(events), tickets, as_of)
    measurements.write_parquet(args.out, compression="snappy")

    none = {"measured": 0, "met": 0, "breached": 0, "pending": 0}
    counts = {metric: {severity: dict(none) for severity in "1234"} for metric in ("response", "update")}
    for metric, severity, outcome, count in measurements.group_by("metric", "severity", "outcome").len().iter_rows():
        cell = counts[metric][str(severity)]
        cell[outcome] = count
        cell["measured"] += count if outcome != "pending" else 0
    print(json.dumps(counts, sort_keys=True))


main()
