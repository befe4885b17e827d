-- title: Distribution of elapsed hours
-- grain: one row per metric, severity, target and whole hour
-- column metric: response or update
-- column severity: the severity in force at the start
-- column target_h: the target, working hours
-- column hour: elapsed working hours, cut to the whole hour
-- column met: met measurements of that length
-- column breached: breached measurements of that length
SELECT
    metric,
    severity,
    target_h,
    CAST(FLOOR(elapsed_h) AS BIGINT) AS hour,
    COUNT(*) FILTER (WHERE outcome = 'met') AS met,
    COUNT(*) FILTER (WHERE outcome = 'breached') AS breached
FROM measurements
WHERE in_period AND outcome <> 'pending'
GROUP BY metric, severity, target_h, CAST(FLOOR(elapsed_h) AS BIGINT)
ORDER BY metric, severity, target_h, hour
