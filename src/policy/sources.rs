//! Where a figure of the agreement comes from: whether the policy says it for all, or for a tier, a
//! region or a customer.

use super::{Metric, Policy, Severity};

/// Where a target is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetSource {
    /// In the policy's own targets.
    Policy,
    /// In those of the customer's tier.
    Tier,
    /// In those of the customer's region.
    Region,
    /// In the customer's own.
    Customer,
}

/// Where a calendar is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CalendarSource {
    /// In the customer's row of the customers table.
    CustomersTable,
    /// In what the policy says of the customer.
    Customer,
    /// In what the policy says of the customer's region.
    Region,
    /// Nowhere: it is the default.
    Default,
}

impl Policy {
    /// Where the target that [`Policy::targets`] gives for a metric and severity is set.
    pub fn target_source(
        &self,
        (customer, tier, region): (&str, &str, &str),
        metric: Metric,
        severity: Severity,
    ) -> TargetSource {
        let place = usize::from(severity.number()) - 1;
        // The last of them to override a target is the one that sets it.
        let exceptions = [
            (&self.customers, customer, TargetSource::Customer),
            (&self.regions, region, TargetSource::Region),
            (&self.tiers, tier, TargetSource::Tier),
        ];
        let sets = exceptions.iter().find(|(exceptions, name, _)| {
            exceptions.get(*name).is_some_and(|exception| match metric {
                Metric::Response => exception.targets.response[place].is_some(),
                Metric::Update => exception.targets.update[place].is_some(),
            })
        });
        sets.map_or(TargetSource::Policy, |(_, _, source)| *source)
    }

    /// Where the calendar that [`Policy::calendar_name`] gives is chosen.
    pub fn calendar_source(&self, customer: &str, region: &str) -> CalendarSource {
        let exceptions = [
            (&self.customers, customer, CalendarSource::Customer),
            (&self.regions, region, CalendarSource::Region),
        ];
        let chooses = exceptions.iter().find(|(exceptions, name, _)| {
            exceptions.get(*name).is_some_and(|exception| exception.calendar.is_some())
        });
        chooses.map_or(CalendarSource::Default, |(_, _, source)| *source)
    }
}

/// Where each target is set, by metric and severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetSources {
    response: [TargetSource; Severity::COUNT],
    update: [TargetSource; Severity::COUNT],
}

impl TargetSources {
    /// Those of a customer, of a tier and in a region.
    pub fn new(policy: &Policy, customer: &str, tier: &str, region: &str) -> TargetSources {
        let mut sources = TargetSources {
            response: [TargetSource::Policy; Severity::COUNT],
            update: [TargetSource::Policy; Severity::COUNT],
        };
        for (place, severity) in Severity::all().enumerate() {
            let of = |metric| policy.target_source((customer, tier, region), metric, severity);
            sources.response[place] = of(Metric::Response);
            sources.update[place] = of(Metric::Update);
        }
        sources
    }

    /// Where the target of a metric at a severity is set.
    pub fn of(&self, metric: Metric, severity: Severity) -> TargetSource {
        let place = usize::from(severity.number()) - 1;
        match metric {
            Metric::Response => self.response[place],
            Metric::Update => self.update[place],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::NORTHERN;
    use super::*;

    #[test]
    fn the_source_of_a_target_is_the_last_to_override_it() {
        let text = format!(
            "{NORTHERN}\n[regions.EMEA]\ncalendar = \"long\"\n[regions.EMEA.targets.response]\n1 = 6\n2 = 6\n\
             [customers.Acme]\ncalendar = \"default\"\n[customers.Acme.targets.response]\n1 = 8\n\
             [tiers.gold.targets.update]\n4 = 30\n[calendars.long]\nlike = \"default\"\n"
        );
        let policy = Policy::parse("test", &text, None).unwrap();
        let sources = TargetSources::new(&policy, "Acme", "gold", "EMEA");
        let of = |metric, number| sources.of(metric, Severity::new(number).unwrap());
        // Acme's 8 h is the policy's figure again, but it is Acme's own that holds.
        assert_eq!(of(Metric::Response, 1), TargetSource::Customer);
        assert_eq!(of(Metric::Response, 2), TargetSource::Region);
        assert_eq!(of(Metric::Response, 3), TargetSource::Policy);
        assert_eq!(of(Metric::Update, 4), TargetSource::Tier);
        assert_eq!(policy.calendar_source("Acme", "EMEA"), CalendarSource::Customer);
        assert_eq!(policy.calendar_source("Other", "EMEA"), CalendarSource::Region);
        assert_eq!(policy.calendar_source("Other", "APAC"), CalendarSource::Default);
    }
}
