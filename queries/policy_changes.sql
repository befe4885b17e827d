-- title: Tickets whose life spans a change of the agreement
-- grain: one row per ticket of the period that was submitted under another policy than the one at its end
-- column ticket_id: the ticket
-- column customer: the customer
-- column tier: the customer's tier
-- column region: the customer's region
-- column submitted_at: when it was submitted (UTC)
-- column resolved_at: the resolution that holds (UTC); null while open
-- column status: open or resolved, as of the report
-- column policy: the policy that was applied, name@effective-from
-- column policy_last: the policy in force at the end: at the resolution that holds, else as of the report
SELECT
    ticket_id,
    customer,
    tier,
    region,
    submitted_at,
    resolved_at,
    status,
    policy,
    policy_last
FROM tickets
WHERE in_period AND policy <> policy_last
ORDER BY ticket_id
