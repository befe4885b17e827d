//! Explanations asked of the facts.

use super::{ExplainError, Explanation, Subject, explain};
use crate::measure::facts::Facts;
use crate::measure::history::History;

impl Facts {
    /// Why the measurements of the ticket at a place of the records are what they are.
    ///
    /// # Errors
    /// [`ExplainError::NotKept`] where nothing of the ticket in the period was breached or is
    /// pending: its events are not kept then. Otherwise where there is no such ticket, or where
    /// the explanation contradicts what was measured.
    pub fn explain(&self, place: usize) -> Result<Explanation, ExplainError> {
        let tickets = &self.records.tickets;
        let terms = self.ticket_terms.get(place).and_then(|terms| self.terms.get(*terms as usize));
        let terms = terms.filter(|_| place < tickets.len()).ok_or(ExplainError::NoTicket(place))?;
        let (id, ticket) = (tickets.ids.get(place), tickets.get(place));
        if ticket.submitted > terms.cut {
            return Err(ExplainError::NotSubmitted(id.to_owned(), terms.cut));
        }
        let events = self.kept.of(place).ok_or_else(|| ExplainError::NotKept(id.to_owned()))?;
        let policy = self.policies.get(terms.policy).map_or("", String::as_str);
        let name = |name| self.records.names.text(name).to_owned();
        let subject = Subject {
            ticket_id: id.to_owned(),
            customer: name(ticket.customer),
            tier: name(ticket.tier),
            region: name(ticket.region),
        };
        explain(subject, &History::of(&ticket, events, self.updates_known), terms, policy)
    }

    /// The place in the records of the ticket of an id.
    pub fn place_of(&self, ticket_id: &str) -> Option<usize> {
        self.records.tickets.find(ticket_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Outcome::Met;
    use crate::measure::samples::facts;
    use crate::policy::{CalendarSource, TargetSource};

    #[test]
    fn tickets_with_a_breach_in_the_period_or_something_pending_are_explained_and_a_few_examples() {
        let facts = facts(2_000, &"2023-05".parse().unwrap());
        let part = facts.measurements[0].get().unwrap();
        let rows = |place: usize| {
            let row = facts.tickets[0].ticket.iter().position(|ticket| *ticket as usize == place);
            facts.tickets[0].measurements(row.unwrap())
        };
        let asked = |place| rows(place).any(|row| part.in_period(row) && part.outcome[row] != Met);
        let (mut kinds, mut examples) = ([0; 3], 0);
        for place in 0..2_000 {
            match facts.explain(place) {
                Ok(explanation) => {
                    examples += usize::from(!asked(place));
                    // What is explained is what the facts say.
                    let of_facts: Vec<_> =
                        rows(place).map(|row| (part.elapsed[row], part.due[row])).collect();
                    let all = explanation.measurements.iter().map(|explained| explained.measurement);
                    assert_eq!(all.map(|own| (own.elapsed, own.due)).collect::<Vec<_>>(), of_facts);
                    kinds[0] += 1;
                }
                Err(ExplainError::NotKept(_)) => {
                    assert!(!asked(place));
                    kinds[1] += 1;
                }
                Err(ExplainError::NotSubmitted(..)) => kinds[2] += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(kinds.iter().all(|kind| *kind > 100), "{kinds:?}");
        // One of each kind of ticket, of which the sample has few.
        assert!(0 < examples && examples < 50, "{examples}");
        assert_eq!(facts.explain(2_000), Err(ExplainError::NoTicket(2_000)));
        assert_eq!((facts.place_of("T000003-Beta"), facts.place_of("T000003")), (Some(3), None));
        // Every twelfth ticket is Zeta's and of severity 1, for which it has a target of its own.
        let zeta = (0..2_000).step_by(12).find_map(|place| facts.explain(place).ok()).unwrap();
        assert_eq!(zeta.measurements[0].target_from, TargetSource::Customer);
        assert_eq!(facts.terms[facts.ticket_terms[1] as usize].calendar_from, CalendarSource::CustomersTable);
    }
}
