-- title: Compliance by month
-- grain: one row per month and metric; every month there is, not only those of the period
-- column month: local month (YYYY-MM) that the measurements belong to
-- column metric: response, update, or ticket: the ticket as a whole, met when nothing of it was breached
-- column measured: decided measurements: met + breached
-- column met: decided in time
-- column breached: decided too late, or open past the target
-- column pending: still open, target not reached; in no rate
-- column compliance: met / measured, 0 to 1; null where nothing was measured
-- column compliance_low: lower end of its Wilson 95 % interval
-- column compliance_high: upper end of its Wilson 95 % interval
-- column mean_h: mean of the decided measurements, working hours (a breached one that is open counts with its time so far)
-- column p50_h: median, working hours
-- column p90_h: 90th percentile, working hours (linear interpolation)
-- column p95_h: 95th percentile, working hours
-- column max_h: longest, working hours
WITH decided AS (
    SELECT
        month,
        metric,
        COUNT(*) AS measured,
        COUNT(*) FILTER (WHERE outcome = 'met') AS met,
        COUNT(*) FILTER (WHERE outcome = 'breached') AS breached,
        CAST(0 AS BIGINT) AS pending,
        SUM(elapsed_us) AS elapsed_us,
        QUANTILE_CONT(elapsed_h, 0.5) AS p50_h,
        QUANTILE_CONT(elapsed_h, 0.9) AS p90_h,
        QUANTILE_CONT(elapsed_h, 0.95) AS p95_h,
        MAX(elapsed_h) AS max_h
    FROM measurements
    WHERE month IS NOT NULL
    GROUP BY month, metric
),
tallied AS (
    SELECT
        month,
        CAST(metric AS STRING) AS metric,
        measured,
        met,
        breached,
        pending,
        elapsed_us,
        p50_h,
        p90_h,
        p95_h,
        max_h
    FROM decided
    UNION ALL
    SELECT
        month,
        'ticket' AS metric,
        COUNT(DISTINCT ticket_id) AS measured,
        COUNT(DISTINCT ticket_id) - COUNT(DISTINCT CASE WHEN outcome = 'breached' THEN ticket_id END) AS met,
        COUNT(DISTINCT CASE WHEN outcome = 'breached' THEN ticket_id END) AS breached,
        CAST(0 AS BIGINT) AS pending,
        CAST(NULL AS BIGINT) AS elapsed_us,
        CAST(NULL AS DOUBLE) AS p50_h,
        CAST(NULL AS DOUBLE) AS p90_h,
        CAST(NULL AS DOUBLE) AS p95_h,
        CAST(NULL AS DOUBLE) AS max_h
    FROM measurements
    WHERE month IS NOT NULL
    GROUP BY month
)
SELECT
    month,
    metric,
    measured,
    met,
    breached,
    pending,
    CASE WHEN measured > 0 THEN CAST(met AS DOUBLE) / measured END AS compliance,
    CASE WHEN measured > 0 THEN GREATEST(CAST(0 AS DOUBLE),
        (CAST(met AS DOUBLE) / measured + 3.841458820694124 / (2 * measured)
            - 1.959963984540054 * SQRT(CAST(met AS DOUBLE) * breached / measured / measured / measured
                + 3.841458820694124 / (4 * CAST(measured AS DOUBLE) * measured)))
        / (1 + 3.841458820694124 / measured))
    END AS compliance_low,
    CASE WHEN measured > 0 THEN LEAST(CAST(1 AS DOUBLE),
        (CAST(met AS DOUBLE) / measured + 3.841458820694124 / (2 * measured)
            + 1.959963984540054 * SQRT(CAST(met AS DOUBLE) * breached / measured / measured / measured
                + 3.841458820694124 / (4 * CAST(measured AS DOUBLE) * measured)))
        / (1 + 3.841458820694124 / measured))
    END AS compliance_high,
    CASE WHEN measured > 0 THEN CAST(elapsed_us AS DOUBLE) / measured / 3600000000 END AS mean_h,
    p50_h,
    p90_h,
    p95_h,
    max_h
FROM tallied
ORDER BY month, metric
