use super::*;
use crate::policy::northern;

fn told(differences: &[Difference]) -> Vec<String> {
    let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
    let line =
        |of: &Difference| format!("{} {}: {} -> {}", of.what, of.name, cell(&of.before), cell(&of.after));
    differences.iter().map(line).collect()
}

fn policy(text: &str) -> Policy {
    Policy::parse("p.toml", text, None).unwrap()
}

#[test]
fn policies_differ_in_what_they_say_key_by_key() {
    let text = crate::policy::NORTHERN.replace("1 = 8", "1 = 4").replace("\"northern\"", "\"fast\"");
    let other = policy(&text);
    assert_eq!(
        told(&between_policies(&[northern()], &[other])),
        [
            "policy northern@2000-01-01: northern@2000-01-01 -> fast@2000-01-01",
            "policy name: northern -> fast",
            "policy targets.response.1: 8 -> 4",
        ]
    );
    let comment = policy(&crate::policy::NORTHERN.replace("# Both tiers", "# All tiers"));
    assert_eq!(between_policies(&[northern()], &[comment]), []);
}

#[test]
fn of_several_policies_those_of_one_date_are_compared() {
    let from = |date: &str| policy(&crate::policy::NORTHERN.replace("2000-01-01", date));
    let differences = between_policies(
        &[from("2000-01-01"), from("2024-01-01")],
        &[from("2000-01-01"), from("2024-07-01")],
    );
    assert_eq!(
        told(&differences),
        [
            "policy northern@2024-01-01: northern@2024-01-01 -> -",
            "policy northern@2024-07-01: - -> northern@2024-07-01"
        ]
    );
    assert_eq!((differences[0].kind(), differences[1].kind()), ("removed", "added"));
}

#[test]
fn of_withheld_policies_nobody_can_tell() {
    let hidden = |id: &str| HeldPolicy { id: id.to_owned(), text: Held::Nothing, holidays: Vec::new() };
    let mut differences = Differences::default();
    differences.policies(&[hidden("a@2000-01-01")], &[hidden("a@2000-01-01")]);
    // Said as it is, rather than that nothing differs.
    assert_eq!(told(&differences.0), ["policy text: withheld -> withheld"]);
    assert_eq!(differences.0[0].kind(), "unknown");
    assert_eq!(Held::Nothing.says_the_same(&Held::Hash("1".to_owned())), None);
}

#[test]
fn texts_that_are_no_toml_are_told_by_their_hashes() {
    let mut differences = Differences::default();
    let file = |text: &str| vec![("fr.csv".to_owned(), Held::Text(text.to_owned()))];
    differences.named("holidays", &file("2024-05-01\n"), &file("2024-05-02\n"));
    let [difference] = differences.0.as_slice() else { panic!("one difference") };
    // printf '2024-05-01\n' | sha256sum
    let hash = "sha256:bf463f64d27e7652f04f6c289e0d423d720a3501d5a2d041f1d1defc2e65cb56";
    assert_eq!((difference.kind(), difference.before.as_deref()), ("changed", Some(hash)));
}

#[test]
fn files_of_the_same_bytes_are_the_same_whatever_they_are_called() {
    let input = |file: &str, hash: &str| HeldInput {
        table: "tickets".to_owned(),
        file: file.to_owned(),
        sha256: hash.to_owned(),
    };
    let mut differences = Differences::default();
    let before = [input("a.csv", "1"), input("b.csv", "2"), input("c.csv", "3")];
    let after = [input("z.csv", "1"), input("b.csv", "5"), input("d.csv", "6")];
    inputs(&mut differences, &before, &after);
    assert_eq!(
        told(&differences.0),
        [
            "input tickets: b.csv: sha256:2 -> sha256:5",
            "input tickets: c.csv: sha256:3 -> -",
            "input tickets: d.csv: - -> sha256:6",
        ]
    );
}
