//! The names of months in the languages that help desks speak.

/// The names in English, as a pattern reads them.
const ENGLISH: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What else they are called, long and short, in lower case: French, German, Spanish, Italian,
/// Portuguese, Dutch. No name stands for two months.
const OTHERS: [&[&str]; 12] = [
    &["janvier", "janv", "januar", "jän", "jänner", "enero", "ene", "gennaio", "gen", "janeiro", "januari"],
    &[
        "février",
        "févr",
        "fév",
        "fevrier",
        "fevr",
        "februar",
        "febrero",
        "febbraio",
        "fevereiro",
        "fev",
        "februari",
    ],
    &["mars", "märz", "mär", "mrz", "marzo", "março", "marco", "maart", "mrt"],
    &["avril", "avr", "abril", "abr", "aprile"],
    &["mai", "mayo", "maggio", "mag", "maio", "mei"],
    &["juin", "juni", "junio", "giugno", "giu", "junho"],
    &["juillet", "juil", "juli", "julio", "luglio", "lug", "julho"],
    &["août", "aout", "agosto", "ago", "augustus"],
    &["septembre", "sept", "septiembre", "settembre", "set", "setembro"],
    &["octobre", "oktober", "okt", "octubre", "ottobre", "ott", "outubro", "out"],
    &["novembre", "noviembre", "novembro"],
    &["décembre", "déc", "decembre", "dezember", "dez", "diciembre", "dic", "dicembre", "dezembro"],
];

/// The text with its month named in English; `None` where it names none of another language.
pub(super) fn in_english(text: &str) -> Option<String> {
    let is_letter = |char: char| char.is_alphabetic();
    let mut rest = text;
    while let Some(found) = rest.find(is_letter) {
        let word = &rest[found..];
        let word = &word[..word.find(|char| !is_letter(char)).unwrap_or(word.len())];
        let lower = word.to_lowercase();
        let of = |month: usize| {
            let english = ENGLISH[month].to_lowercase();
            // An abbreviation may end in a stop that the pattern does not have.
            lower == english || OTHERS[month].contains(&lower.as_str())
        };
        let after = &rest[found + word.len()..];
        if let Some(month) = (0..12).find(|month| of(*month)) {
            let before = &text[..text.len() - rest.len() + found];
            return Some(format!("{before}{}{}", ENGLISH[month], after.strip_prefix('.').unwrap_or(after)));
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_months() {
        let names =
            OTHERS.iter().enumerate().flat_map(|(month, names)| names.iter().map(move |name| (*name, month)));
        let all: Vec<(&str, usize)> = names.collect();
        for (name, month) in &all {
            assert!(all.iter().all(|(other, of)| other != name || of == month), "{name}");
            assert_eq!(in_english(&format!("1 {name} 2024")).unwrap(), format!("1 {} 2024", ENGLISH[*month]));
        }
    }
}
