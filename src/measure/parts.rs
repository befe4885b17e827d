//! The measurements of a part, in memory or in the file for what memory has no room for.

use std::borrow::Cow;
use std::sync::Arc;

use super::compared::Compared;
use super::facts::MeasurementFacts;
use super::history::Outcome;
use crate::calendar::Instant;
use crate::policy::Severity;
use crate::spill::{Piece, Spill, SpillError};

/// The measurements of a part of the facts.
#[derive(Debug, Clone)]
pub enum MeasurementPart {
    /// They are in memory.
    Kept(Box<MeasurementFacts>),
    /// They are in a file.
    Spilled {
        /// How many there are.
        rows: usize,
        /// Where in the file.
        piece: Piece,
        /// The file.
        spill: Arc<Spill>,
    },
}

impl MeasurementPart {
    /// Keeps measurements in memory, or in the file where there is one and memory has no room.
    ///
    /// # Errors
    /// [`SpillError`] where the file cannot be written.
    pub fn keep(facts: MeasurementFacts, spill: Option<&Arc<Spill>>) -> Result<MeasurementPart, SpillError> {
        match spill {
            Some(spill) if !spill.may_keep(facts.bytes() as u64) => {
                let mut bytes = Vec::with_capacity(facts.bytes());
                facts.write(&mut bytes);
                let piece = spill.write(&bytes)?;
                Ok(MeasurementPart::Spilled { rows: facts.started.len(), piece, spill: Arc::clone(spill) })
            }
            _ => Ok(MeasurementPart::Kept(Box::new(facts))),
        }
    }

    /// How many there are.
    pub fn rows(&self) -> usize {
        match self {
            MeasurementPart::Kept(facts) => facts.started.len(),
            MeasurementPart::Spilled { rows, .. } => *rows,
        }
    }

    /// The measurements, read from the file where they are there.
    ///
    /// # Errors
    /// [`SpillError`] where the file cannot be read.
    pub fn get(&self) -> Result<Cow<'_, MeasurementFacts>, SpillError> {
        match self {
            MeasurementPart::Kept(facts) => Ok(Cow::Borrowed(facts)),
            MeasurementPart::Spilled { piece, spill, .. } => {
                let bytes = spill.read(*piece)?;
                MeasurementFacts::read(&mut bytes.as_slice()).map(Cow::Owned).ok_or_else(|| spill.changed())
            }
        }
    }
}

/// A value of a column as bytes in the file.
pub(super) trait Stored: Copy {
    /// Adds its bytes.
    fn put(self, to: &mut Vec<u8>);
    /// Takes what [`Self::put`] added.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

/// Adds a column: how many values it has, then the values.
pub(super) fn put_column<T: Stored>(values: &[T], to: &mut Vec<u8>) {
    (values.len() as i64).put(to);
    values.iter().for_each(|value| value.put(to));
}

/// Takes a column that [`put_column`] added.
pub(super) fn take_column<T: Stored>(from: &mut &[u8]) -> Option<Vec<T>> {
    let count = usize::try_from(i64::take(from)?).ok().filter(|count| *count <= from.len())?;
    (0..count).map(|_| T::take(from)).collect()
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Stored for $number {
            fn put(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn take(from: &mut &[u8]) -> Option<$number> {
                let (bytes, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(<$number>::from_le_bytes(*bytes))
            }
        })+
    };
}

numbers!(u8, u32, i16, i64);

impl Stored for Instant {
    fn put(self, to: &mut Vec<u8>) {
        self.micros().put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Instant> {
        Instant::from_micros(i64::take(from)?).ok()
    }
}

/// Of no instant the number is one that no instant has.
impl Stored for Option<Instant> {
    fn put(self, to: &mut Vec<u8>) {
        self.map_or(i64::MIN, Instant::micros).put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Option<Instant>> {
        match i64::take(from)? {
            i64::MIN => Some(None),
            micros => Instant::from_micros(micros).ok().map(Some),
        }
    }
}

impl Stored for Severity {
    fn put(self, to: &mut Vec<u8>) {
        self.number().put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Severity> {
        Severity::new(u8::take(from)?)
    }
}

impl Stored for Outcome {
    fn put(self, to: &mut Vec<u8>) {
        (self as u8).put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Outcome> {
        let code = u8::take(from)?;
        [Outcome::Met, Outcome::Breached, Outcome::Pending].into_iter().find(|outcome| *outcome as u8 == code)
    }
}

impl Stored for Option<Compared> {
    fn put(self, to: &mut Vec<u8>) {
        self.map_or(u8::MAX, |which| which as u8).put(to);
    }

    fn take(from: &mut &[u8]) -> Option<Option<Compared>> {
        match u8::take(from)? {
            u8::MAX => Some(None),
            code => Compared::ALL.into_iter().find(|which| *which as u8 == code).map(Some),
        }
    }
}

impl Stored for (u32, Instant) {
    fn put(self, to: &mut Vec<u8>) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut &[u8]) -> Option<(u32, Instant)> {
        Some((u32::take(from)?, Instant::take(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::{Keep, Run};
    use super::super::samples::{policies, records};
    use super::super::schema::FactTable;
    use super::super::{Facts, Period};
    use super::*;

    fn measured(spill: Option<&Arc<Spill>>) -> Facts {
        let (policies, period) = (policies(), Period::Everything);
        Run { policies: &policies, period: &period, as_of: None, keep: Keep::Late }
            .measure_within(records(40_000), spill)
            .unwrap()
    }

    #[test]
    fn facts_in_a_file_are_those_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let spill = Arc::new(Spill::new(folder.path().to_owned(), 2_500_000));
        let (kept, spilled) = (measured(None), measured(Some(&spill)));
        // Three parts, of which not all fit.
        let in_file = |part: &&MeasurementPart| matches!(part, MeasurementPart::Spilled { .. });
        let count = spilled.measurements.iter().filter(in_file).count();
        assert!(0 < count && count < 3, "{count}");
        assert_eq!(kept.measurement_count(), spilled.measurement_count());
        for part in 0..3 {
            let (a, b) = (kept.part(part).unwrap().unwrap(), spilled.part(part).unwrap().unwrap());
            for table in FactTable::ALL {
                assert_eq!(kept.part_rows(table, part), spilled.part_rows(table, part));
                for column in table.columns() {
                    assert_eq!(a.column(table, column.name), b.column(table, column.name), "{}", column.name);
                }
            }
        }
        assert!(kept.part(3).unwrap().is_none());
    }

    #[test]
    fn bytes_that_are_no_facts_are_none() {
        let facts = measured(None).measurements.remove(0).get().unwrap().into_owned();
        let mut bytes = Vec::new();
        facts.write(&mut bytes);
        assert!(MeasurementFacts::read(&mut &bytes[..bytes.len() - 1]).is_none());
        bytes[8] = 9;
        assert!(MeasurementFacts::read(&mut bytes.as_slice()).is_none());
    }
}
