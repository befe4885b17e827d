-- title: Aggregates of tiers and regions
-- grain: one row per tier or region, and metric
-- column kind: tier or region
-- column name: which
-- column metric: response, update, or ticket: the ticket as a whole, met when nothing of it was breached
-- column customers: different customers with a decided measurement (or ticket) among them
-- column measured: decided measurements: met + breached
-- column met: decided in time
-- column compliance: met / measured, 0 to 1
-- column p50_h: median, working hours
WITH tallied AS (
    SELECT
        'tier' AS kind,
        CAST(tier AS STRING) AS name,
        CAST(metric AS STRING) AS metric,
        COUNT(DISTINCT customer) AS customers,
        COUNT(*) AS measured,
        COUNT(*) FILTER (WHERE outcome = 'met') AS met,
        QUANTILE_CONT(elapsed_h, 0.5) AS p50_h
    FROM measurements
    WHERE in_period AND outcome <> 'pending'
    GROUP BY tier, metric
    UNION ALL
    SELECT
        'region' AS kind,
        CAST(region AS STRING) AS name,
        CAST(metric AS STRING) AS metric,
        COUNT(DISTINCT customer) AS customers,
        COUNT(*) AS measured,
        COUNT(*) FILTER (WHERE outcome = 'met') AS met,
        QUANTILE_CONT(elapsed_h, 0.5) AS p50_h
    FROM measurements
    WHERE in_period AND outcome <> 'pending'
    GROUP BY region, metric
    UNION ALL
    SELECT
        'tier' AS kind,
        CAST(tier AS STRING) AS name,
        'ticket' AS metric,
        COUNT(DISTINCT customer) AS customers,
        COUNT(*) AS measured,
        COUNT(*) FILTER (WHERE compliant) AS met,
        CAST(NULL AS DOUBLE) AS p50_h
    FROM tickets
    WHERE in_period AND compliant IS NOT NULL
    GROUP BY tier
    UNION ALL
    SELECT
        'region' AS kind,
        CAST(region AS STRING) AS name,
        'ticket' AS metric,
        COUNT(DISTINCT customer) AS customers,
        COUNT(*) AS measured,
        COUNT(*) FILTER (WHERE compliant) AS met,
        CAST(NULL AS DOUBLE) AS p50_h
    FROM tickets
    WHERE in_period AND compliant IS NOT NULL
    GROUP BY region
)
SELECT
    kind,
    name,
    metric,
    customers,
    measured,
    met,
    CAST(met AS DOUBLE) / measured AS compliance,
    p50_h
FROM tallied
ORDER BY kind, name, metric
