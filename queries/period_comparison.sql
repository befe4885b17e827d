-- title: The period beside earlier ones
-- grain: one row per compared period and metric
-- column compared: the report's period, previous (the one just before) or year_before (the same a year earlier)
-- column metric: response, update, or ticket: the ticket as a whole, met when nothing of it was breached
-- column measured: decided measurements: met + breached
-- column met: decided in time
-- column breached: decided too late, or open past the target
-- column compliance: met / measured, 0 to 1; null where nothing was measured
-- column compliance_low: lower end of its Wilson 95 % interval
-- column compliance_high: upper end of its Wilson 95 % interval
-- column p50_h: median, working hours
-- column p90_h: 90th percentile, working hours (linear interpolation)
WITH tallied AS (
    SELECT
        CAST(compared AS STRING) AS compared,
        CAST(metric AS STRING) AS metric,
        COUNT(*) AS measured,
        COUNT(*) FILTER (WHERE outcome = 'met') AS met,
        COUNT(*) FILTER (WHERE outcome = 'breached') AS breached,
        QUANTILE_CONT(elapsed_h, 0.5) AS p50_h,
        QUANTILE_CONT(elapsed_h, 0.9) AS p90_h
    FROM measurements
    WHERE compared IS NOT NULL
    GROUP BY compared, metric
    UNION ALL
    SELECT
        CAST(compared AS STRING) AS compared,
        'ticket' AS metric,
        COUNT(DISTINCT ticket_id) AS measured,
        COUNT(DISTINCT ticket_id) - COUNT(DISTINCT CASE WHEN outcome = 'breached' THEN ticket_id END) AS met,
        COUNT(DISTINCT CASE WHEN outcome = 'breached' THEN ticket_id END) AS breached,
        CAST(NULL AS DOUBLE) AS p50_h,
        CAST(NULL AS DOUBLE) AS p90_h
    FROM measurements
    WHERE compared IS NOT NULL
    GROUP BY compared
)
SELECT
    compared,
    metric,
    measured,
    met,
    breached,
    CAST(met AS DOUBLE) / measured AS compliance,
    GREATEST(CAST(0 AS DOUBLE),
        (CAST(met AS DOUBLE) / measured + 3.841458820694124 / (2 * measured)
            - 1.959963984540054 * SQRT(CAST(met AS DOUBLE) * breached / measured / measured / measured
                + 3.841458820694124 / (4 * CAST(measured AS DOUBLE) * measured)))
        / (1 + 3.841458820694124 / measured)) AS compliance_low,
    LEAST(CAST(1 AS DOUBLE),
        (CAST(met AS DOUBLE) / measured + 3.841458820694124 / (2 * measured)
            + 1.959963984540054 * SQRT(CAST(met AS DOUBLE) * breached / measured / measured / measured
                + 3.841458820694124 / (4 * CAST(measured AS DOUBLE) * measured)))
        / (1 + 3.841458820694124 / measured)) AS compliance_high,
    p50_h,
    p90_h
FROM tallied
ORDER BY compared, metric
