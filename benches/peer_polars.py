"""The data of `punctual report`, in Polars: an export in; facts, the table of each query, and the counts out.

    python3 peer_polars.py DIR [--format csv|parquet] [--out FOLDER] [--threads N] [--measurements-only]
"""

import argparse
import json
import os
import pathlib

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder")
parser.add_argument("--format", choices=["csv", "parquet"], default="csv")
parser.add_argument("--out", default="peer", type=pathlib.Path)
parser.add_argument("--threads", type=int)
parser.add_argument("--measurements-only", action="store_true")
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
    customers = scan("customers").select("customer", "tier", "region", "timezone", "account_manager")
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
    tickets = tickets.join(first, on="n", how="left").with_columns(
        severity_first=pl.coalesce("old_value", "severity")
    )
    at_submission = tickets.select(
        "n",
        at="submitted_at",
        rank=lit(SUBMITTED, pl.Int8),
        value=when(col("at") == col("submitted_at")).then("value").otherwise("severity_first"),
    )
    of_tickets = [
        tickets.filter(col(name) >= col("submitted_at")).select(
            "n", at=name, rank=lit(rank, pl.Int8), value=lit(None, pl.Int8)
        )
        for name, rank in (("first_response_at", SPOKEN), ("resolved_at", RESOLVED))
    ]
    events = pl.concat([events.drop("old_value"), at_submission, *of_tickets]).sort("n", "at", "rank")
    return events, tickets.drop("at", "value", "old_value"), last.item()


def marks(events):
    """The events that begin or end a measurement: those that find the ticket open, and reopenings that do not."""
    rank = col("rank")
    state = when(rank == RESOLVED).then(True).when(rank.is_in([SUBMITTED, REOPENED])).then(False)
    severity = col("value").forward_fill()
    return (
        events.lazy()
        .with_columns(severity=severity, severity_now=severity.last().over("n"), resolved=state.forward_fill().shift(1))
        .filter((rank == SUBMITTED) | ((rank > SUBMITTED) & (col("resolved") == (rank == REOPENED))))
    )


def measure(events):
    """From each mark to the next."""
    rank = col("rank")
    starts = rank == SUBMITTED
    same = col("n").shift(-1) == col("n")
    spans = marks(events).with_columns(ended_at=when(same).then(col("at").shift(-1))).filter(
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


def local(instant, zone):
    return instant.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def due_wall(start, target):
    """The reading of the clock at which so much has been worked since another: the inverse of `worked`."""
    total = worked(start) + target
    day = (total - 1) // (9 * HOUR)
    us = ((day // 5) * 7 + day % 5 - 3) * 24 * HOUR + 9 * HOUR + total - day * 9 * HOUR
    return us.cast(pl.Datetime("us"))


def facts(measurements, tickets):
    """All columns of the facts' measurements, in their order."""
    managers = tickets.lazy().select("ticket_id", "account_manager")
    frame = measurements.lazy().join(managers, on="ticket_id").collect()
    decided = when(col("outcome") == "met").then("ended_at").when(col("outcome") == "breached").then("due_at")

    def in_zone(part, zone):
        started = local(col("started_at"), zone)
        return (
            part.lazy()
            .with_columns(
                due_local=due_wall(started, col("target_us")),
                started_weekday=started.dt.weekday(),
                started_hour=started.dt.hour(),
            )
            .with_columns(
                due_at=col("due_local").dt.replace_time_zone(zone, ambiguous="earliest").dt.convert_time_zone("UTC")
            )
            .with_columns(decided_at=decided)
            .with_columns(month=local(col("decided_at"), zone).dt.strftime("%Y-%m"))
        )

    parts = frame.partition_by("timezone", as_dict=True).items()
    return (
        pl.concat(in_zone(part, zone) for (zone,), part in parts)
        .select(
            "ticket_id", "customer", "tier", "region", "timezone", "account_manager", "metric", "sequence",
            "severity", "started_at", "ended_at", "due_at", "decided_at", "started_weekday", "started_hour",
            "elapsed_us", "target_us",
            elapsed_h=col("elapsed_us") / HOUR, target_h=col("target_us") / HOUR, outcome="outcome",
            month="month", in_period=lit(True), policy=lit("northern@2000-01-01"), due_local="due_local",
            compared=when(col("decided_at").is_not_null()).then(lit("period")),
        )  # fmt: skip
        .sort("ticket_id", "sequence")
        .collect()
    )


def ticket_facts(measurements, tickets, events):
    """All columns of the facts' tickets, in their order."""
    first, update, outcome = col("sequence") == 0, col("sequence") > 0, col("outcome")
    summed = measurements.lazy().group_by("ticket_id").agg(
        response_h=col("elapsed_h").filter(first).first(),
        response_target_h=col("target_h").filter(first).first(),
        response_outcome=outcome.filter(first).first(),
        updates=update.sum().cast(pl.Int32),
        updates_met=(update & (outcome == "met")).sum().cast(pl.Int32),
        updates_breached=(update & (outcome == "breached")).sum().cast(pl.Int32),
        updates_pending=(update & (outcome == "pending")).sum().cast(pl.Int32),
        worst_update_h=col("elapsed_h").filter(update).max(),
        compliant=when(col("decided_at").count() > 0).then((outcome == "breached").sum() == 0),
    )
    lived = marks(events).group_by("n").agg(
        first_answer=col("at").filter(col("rank") > SUBMITTED).first(),
        last_rank=col("rank").last(),
        last_at=col("at").last(),
        severity_last=col("severity_now").last(),
    )
    resolved = col("last_rank") == RESOLVED
    months = [
        part.select("n", month=local(col("submitted_at"), zone).dt.strftime("%Y-%m"))
        for (zone,), part in tickets.partition_by("timezone", as_dict=True).items()
    ]
    return (
        tickets.lazy()
        .join(summed, on="ticket_id")
        .join(lived, on="n")
        .join(pl.concat(months).lazy(), on="n")
        .select(
            "ticket_id", "customer", "tier", "region", "timezone", "account_manager", "classification", "product",
            severity="severity_first", severity_last="severity_last", submitted_at="submitted_at",
            first_response_at="first_answer", resolved_at=when(resolved).then("last_at"),
            status=when(resolved).then(lit("resolved")).otherwise(lit("open")), response_h="response_h",
            response_target_h="response_target_h", response_outcome="response_outcome", updates="updates",
            updates_met="updates_met", updates_breached="updates_breached", updates_pending="updates_pending",
            worst_update_h="worst_update_h", compliant="compliant", month="month", in_period=lit(True),
            policy=lit("northern@2000-01-01"), policy_last=lit("northern@2000-01-01"),
        )  # fmt: skip
        .sort("ticket_id")
        .collect()
    )


def write_report(measurements, tickets, events):
    measurements = facts(measurements, tickets)
    of_tickets = ticket_facts(measurements, tickets, events)
    frames = {"measurements": measurements, "tickets": of_tickets}
    for name, frame in frames.items():
        frame.write_parquet(args.out / f"{name}.parquet", compression="zstd", compression_level=1)
    # A sum of small numbers overflows without a word.
    whole = col(pl.Int8, pl.Int32).cast(pl.Int64)
    context = pl.SQLContext({name: frame.lazy().with_columns(whole) for name, frame in frames.items()})
    queries = sorted((pathlib.Path(__file__).parents[1] / "queries").glob("*.sql"))
    answers = pl.collect_all([context.execute(query.read_text()) for query in queries])
    for query, answer in zip(queries, answers):
        answer.write_csv(args.out / f"{query.stem}.csv")
        answer.write_parquet(args.out / f"{query.stem}.parquet", compression="zstd", compression_level=1)


def main():
    tickets = read_tickets()
    events, tickets, last = read_events(tickets)
    of_tickets = tickets.select(pl.max("submitted_at", "first_response_at", "resolved_at")).row(0)
    as_of = max(instant for instant in (last, *of_tickets) if instant)
    measurements = judge(measure(events), tickets, as_of)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.measurements_only:
        measurements.write_parquet(args.out / "measurements.parquet", compression="snappy")
    else:
        write_report(measurements, tickets, events)

    none = {"measured": 0, "met": 0, "breached": 0, "pending": 0}
    counts = {metric: {severity: dict(none) for severity in "1234"} for metric in ("response", "update")}
    for metric, severity, outcome, count in measurements.group_by("metric", "severity", "outcome").len().iter_rows():
        cell = counts[metric][str(severity)]
        cell[outcome] = count
        cell["measured"] += count if outcome != "pending" else 0
    print(json.dumps(counts, sort_keys=True))


main()
