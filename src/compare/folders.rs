//! The folders of two reports, and why a measurement of one turned out otherwise in the other.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::cause::{Cause, Causes};
use super::change::Pair;
use super::differences::{Difference, between, inputs_differ, policies_differ};
use super::manifest::{FolderError, Manifest};
use super::rows::FolderTickets;
use super::sides::{Measured, Ticket};
use super::tally::Tally;
use crate::calendar::{Instant, Zone};
use crate::measure::Period;

/// The folder of a report, and what its manifest says.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportFolder {
    path: PathBuf,
    pub(super) manifest: Manifest,
}

impl ReportFolder {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// [`FolderError`] where it is no report.
    pub fn open(path: &Path) -> Result<ReportFolder, FolderError> {
        Ok(ReportFolder { path: path.to_owned(), manifest: Manifest::read(path)? })
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The period it is about.
    pub fn period(&self) -> &Period {
        &self.manifest.period
    }

    /// The instant as of which it looks, unless the period ended before.
    pub fn as_of(&self) -> Instant {
        self.manifest.as_of
    }

    /// Whether its period had ended by then on every customer's clock.
    pub fn period_closed(&self) -> bool {
        self.manifest.period_closed
    }

    /// Its policies, `name@effective-from`.
    pub fn policies(&self) -> Vec<String> {
        self.manifest.policies.iter().map(|policy| policy.id.clone()).collect()
    }

    /// Whether it withholds names: a report of pseudonyms, or a customer's review.
    pub fn is_discreet(&self) -> bool {
        self.manifest.discreet
    }

    /// The SHA-256 of its manifest, less the record of its run: of the same report it is the same.
    pub fn manifest_sha256(&self) -> &str {
        &self.manifest.sha256
    }

    /// The version of punctual that wrote it.
    pub fn version(&self) -> &str {
        &self.manifest.punctual
    }
}

/// Compares two report folders: what their measurements come to, and what differs between what
/// they were made of.
///
/// # Errors
/// [`FolderError`] where a folder's files are not those of its manifest, or cannot be read.
pub fn folders(before: &ReportFolder, after: &ReportFolder) -> Result<(Tally, Vec<Difference>), FolderError> {
    if before.is_discreet() != after.is_discreet() {
        return Err(FolderError::Mixed);
    }
    let open = |folder: &ReportFolder| FolderTickets::open(&folder.path, &folder.manifest);
    let (mut earlier, mut later) = (open(before)?, open(after)?);
    let mut between_them = Between::of(&before.manifest, &after.manifest);
    let mut tally = Tally::default();
    let (mut one, mut other) = (earlier.next()?, later.next()?);
    loop {
        let order = match (&one, &other) {
            (None, None) => break,
            (Some(one), Some(other)) => one.id().cmp(other.id()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        let own = one.as_ref().filter(|_| order != Ordering::Greater).map(|ticket| ticket.ticket());
        let others = other.as_ref().filter(|_| order != Ordering::Less).map(|ticket| ticket.ticket());
        tally.take(own.as_ref(), others.as_ref(), |pair| {
            between_them.causes(own.as_ref(), others.as_ref(), pair)
        });
        if order != Ordering::Greater {
            one = earlier.next()?;
        }
        if order != Ordering::Less {
            other = later.next()?;
        }
    }
    Ok((tally, between(&before.manifest, &after.manifest)))
}

/// What a report looks at.
struct View {
    period: Period,
    as_of: Instant,
    /// The date from which its first policy holds: tickets before it are none of the report's.
    first_policy: Option<NaiveDate>,
}

impl View {
    fn of(manifest: &Manifest) -> View {
        View {
            period: manifest.period.clone(),
            as_of: manifest.as_of,
            first_policy: manifest.policies.iter().filter_map(|policy| policy.effective_from()).min(),
        }
    }

    /// The instant as of which it looks at a ticket.
    fn cut(&self, zone: Option<&Zone>) -> Instant {
        let end = zone.and_then(|zone| self.period.last_instant(zone));
        end.map_or(self.as_of, |end| end.min(self.as_of))
    }
}

/// What differs between two reports as wholes.
struct Between {
    before: View,
    after: View,
    inputs: bool,
    profile: bool,
    policies: bool,
    tz_database: bool,
    version: bool,
    /// The zones met so far; `None` for a name that is none.
    zones: BTreeMap<String, Option<Zone>>,
}

impl Between {
    fn of(before: &Manifest, after: &Manifest) -> Between {
        Between {
            before: View::of(before),
            after: View::of(after),
            inputs: inputs_differ(before, after),
            profile: before.profile.1.says_the_same(&after.profile.1) == Some(false),
            policies: policies_differ(before, after) == Some(true),
            tz_database: before.tz_database != after.tz_database,
            version: before.punctual != after.punctual,
            zones: BTreeMap::new(),
        }
    }

    /// Why a measurement turned.
    fn causes(&mut self, before: Option<&Ticket<'_>>, after: Option<&Ticket<'_>>, pair: &Pair) -> Causes {
        let mut causes = Vec::new();
        if let Some((before, after)) = before.zip(after) {
            let of = |ticket: &Ticket<'_>| {
                [ticket.customer, ticket.tier, ticket.region, ticket.timezone].map(str::to_owned)
            };
            if of(before) != of(after) {
                causes.push(Cause::CustomerData);
            }
        }
        match pair {
            Pair::Appeared(there) => self.one_sided(there, after, before.is_none(), true, &mut causes),
            Pair::Vanished(there) => self.one_sided(there, before, after.is_none(), false, &mut causes),
            Pair::Both { before: was, after: is } => {
                let cuts = [(before, false), (after, true)].map(|(ticket, later)| self.cut(ticket, later));
                self.both((was, cuts[0]), (is, cuts[1]), &mut causes);
            }
        }
        if causes.is_empty() {
            // What no start, end or target tells: a wait, a calendar of the customers table, or how
            // it is counted.
            causes.extend(self.data());
            causes.extend([(self.tz_database, Cause::TzDatabase)].iter().filter_map(told));
        }
        if causes.is_empty() && self.version {
            causes.push(Cause::Version);
        }
        Causes::of(causes)
    }

    /// What can make the histories differ.
    fn data(&self) -> impl Iterator<Item = Cause> + use<> {
        let all = [(self.inputs, Cause::LateData), (self.profile, Cause::Profile)];
        all.into_iter().filter_map(|cause| told(&cause))
    }

    /// The instant as of which a side looks at a ticket.
    fn cut(&mut self, ticket: Option<&Ticket<'_>>, later: bool) -> Instant {
        let zone = ticket.and_then(|ticket| {
            let zone = || Zone::named(ticket.timezone).ok();
            self.zones.entry(ticket.timezone.to_owned()).or_insert_with(zone).as_ref()
        });
        if later { self.after.cut(zone) } else { self.before.cut(zone) }
    }

    /// A measurement that one side has, of a ticket that the other may not have at all.
    fn one_sided(
        &mut self,
        there: &Measured,
        ticket: Option<&Ticket<'_>>,
        no_ticket: bool,
        appeared: bool,
        causes: &mut Vec<Cause>,
    ) {
        if there.started > self.cut(ticket, !appeared) {
            causes.push(Cause::New);
            return;
        }
        let without = if appeared { &self.before } else { &self.after };
        let first_policy = without.first_policy.filter(|_| no_ticket);
        let submitted = ticket.and_then(|ticket| {
            let zone = self.zones.get(ticket.timezone)?.as_ref()?;
            Some(zone.local(ticket.measurements.first()?.started).date())
        });
        match first_policy.zip(submitted) {
            Some((first, submitted)) if submitted < first => causes.push(Cause::Policy),
            _ => causes.extend(self.data()),
        }
    }

    /// A measurement that both sides have, with the instants as of which they look at it.
    fn both(
        &self,
        (was, cut_before): (&Measured, Instant),
        (is, cut_after): (&Measured, Instant),
        causes: &mut Vec<Cause>,
    ) {
        // An end that one side knows and the other does not lies after the other's cut, or came late.
        let ended_later = match (was.ended, is.ended) {
            (None, Some(ended)) => ended > cut_before,
            (Some(ended), None) => ended > cut_after,
            _ => false,
        };
        let still_open = was.ended.is_none() && is.ended.is_none() && cut_before != cut_after;
        if ended_later || still_open {
            causes.push(Cause::New);
        }
        let other_history = was.severity != is.severity || was.ended != is.ended && !ended_later;
        if other_history {
            causes.extend(self.data());
        }
        let same_span = was.ended == is.ended && !still_open;
        let figures = |of: &Measured| (of.elapsed, of.due, of.decided, of.outcome);
        if self.policies && (was.target != is.target || same_span && figures(was) != figures(is)) {
            causes.push(Cause::Policy);
        }
        if was.in_period != is.in_period && self.before.period != self.after.period {
            causes.push(Cause::Period);
        }
        // By which month it counts is the policy's too.
        if causes.is_empty() && self.policies {
            causes.push(Cause::Policy);
        }
    }
}

/// A cause that holds.
fn told(cause: &(bool, Cause)) -> Option<Cause> {
    cause.0.then_some(cause.1)
}

#[cfg(test)]
mod tests;
