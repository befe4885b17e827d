//! The report page in a real browser: what one sees of it, with a mouse, a keyboard, without scripts and on paper.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::browser::{Browser, Colours, DESKTOP, Element, PHONE, Paper, key};
use crate::desk::{Desk, project};

/// The checked-in report of the sample data.
fn sample() -> PathBuf {
    project().join("reports/sample/report.html")
}

/// A browser with a page open; none where there is no browser.
fn reading(page: PathBuf, scripts: bool) -> Option<Browser> {
    let browser = Browser::start(scripts);
    match &browser {
        Some(browser) => browser.open(&page),
        None => println!("skipped: no chromedriver on this machine"),
    }
    browser
}

/// What a script says of all elements that a selector finds: `of` is an expression about `element`.
fn each(browser: &Browser, css: &str, of: &str) -> Vec<Value> {
    let script = format!("return [...document.querySelectorAll(arguments[0])].map(element => {of})");
    browser.run(&script, &[json!(css)]).as_array().unwrap().clone()
}

fn texts(browser: &Browser, css: &str) -> Vec<String> {
    let texts = each(browser, css, "element.textContent.trim()");
    texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// How many of the elements are seen: shown, and with a size.
fn seen(browser: &Browser, css: &str) -> usize {
    let seen = each(browser, css, "element.checkVisibility() && element.getClientRects().length > 0");
    seen.iter().filter(|seen| **seen == true).count()
}

#[test]
fn the_page_is_in_its_language_without_an_error_or_a_request() {
    let desk = Desk::empty();
    let data = project().join("sample-data");
    desk.run(&format!("report {} --out report --lang fr", data.display())).succeeds();
    for (language, page) in [("en", sample()), ("fr", desk.path("report/report.html"))] {
        let Some(browser) = reading(page, true) else { return };
        assert_eq!(browser.run("return document.documentElement.lang", &[]), language);
        assert!(seen(&browser, "section[id] table.data") > 0);
        assert_eq!(browser.console_errors(), [""; 0], "{language}");
        assert_eq!(browser.requests(), [""; 0], "{language}");
    }
}

/// The table with the first column of numbers that it can be sorted by, the longest such table, marked for the
/// selectors below. Gives the number of the column.
fn mark_sortable(browser: &Browser) {
    let script = "
        const columns = [...document.querySelectorAll('table.data')].flatMap(table =>
            [...table.querySelectorAll('thead th')]
                .filter(header => header.querySelector('button.sort'))
                .filter(header => table.tBodies[0].rows[0]?.cells[header.cellIndex]?.dataset.value !== undefined)
                .map(header => ({ table, header, rows: table.tBodies[0].rows.length })));
        columns.sort((one, other) => other.rows - one.rows);
        columns[0].table.dataset.tested = '';
        columns[0].header.dataset.tested = '';
        return columns[0].rows";
    let rows = browser.run(script, &[]);
    assert!(rows.as_u64().unwrap() > 2, "{rows} rows have no order to speak of");
}

/// The marked column from top to bottom, and what the table says of its order.
fn column(browser: &Browser) -> (Vec<f64>, Value) {
    let script = "
        const header = document.querySelector('th[data-tested]');
        const rows = [...header.closest('table').tBodies[0].rows];
        return [rows.map(row => row.cells[header.cellIndex].dataset.value), header.getAttribute('aria-sort')]";
    let [values, order] =
        <[Value; 2]>::try_from(browser.run(script, &[]).as_array().unwrap().clone()).unwrap();
    // A cell without a figure has no place in the order of numbers.
    let numbers = values.as_array().unwrap().iter().filter_map(|value| value.as_str()?.parse().ok());
    (numbers.collect(), order)
}

/// Sorts twice and asserts that the numbers stand first in one order, then in the other.
fn assert_sorts_both_ways(browser: &Browser, sort: impl Fn(&str)) {
    let (before, order) = column(browser);
    assert!(["ascending", "descending"].iter().all(|way| order != *way), "{order}");
    let mut rising = before;
    rising.sort_by(f64::total_cmp);
    let falling: Vec<f64> = rising.iter().rev().copied().collect();
    assert_ne!(rising, falling, "all are the same");
    let mut orders = Vec::new();
    for press in [key::ENTER, key::SPACE] {
        sort(press);
        let (sorted, order) = column(browser);
        let order = order.as_str().expect("an aria-sort").to_owned();
        let expected = if order == "ascending" { &rising } else { &falling };
        assert_eq!(&sorted, expected, "{order}");
        orders.push(order);
        // The page says of one column alone that it gives the order.
        let marked = "table[data-tested] :is(th[aria-sort=ascending], th[aria-sort=descending])";
        assert_eq!(each(browser, marked, "'tested' in element.dataset"), [json!(true)]);
    }
    orders.sort();
    assert_eq!(orders, ["ascending", "descending"]);
}

#[test]
fn a_click_on_a_header_sorts_by_its_numbers_and_another_turns_the_order() {
    let Some(browser) = reading(sample(), true) else { return };
    mark_sortable(&browser);
    assert_sorts_both_ways(&browser, |_| browser.click(&browser.find("th[data-tested] button.sort")));
}

#[test]
fn enter_and_space_on_a_header_sort_by_it_and_leave_the_focus_there() {
    let Some(browser) = reading(sample(), true) else { return };
    mark_sortable(&browser);
    let section = "return document.querySelector('th[data-tested]').closest('section').id";
    let section = browser.run(section, &[]);
    let header = go_to(&browser, section.as_str().unwrap(), "th[data-tested] button.sort");
    assert_sorts_both_ways(&browser, |press| {
        browser.keys(press);
        assert_eq!(browser.active(), header);
    });
}

#[test]
fn a_filter_hides_the_rows_without_its_text_and_says_how_many_are_left() {
    let Some(browser) = reading(sample(), true) else { return };
    // The longest of the tables with a filter, and the text of a cell in its last row.
    let script = "
        const sections = [...document.querySelectorAll('section[id]')]
            .filter(section => section.querySelector('input.filter') && section.querySelector('table.data'))
            .map(section => ({ section, rows: section.querySelector('table.data').tBodies[0].rows }));
        sections.sort((one, other) => other.rows.length - one.rows.length);
        const { section, rows } = sections[0];
        section.dataset.tested = '';
        return [rows.length, rows[rows.length - 1].cells[0].textContent.trim()]";
    let found = browser.run(script, &[]);
    let (all, text) = (found[0].as_u64().unwrap() as usize, found[1].as_str().unwrap());
    let rows = "section[data-tested] table.data tbody tr";
    let with_text = texts(&browser, rows).iter().filter(|row| row.contains(text)).count();
    assert!(0 < with_text && with_text < all, "\"{text}\" is in {with_text} of {all} rows");

    browser.click(&browser.find("section[data-tested] input.filter"));
    browser.keys(text);
    let shown = each(&browser, rows, "element.checkVisibility() ? element.textContent : null");
    let shown: Vec<_> = shown.iter().filter_map(Value::as_str).collect();
    assert_eq!(shown.len(), with_text, "{shown:#?}");
    assert!(shown.iter().all(|row| row.contains(text)), "{shown:#?}");
    let status = texts(&browser, "section[data-tested] [role=status]").concat();
    let mut numbers = status.split(|letter: char| !letter.is_ascii_digit());
    assert!(numbers.any(|number| number == with_text.to_string()), "{with_text} rows: {status}");

    browser.keys(&key::BACKSPACE.repeat(text.chars().count()));
    assert_eq!(seen(&browser, rows), all);
}

#[test]
fn a_figure_leads_to_the_rows_that_are_counted_in_it() {
    let Some(browser) = reading(sample(), true) else { return };
    let link = browser.find("a.rows[data-list=pending-table]");
    let counted = browser.run("return arguments[0].textContent", &[link.value()]);
    browser.click(&link);
    let shown = seen(&browser, "#pending-table tbody tr");
    assert_eq!(shown.to_string(), counted.as_str().unwrap());
    let sql = texts(&browser, "#rows-sql").concat();
    assert!(sql.contains("WHERE in_period AND metric = ") && sql.contains("outcome = 'pending'"), "{sql}");
}

/// Comes to an element of a section by the keyboard alone: through the list of contents.
fn go_to(browser: &Browser, section: &str, css: &str) -> Element {
    browser.tab_to(&format!("nav.contents a[href='#{section}']"));
    browser.keys(key::ENTER);
    browser.tab_to(css)
}

/// Whether the first breach is open, and its timeline with it; the others are closed.
fn first_is_open(browser: &Browser) -> bool {
    let open = each(browser, "#breaches details.breach", "element.open");
    assert!(open[1..].iter().all(|open| *open == false), "others are open");
    // What it holds besides its summary is the timeline.
    let script = "const first = document.querySelector('#breaches details.breach');
        return [...first.children].some(inside => inside.localName !== 'summary' && inside.checkVisibility())";
    assert_eq!(browser.run(script, &[]), open[0]);
    open[0] == true
}

#[test]
fn a_breach_opens_and_closes_by_a_click_and_by_the_keyboard_with_scripts_or_without() {
    for scripts in [true, false] {
        let Some(browser) = reading(sample(), scripts) else { return };
        let summary = "#breaches details.breach > summary";
        let first = browser.find(summary);
        assert!(!first_is_open(&browser));
        browser.click(&first);
        assert!(first_is_open(&browser));
        browser.click(&first);
        assert!(!first_is_open(&browser));
        // From the top again, as one comes to it without a mouse.
        browser.open(&sample());
        assert_eq!(go_to(&browser, "breaches", summary), browser.find(summary));
        for press in [key::ENTER, key::SPACE] {
            browser.keys(press);
            assert!(first_is_open(&browser));
            browser.keys(press);
            assert!(!first_is_open(&browser));
        }
    }
}

#[test]
fn without_scripts_every_section_is_read_and_nothing_is_offered_that_needs_one() {
    let Some(browser) = reading(sample(), false) else { return };
    // The fourth rank stands in what is folded away until it is asked for.
    let heading = ":is(h1, h2, h3)";
    let has_one = format!("element.querySelector('{heading}') !== null");
    let sections = each(&browser, "section[id]", &has_one);
    assert!(!sections.is_empty() && sections.iter().all(|has| *has == true), "a section has no heading");
    let headings = format!("section[id] {heading}");
    assert_eq!(seen(&browser, &headings), texts(&browser, &headings).len());
    assert!(seen(&browser, "table.data tbody tr") > 0);
    assert_eq!(seen(&browser, "button.sort, input.filter"), 0);
    assert_eq!(browser.console_errors(), [""; 0]);
}

/// Opens everything that can be opened.
fn open_all(browser: &Browser) {
    browser.run("for (const details of document.querySelectorAll('details')) details.open = true", &[]);
}

#[test]
fn nothing_sticks_out_of_a_printed_page() {
    let Some(browser) = reading(sample(), true) else { return };
    for (paper, points) in [(Paper::A4, (595.3, 841.9)), (Paper::Letter, (612.0, 792.0))] {
        browser.lay_out_on(paper);
        assert_eq!(browser.too_wide(), [""; 0], "{paper:?}");
        let pdf = browser.pdf(paper);
        assert!(pdf.starts_with(b"%PDF-"), "{paper:?}");
        // The first page's size in points, 72 to the inch; the browser rounds it up to its own pixels.
        let text = String::from_utf8_lossy(&pdf);
        let size = text.split("/MediaBox [").nth(1).unwrap().split(']').next().unwrap();
        let size: Vec<f64> = size.split(' ').map(|side| side.parse().unwrap()).collect();
        let expected = [0.0, 0.0, points.0, points.1];
        let near = size.iter().zip(expected).all(|(side, expected)| (side - expected).abs() < 1.5);
        assert!(near && size.len() == 4, "{paper:?}: {size:?}");
    }
    open_all(&browser);
    for paper in [Paper::A4, Paper::Letter] {
        browser.lay_out_on(paper);
        assert_eq!(browser.too_wide(), [""; 0], "{paper:?} with everything opened");
    }
}

#[test]
fn the_page_is_no_wider_than_the_screen_it_is_on() {
    let Some(browser) = reading(sample(), true) else { return };
    open_all(&browser);
    for screen in [DESKTOP, PHONE] {
        browser.screen(screen);
        let width = browser.run("return document.documentElement.scrollWidth", &[]);
        assert!(width.as_u64().unwrap() <= u64::from(screen.0), "{width} in {screen:?}");
    }
}

#[test]
fn axe_finds_nothing_serious_in_light_or_dark_colours() {
    let library = project().join("target/axe/node_modules/axe-core/axe.min.js");
    if !library.is_file() {
        println!("skipped: axe-core is not installed; .ci/run does that");
        return;
    }
    let Some(browser) = reading(sample(), true) else { return };
    // What is closed is not looked at. A few breaches are alike all others, and sooner read.
    let open =
        "[...document.querySelectorAll('details')].slice(0, 20).forEach(details => details.open = true)";
    browser.run(open, &[]);
    for colours in [Colours::Light, Colours::Dark] {
        browser.prefer(colours);
        assert_eq!(browser.axe(&library), [""; 0], "{colours:?}");
    }
}
