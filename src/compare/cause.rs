//! Why a measurement turned: what differs between the two sides, and nothing that is guessed.

use std::fmt;

/// What differs between the two sides for a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It happened, or its target was reached, between the instants as of which both look.
    New,
    /// The inputs tell another start, end, severity or presence, though it lies before both cuts.
    LateData,
    /// The customer, tier, region or time zone of the ticket.
    CustomerData,
    /// The source profile, by which other things are read in the same files.
    Profile,
    /// The policies of two reports.
    Policy,
    /// The target.
    Target,
    /// The working hours: the real time between start and end has another working time.
    Hours,
    /// Whether the clock stands still while the customer is waited for.
    Waiting,
    /// Whether a time equal to the target is in time.
    Comparison,
    /// The period that is looked at, or which month a measurement belongs to.
    Period,
    /// The version of the time zone database.
    TzDatabase,
    /// The version of punctual.
    Version,
    /// None of these.
    Unexplained,
}

impl Cause {
    /// All, in the order in which they are joined.
    pub const ALL: [Cause; 13] = [
        Cause::New,
        Cause::LateData,
        Cause::CustomerData,
        Cause::Profile,
        Cause::Policy,
        Cause::Target,
        Cause::Hours,
        Cause::Waiting,
        Cause::Comparison,
        Cause::Period,
        Cause::TzDatabase,
        Cause::Version,
        Cause::Unexplained,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::New => "new",
            Cause::LateData => "late_data",
            Cause::CustomerData => "customer_data",
            Cause::Profile => "profile",
            Cause::Policy => "policy",
            Cause::Target => "target",
            Cause::Hours => "hours",
            Cause::Waiting => "waiting",
            Cause::Comparison => "comparison",
            Cause::Period => "period",
            Cause::TzDatabase => "tz_database",
            Cause::Version => "version",
            Cause::Unexplained => "unexplained",
        }
    }
}

/// The causes of a change: one at least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Causes(u16);

impl Causes {
    /// Those of a list; where it is empty the change is [`Cause::Unexplained`].
    pub fn of(causes: impl IntoIterator<Item = Cause>) -> Causes {
        match causes.into_iter().fold(0, |all, cause| all | 1 << cause as u16) {
            0 => Causes(1 << Cause::Unexplained as u16),
            all => Causes(all),
        }
    }

    /// Each of them, in the order of [`Cause::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Cause> {
        Cause::ALL.into_iter().filter(move |cause| self.has(*cause))
    }

    /// Whether a cause is among them.
    pub const fn has(self, cause: Cause) -> bool {
        self.0 & 1 << cause as u16 != 0
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, cause) in self.iter().enumerate() {
            let plus = if place == 0 { "" } else { "+" };
            write!(f, "{plus}{}", cause.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Causes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_joined_in_a_fixed_order_and_none_is_unexplained() {
        assert_eq!(Causes::of([Cause::Hours, Cause::Target, Cause::Hours]).to_string(), "target+hours");
        assert_eq!(Causes::of([]).to_string(), "unexplained");
        let all = Causes::of(Cause::ALL);
        assert!(all.iter().eq(Cause::ALL) && Cause::ALL.is_sorted());
    }
}
