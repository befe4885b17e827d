-- title: Standard against augmented
-- grain: one row per severity and metric
-- column severity: the severity in force at the start
-- column metric: response or update
-- column standard_measured: decided measurements of standard customers
-- column augmented_measured: decided measurements of augmented customers
-- column standard_p50_h: their median, working hours
-- column augmented_p50_h: their median, working hours
-- column standard_p90_h: their 90th percentile, working hours
-- column augmented_p90_h: their 90th percentile, working hours
-- column p50_ratio: augmented_p50_h / standard_p50_h: below 1 augmented customers are answered sooner; null where one has none, or the standard median is 0
WITH tallied AS (
    SELECT
        severity,
        metric,
        COUNT(*) FILTER (WHERE tier = 'standard') AS standard_measured,
        COUNT(*) FILTER (WHERE tier = 'augmented') AS augmented_measured,
        QUANTILE_CONT(CASE WHEN tier = 'standard' THEN elapsed_h END, 0.5) AS standard_p50_h,
        QUANTILE_CONT(CASE WHEN tier = 'augmented' THEN elapsed_h END, 0.5) AS augmented_p50_h,
        QUANTILE_CONT(CASE WHEN tier = 'standard' THEN elapsed_h END, 0.9) AS standard_p90_h,
        QUANTILE_CONT(CASE WHEN tier = 'augmented' THEN elapsed_h END, 0.9) AS augmented_p90_h
    FROM measurements
    WHERE in_period AND outcome <> 'pending'
    GROUP BY severity, metric
)
SELECT
    severity,
    metric,
    standard_measured,
    augmented_measured,
    standard_p50_h,
    augmented_p50_h,
    standard_p90_h,
    augmented_p90_h,
    CASE WHEN standard_p50_h > 0 THEN augmented_p50_h / standard_p50_h END AS p50_ratio
FROM tallied
ORDER BY severity, metric
