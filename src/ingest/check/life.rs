//! Updates that do not lie where their tickets do.

use super::survey::Survey;
use super::suspicion::Suspicion;
use crate::records::Records;

/// One in how many updates before their submission is many, and how many there must be.
const MANY: u64 = 50;
const LEAST: u64 = 10;

/// How many tickets are named.
const NAMED: usize = 3;

/// Whether many updates come before the submission of their tickets.
pub(super) fn before_their_submission(survey: &Survey, rows: Option<&u64>) -> Option<Suspicion> {
    let (rows, of) = (*rows?, survey.deeds.len() as u64);
    (rows >= LEAST && rows.saturating_mul(MANY) >= of)
        .then_some(Suspicion::BeforeTheirSubmission { rows, of })
}

/// The tickets all of whose updates lie outside of their lives.
pub(super) fn outside_their_life(records: &Records, survey: &Survey) -> Option<Suspicion> {
    if survey.is_log {
        // The rows are the life.
        return None;
    }
    let mut outside = survey.deeds.chunk_by(|a, b| a.ticket == b.ticket).filter(|deeds| {
        let ticket = records.tickets.get(deeds[0].ticket as usize);
        let (first, last) = (deeds[0].at, deeds[deeds.len() - 1].at);
        last < ticket.submitted || ticket.resolved.is_some_and(|resolved| first > resolved)
    });
    let mut first = Vec::new();
    let mut tickets = 0;
    for deeds in &mut outside {
        tickets += 1;
        if first.len() < NAMED {
            first.push(records.tickets.ids.get(deeds[0].ticket as usize).to_owned());
        }
    }
    (tickets > 0).then_some(Suspicion::OutsideTheirLife { tickets, first })
}
