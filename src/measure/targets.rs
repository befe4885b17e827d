//! Targets by codes: there are few of them, however many measurements they are of.

use super::columns::{METRICS, in_hours};
use super::facts::Facts;
use crate::policy::{Metric, Severity};

/// How many targets terms have.
const TARGETS: usize = METRICS.len() * Severity::COUNT;

/// The targets that any measurement may have, and the code of each.
#[derive(Debug)]
pub struct TargetCodes {
    micros: Vec<i64>,
    of_terms: Vec<TermsCodes>,
}

/// The codes of the targets of some terms, those of each metric by severity.
#[derive(Debug)]
pub(super) struct TermsCodes([u32; TARGETS]);

impl TermsCodes {
    #[inline]
    pub(super) const fn of(&self, metric: Metric, severity: Severity) -> u32 {
        self.0[place(metric, severity)]
    }
}

const fn place(metric: Metric, severity: Severity) -> usize {
    metric as usize * Severity::COUNT + severity.number() as usize - 1
}

impl TargetCodes {
    /// Those of all terms that the facts have.
    pub fn of(facts: &Facts) -> TargetCodes {
        let each = || METRICS.into_iter().flat_map(|metric| Severity::all().map(move |of| (metric, of)));
        let terms = facts.terms.iter();
        let targets = terms.clone().flat_map(|terms| each().map(|(metric, of)| terms.targets.of(metric, of)));
        let mut micros: Vec<i64> = targets.collect();
        micros.sort_unstable();
        micros.dedup();
        // Every one is among them.
        let code = |target: i64| micros.partition_point(|other| *other < target) as u32;
        let of_terms = terms.map(|terms| {
            let mut codes = [0; TARGETS];
            each().for_each(|(metric, of)| codes[place(metric, of)] = code(terms.targets.of(metric, of)));
            TermsCodes(codes)
        });
        TargetCodes { of_terms: of_terms.collect(), micros }
    }

    /// The targets in microseconds, in the order of their codes.
    pub fn micros(&self) -> &[i64] {
        &self.micros
    }

    /// The same in hours.
    pub fn hours(&self) -> Vec<f64> {
        self.micros.iter().copied().map(in_hours).collect()
    }

    pub(super) fn of_terms(&self, terms: u32) -> &TermsCodes {
        &self.of_terms[terms as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::FactValues;
    use super::super::period::Period;
    use super::super::samples::facts;
    use super::super::schema::FactTable;
    use super::*;

    #[test]
    fn codes_stand_for_the_targets_that_measurements_have() {
        let facts = facts(3000, &Period::Everything);
        let codes = TargetCodes::of(&facts);
        assert!(codes.micros().is_sorted_by(|one, next| one < next));
        let part = facts.part(0).unwrap().unwrap();
        let coded = part.coded_targets(&codes);
        let micros = coded.iter().map(|code| codes.micros()[*code as usize]).collect();
        let hours = coded.iter().map(|code| Some(codes.hours()[*code as usize])).collect();
        let column = |name| part.column(FactTable::Measurements, name);
        assert_eq!(column("target_us"), Some(FactValues::Int64(micros)));
        assert_eq!(column("target_h"), Some(FactValues::Float(hours)));
    }
}
