-- title: Near misses, within 30 minutes of the line on either side
-- grain: one row per measurement decided within 30 minutes of its target
-- column ticket_id: the ticket
-- column customer: the customer
-- column tier: the customer's tier
-- column region: the customer's region
-- column timezone: the customer's time zone
-- column account_manager: who looks after the customer
-- column metric: response or update
-- column sequence: 0 for the response, 1, 2, … for the updates of the ticket
-- column severity: the severity in force at the start
-- column started_at: when it started (UTC)
-- column ended_at: when it ended (UTC); null while open
-- column due_at: when it was due (UTC)
-- column due_local: when it was due, on the customer's clock
-- column elapsed_h: working hours it took, or so far
-- column target_h: the target, working hours
-- column margin_min: minutes of working time left at the end; 0 or less where it was breached
-- column policy: the policy that was applied, name@effective-from
SELECT
    ticket_id,
    customer,
    tier,
    region,
    timezone,
    account_manager,
    metric,
    sequence,
    severity,
    started_at,
    ended_at,
    due_at,
    due_local,
    elapsed_h,
    target_h,
    CAST(target_us - elapsed_us AS DOUBLE) / 60000000 AS margin_min,
    policy
FROM measurements
WHERE in_period AND outcome <> 'pending' AND elapsed_us - target_us BETWEEN -1800000000 AND 1800000000
ORDER BY margin_min, ticket_id, sequence
