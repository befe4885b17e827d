//! Which built-in profile reads some files: the one that knows most of their columns.

use std::collections::BTreeSet;

use super::super::fields::TableForm;
use super::super::files::behind;
use super::super::layout::Layout;
use super::super::profile::{BUILT_IN, Profile, ticket, update};
use super::sample::Sample;

/// A built-in profile, and which file each of its parts would be read from.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) profile: Profile,
    /// The file of tickets, and where the fields stand in it.
    pub(super) tickets: (usize, Layout),
    /// Of each source of updates in files of its own that there is a file for: its place in the profile.
    pub(super) updates: Vec<(usize, usize, Layout)>,
    /// Of each look-up: its place in the profile, and the file.
    pub(super) lookups: Vec<(usize, usize)>,
    /// The file of customers.
    pub(super) customers: Option<usize>,
    /// What the profile calls the tables that no file was found for.
    pub(super) missing: Vec<String>,
    /// How many columns of the files it knows.
    known: usize,
}

/// How many columns a profile must know to be taken for the one that is meant.
const LEAST: usize = 5;
const LEAST_OF_CANONICAL: usize = 4;

/// The built-in profile that reads the files, and one that would read more of them if it had tables
/// that are not there.
pub(super) fn best(samples: &[Sample]) -> (Option<Fit>, Option<Fit>) {
    let (mut whole, mut lacking): (Option<Fit>, Option<Fit>) = (None, None);
    for (name, _) in BUILT_IN {
        let Some(Ok(profile)) = Profile::built_in(name) else { continue };
        let Some(fit) = fit(profile, samples) else { continue };
        let best = if fit.missing.is_empty() { &mut whole } else { &mut lacking };
        // Of two that know as much, the one that reads it all from fewer places.
        let better = best.as_ref().is_none_or(|best| {
            let worth = |fit: &Fit| (fit.known, usize::MAX - fit.profile.updates.len());
            worth(&fit) > worth(best)
        });
        if better {
            *best = Some(fit);
        }
    }
    let more = |lacking: &Fit| whole.as_ref().is_none_or(|whole| lacking.known > whole.known);
    let lacking = lacking.filter(more);
    (whole, lacking)
}

fn fit(profile: Profile, samples: &[Sample]) -> Option<Fit> {
    let columns = |layout: &Layout| -> BTreeSet<String> {
        layout.headers.iter().map(|name| name.to_lowercase()).collect()
    };
    // The likeliest file of a table: the one that is called so, then the one more of whose columns are known.
    let likeliest = |form: &TableForm, layout: &dyn Fn(&Sample) -> Option<Layout>, but: &BTreeSet<usize>| {
        let found = samples.iter().enumerate().filter(|(place, _)| !but.contains(place));
        let found = found.filter_map(|(place, sample)| Some((place, layout(sample)?)));
        let worth = |(place, layout): &(usize, Layout)| {
            (is_called(&form.files, &samples[*place]), columns(layout).len(), usize::MAX - place)
        };
        found.max_by_key(worth)
    };
    let tickets = likeliest(&profile.tickets, &|sample| of_tickets(&profile, sample), &BTreeSet::new())?;
    let mut used = BTreeSet::from([tickets.0]);
    let mut known = columns(&tickets.1).len();
    let customers = |sample: &Sample| {
        let layout = tolerant(&profile.customers, sample)?;
        (layout.places[0].is_some() && layout.places.iter().flatten().count() > 1).then_some(layout)
    };
    let customers = likeliest(&profile.customers, &customers, &used).map(|found| found.0);
    used.extend(customers);
    let mut updates = Vec::new();
    for (part, source) in profile.sources_in_files() {
        if let Some((file, layout)) =
            likeliest(&source.form, &|sample| of_updates(&source.form, sample), &used)
        {
            known += columns(&layout).len();
            used.insert(file);
            updates.push((part, file, layout));
        }
    }
    let (mut lookups, mut missing) = (Vec::new(), Vec::new());
    for (part, lookup) in profile.lookups.iter().enumerate() {
        let whole = |sample: &Sample| lookup.form.layout(&sample.name(), &sample.header).ok();
        // A table to look up in may be that of tickets too.
        match likeliest(&lookup.form, &whole, &BTreeSet::new()) {
            Some((file, layout)) => {
                known += columns(&layout).len();
                lookups.push((part, file));
            }
            None => missing.push(lookup.form.files.first().cloned().unwrap_or_default()),
        }
    }
    let least = if profile.name == "canonical" { LEAST_OF_CANONICAL } else { LEAST };
    (known >= least).then_some(Fit { profile, tickets, updates, lookups, customers, missing, known })
}

/// Where the fields stand in a file, whatever is missing of them.
pub(super) fn tolerant(form: &TableForm, sample: &Sample) -> Option<Layout> {
    let form = TableForm { required: Vec::new(), ..form.clone() };
    form.layout(&sample.name(), &sample.header).ok()
}

/// Where the fields of tickets stand, if the file is one of the profile's tickets.
fn of_tickets(profile: &Profile, sample: &Sample) -> Option<Layout> {
    let form = TableForm { required: Vec::new(), ..profile.tickets.clone() };
    let layout = form.layout_with(&sample.name(), &sample.header, &profile.sources_in_tickets()).ok()?;
    let id = layout.columns[layout.places[ticket::ID]?];
    let logged =
        layout.updates.iter().any(|held| held.each.is_none() && held.layout.places[update::AT].is_some());
    let submitted = layout.places[ticket::SUBMITTED].is_some() || profile.submitted_by_log();
    let sound = submitted && profile.is_log() == repeats(sample, id) && (logged || !profile.is_log());
    sound.then_some(layout)
}

/// Where the fields of updates stand, if the file is one of these updates.
fn of_updates(form: &TableForm, sample: &Sample) -> Option<Layout> {
    let layout = tolerant(form, sample)?;
    let has = |field: usize| layout.places[field].is_some() || form.fields[field].is_given();
    (has(update::TICKET) && has(update::AT) && has(update::AUTHOR)).then_some(layout)
}

/// Whether the texts of a column stand in one and a half rows each at least.
pub(super) fn repeats(sample: &Sample, column: usize) -> bool {
    let (said, different) = sample.columns[column].variety();
    different * 3 < said * 2
}

/// Whether a file has one of these names, or one that begins so.
pub(super) fn is_called(stems: &[String], sample: &Sample) -> usize {
    let name = sample.stem().to_lowercase();
    let like = |stem: &String| match behind(&name, stem) {
        Some("") => 2,
        Some(_) => 1,
        None => 0,
    };
    stems.iter().map(like).max().unwrap_or(0)
}
