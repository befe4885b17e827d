-- title: Compliance by region
-- grain: one row per region and metric
-- column region: the customer's region
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
        region,
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
    WHERE in_period AND outcome <> 'pending'
    GROUP BY region, metric
),
pending AS (
    SELECT
        region,
        metric,
        CAST(0 AS BIGINT) AS measured,
        CAST(0 AS BIGINT) AS met,
        CAST(0 AS BIGINT) AS breached,
        COUNT(*) AS pending,
        CAST(NULL AS BIGINT) AS elapsed_us,
        CAST(NULL AS DOUBLE) AS p50_h,
        CAST(NULL AS DOUBLE) AS p90_h,
        CAST(NULL AS DOUBLE) AS p95_h,
        CAST(NULL AS DOUBLE) AS max_h
    FROM measurements
    WHERE in_period AND outcome = 'pending'
    GROUP BY region, metric
),
parts AS (
    SELECT
        region,
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
        region,
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
    FROM pending
    UNION ALL
    SELECT
        region,
        'ticket' AS metric,
        COUNT(compliant) AS measured,
        COUNT(*) FILTER (WHERE compliant) AS met,
        COUNT(*) FILTER (WHERE NOT compliant) AS breached,
        COUNT(*) - COUNT(compliant) AS pending,
        CAST(NULL AS BIGINT) AS elapsed_us,
        CAST(NULL AS DOUBLE) AS p50_h,
        CAST(NULL AS DOUBLE) AS p90_h,
        CAST(NULL AS DOUBLE) AS p95_h,
        CAST(NULL AS DOUBLE) AS max_h
    FROM tickets
    WHERE in_period
    GROUP BY region
),
tallied AS (
    SELECT
        region,
        metric,
        SUM(measured) AS measured,
        SUM(met) AS met,
        SUM(breached) AS breached,
        SUM(pending) AS pending,
        MAX(elapsed_us) AS elapsed_us,
        MAX(p50_h) AS p50_h,
        MAX(p90_h) AS p90_h,
        MAX(p95_h) AS p95_h,
        MAX(max_h) AS max_h
    FROM parts
    GROUP BY region, metric
)
SELECT
    region,
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
ORDER BY region, metric
