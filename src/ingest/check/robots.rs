//! People who are quicker than people are.

use super::survey::{Role, Survey};
use super::suspicion::Suspicion;
use crate::calendar::{Instant, MINUTE};
use crate::records::{Name, Records};

/// How often somebody must have answered to be judged by it.
const LEAST: u64 = 20;

/// How many of 100 times they must have been quick.
const SHARE: u64 = 60;

/// How many rounds of robots that follow robots are looked for.
const ROUNDS: usize = 4;

/// Who is taken for support and mostly answers a submission, or somebody who is not, within a
/// minute. One robot may follow another: those that were found are left out, and it is looked
/// again.
pub(super) fn quick_people(records: &Records, survey: &Survey) -> Vec<Suspicion> {
    quick(survey, |ticket| records.tickets.submitted(ticket as usize))
}

fn quick(survey: &Survey, submitted: impl Fn(u32) -> Instant) -> Vec<Suspicion> {
    let mut found: Vec<(Name, u64, u64)> = Vec::new();
    for _ in 0..ROUNDS {
        let known: Vec<Name> = found.iter().map(|robot| robot.0).collect();
        let more = round(survey, &submitted, &known);
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    let suspicion = |(person, answers, quick): (Name, u64, u64)| {
        let (source, field) = survey.sources.get(&person).cloned().unwrap_or_default();
        Suspicion::Robot { source, field, person: survey.people.text(person).to_owned(), answers, quick }
    };
    found.into_iter().map(suspicion).collect()
}

/// Who is quick among those that are not known to be: how often they answered, how often quickly.
fn round(survey: &Survey, submitted: &impl Fn(u32) -> Instant, known: &[Name]) -> Vec<(Name, u64, u64)> {
    let mut counts = vec![(0_u64, 0_u64); survey.people.len()];
    for deeds in survey.deeds.chunk_by(|a, b| a.ticket == b.ticket) {
        // What there is to answer: since when, and whose row it is.
        let mut asked = Some((submitted(deeds[0].ticket), None));
        for deed in deeds.iter().filter(|deed| !known.contains(&deed.person)) {
            // The row that is the submission answers nothing.
            let is_submission = survey.is_log && asked == Some((deed.at, None));
            if deed.part == Role::Customer || is_submission {
                asked = Some((deed.at, Some(deed.person)));
            }
            if deed.part != Role::Support || is_submission {
                continue;
            }
            // Who wrote a ticket down for a customer, and goes on with it, answers nobody.
            let answers =
                |(since, by): &(Instant, Option<Name>)| *since <= deed.at && *by != Some(deed.person);
            let Some((since, _)) = asked.take().filter(answers) else { continue };
            let (answers, quick) = &mut counts[deed.person.index()];
            *answers += 1;
            *quick += u64::from(deed.at.micros() - since.micros() <= MINUTE);
        }
    }
    let people = survey.sources.keys().copied().filter(|person| !known.contains(person));
    let counted = people.map(|person| (person, counts[person.index()].0, counts[person.index()].1));
    let mut quick: Vec<_> =
        counted.filter(|(_, answers, quick)| *answers >= LEAST && quick * 100 >= answers * SHARE).collect();
    quick.sort_by_key(|(person, answers, _)| (std::cmp::Reverse(*answers), *person));
    quick
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_within_seconds_is_suspected_and_who_takes_minutes_is_not() {
        let mut deeds = Vec::new();
        for ticket in 0..20 {
            // The second robot follows the first, Ann follows them, and nobody asked again.
            deeds.extend([
                (ticket, 11, "BOT"),
                (ticket, 13, "BOT 2"),
                (ticket, 900, "ANN"),
                (ticket, 960, "eve"),
            ]);
            deeds.extend([(ticket, 990, "ANN"), (ticket, 9_000, "eve"), (ticket, 9_900, "ANN")]);
        }
        let suspected = quick(&Survey::of(&deeds), |_| Instant::from_micros(0).unwrap());
        let robot = |person: &str| Suspicion::Robot {
            source: "updates".to_owned(),
            field: "author".to_owned(),
            person: person.to_owned(),
            answers: 20,
            quick: 20,
        };
        assert_eq!(suspected, [robot("BOT"), robot("BOT 2")]);
        assert_eq!(quick(&Survey::of(&deeds[..7 * 19]), |_| Instant::from_micros(0).unwrap()), []);
    }
}
