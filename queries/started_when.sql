-- title: When breached clocks started
-- grain: one row per local weekday and hour at which a decided measurement started
-- column started_weekday: local weekday, 1 = Monday to 7 = Sunday
-- column started_hour: local hour, 0 to 23
-- column breached: breached measurements that started then
-- column measured: decided measurements that started then
SELECT
    started_weekday,
    started_hour,
    COUNT(*) FILTER (WHERE outcome = 'breached') AS breached,
    COUNT(*) AS measured
FROM measurements
WHERE in_period AND outcome <> 'pending'
GROUP BY started_weekday, started_hour
ORDER BY started_weekday, started_hour
