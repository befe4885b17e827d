-- title: Breaches, the furthest over first
-- grain: one row per breached measurement
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
-- column over_h: working hours over the target (so far, while open)
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
    CAST(elapsed_us - target_us AS DOUBLE) / 3600000000 AS over_h,
    policy
FROM measurements
WHERE in_period AND outcome = 'breached'
ORDER BY over_h DESC, ticket_id, sequence
