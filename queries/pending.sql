-- title: Open clocks, the soonest due first
-- grain: one row per pending measurement
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
-- column due_at: when it is due (UTC)
-- column due_local: when it is due, on the customer's clock
-- column elapsed_h: working hours so far
-- column target_h: the target, working hours
-- column remaining_h: working hours left until the target
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
    due_at,
    due_local,
    elapsed_h,
    target_h,
    CAST(target_us - elapsed_us AS DOUBLE) / 3600000000 AS remaining_h,
    policy
FROM measurements
WHERE in_period AND outcome = 'pending'
ORDER BY due_at, ticket_id, sequence
