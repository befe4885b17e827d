//! Several versions of an agreement, and which of them judges a ticket.

use super::Policy;
use crate::calendar::LocalTime;

/// Policies in the order of the dates from which they hold; at least one.
#[derive(Debug, Clone)]
pub struct PolicyBook {
    policies: Vec<Policy>,
}

/// Policies that cannot stand in one book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyClash {
    /// There is none.
    #[error("no policy was given")]
    Empty,
    /// Two of them begin on one date.
    #[error("{0} and {1} both hold from the same date: give each its own effective_from")]
    SameDate(String, String),
    /// Two customers of one of them come to one pseudonym.
    #[error("{0}: two customers have the pseudonym {1} by this key: use another key")]
    SamePseudonym(String, String),
}

impl PolicyBook {
    /// A book of policies, in any order.
    ///
    /// # Errors
    /// [`PolicyClash`] where there is none, or where two hold from one date.
    pub fn new(mut policies: Vec<Policy>) -> Result<PolicyBook, PolicyClash> {
        policies.sort_by_key(|policy| policy.effective_from);
        if policies.is_empty() {
            return Err(PolicyClash::Empty);
        }
        match policies.windows(2).find(|pair| pair[0].effective_from == pair[1].effective_from) {
            Some(pair) => Err(PolicyClash::SameDate(pair[0].id(), pair[1].id())),
            None => Ok(PolicyBook { policies }),
        }
    }

    /// The same book, its customers called as `pseudonym` calls them; see [`Policy::pseudonymised`].
    ///
    /// # Errors
    /// [`PolicyClash::SamePseudonym`] where two customers of a policy come to one.
    pub fn pseudonymised(&self, pseudonym: impl Fn(&str) -> String) -> Result<PolicyBook, PolicyClash> {
        let policies = self.policies.iter().map(|policy| policy.pseudonymised(&pseudonym));
        Ok(PolicyBook { policies: policies.collect::<Result<_, _>>()? })
    }

    /// The place in [`Self::policies`] of the one that judges a ticket submitted at a local time:
    /// the one in force on its date; `None` before the first holds.
    pub fn in_force(&self, submitted: LocalTime) -> Option<usize> {
        let holds = |policy: &Policy| LocalTime::midnight(policy.effective_from) <= submitted;
        self.policies.partition_point(holds).checked_sub(1)
    }

    /// The policies, in the order of the dates from which they hold.
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NORTHERN, northern};
    use super::*;

    fn from(date: &str) -> Policy {
        Policy { effective_from: date.parse().unwrap(), ..northern() }
    }

    #[test]
    fn a_ticket_is_judged_by_the_policy_in_force_on_its_local_date() {
        let book = PolicyBook::new(vec![from("2024-07-01"), from("2023-01-01")]).unwrap();
        let judged = |time: &str| {
            let submitted = LocalTime::from_datetime(time.parse().unwrap());
            book.in_force(submitted).map(|place| book.policies()[place].id())
        };
        assert_eq!(judged("2022-12-31T23:59:59.999999"), None);
        assert_eq!(judged("2024-06-30T23:59:59.999999").as_deref(), Some("northern@2023-01-01"));
        assert_eq!(judged("2024-07-01T00:00:00").as_deref(), Some("northern@2024-07-01"));
    }

    #[test]
    fn two_policies_from_one_date_clash() {
        assert!(PolicyBook::new(vec![from("2024-07-01"), from("2024-07-01")]).is_err());
        assert!(PolicyBook::new(vec![]).is_err());
    }

    #[test]
    fn the_customers_of_a_book_are_renamed_and_its_text_does_not_survive() {
        let text = NORTHERN.replace("holidays = []", "holidays = [{ date = 2024-05-01, name = \"ACME's\" }]");
        let text = format!("{text}\n[customers.\"ACME SA\"]\ntargets.response = {{ 1 = 2 }}\n");
        let policy = Policy {
            holiday_files: vec![("acme.csv".to_owned(), "2024-05-01,ACME".to_owned())],
            ..Policy::parse("p.toml", &text, None).unwrap()
        };
        let book = PolicyBook::new(vec![policy.clone()]).unwrap();
        let renamed = book.pseudonymised(|name| name.len().to_string()).unwrap();
        let [renamed] = renamed.policies() else { panic!("one policy") };
        assert!(!format!("{renamed:?}").contains("ACME") && !format!("{renamed:?}").contains("acme"));
        assert_eq!(renamed.exceptions(), ["customer 7: response of severity 1 2h"]);
        assert_eq!(renamed.targets("7", "", ""), policy.targets("ACME SA", "", ""));
        let nameless = policy.calendar("default").unwrap().clone().without_names();
        assert_eq!((renamed.id(), renamed.calendar("default")), (policy.id(), Some(&nameless)));
        assert_eq!(nameless.special_days().len(), 1);
    }

    #[test]
    fn customers_that_come_to_one_pseudonym_are_an_error() {
        let text = format!("{}\n[customers.One]\n[customers.Two]\n", NORTHERN);
        let book = PolicyBook::new(vec![Policy::parse("p.toml", &text, None).unwrap()]).unwrap();
        let error = book.pseudonymised(|_| "C-1".to_owned()).unwrap_err().to_string();
        assert_eq!(
            error,
            "northern@2000-01-01: two customers have the pseudonym C-1 by this key: use another key"
        );
    }
}
