//! Places in the XML that `rust_xlsxwriter` wrote.
//!
//! It is no reader of XML: it knows that values of attributes are quoted and hold no `>`, as it is
//! with everything that is looked for.

use std::ops::Range;

use super::Error;

/// Where the first tag of a name stands.
pub(super) fn tag(xml: &str, name: &'static str) -> Result<Range<usize>, Error> {
    tags(xml, name).next().ok_or(Error::Lacks(name))
}

/// Where the tags of a name stand.
pub(super) fn tags<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let open = format!("<{name}");
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + xml[from..].find(&open)?;
            from = start + open.len();
            if xml[from..].starts_with([' ', '/', '>']) {
                let end = from + xml[from..].find('>')? + 1;
                return Some(start..end);
            }
        }
    })
}

/// Where the value of a tag's attribute stands.
pub(super) fn attribute(xml: &str, tag: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let open = format!(" {name}=\"");
    let start = tag.start + xml[tag.clone()].find(&open)? + open.len();
    let end = start + xml[start..tag.end].find('"')?;
    Some(start..end)
}

/// An attribute that is a number: where it stands, and it.
pub(super) fn number(
    xml: &str,
    tag: &Range<usize>,
    name: &'static str,
) -> Result<(Range<usize>, usize), Error> {
    let place = attribute(xml, tag, name).ok_or(Error::Lacks(name))?;
    let number = xml[place.clone()].parse().map_err(|_| Error::Lacks(name))?;
    Ok((place, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_attributes_are_told_from_those_that_begin_alike() {
        let xml = "<cols><col min=\"1\" max=\"12\" minx=\"7\"/><col/><color max=\"3\"/></cols>";
        let tags: Vec<_> = tags(xml, "col").collect();
        assert_eq!(tags.iter().map(|tag| tag.len()).collect::<Vec<_>>(), [32, 6]);
        assert_eq!(number(xml, &tags[0], "max").unwrap(), (24..26, 12));
        assert_eq!(attribute(xml, &tags[0], "x"), None);
        assert_eq!(attribute(xml, &tags[1], "max"), None);
        assert!(tag(xml, "row").is_err());
    }
}
