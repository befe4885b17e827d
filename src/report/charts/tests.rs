//! What is true of every chart.

use super::sheet::{Align, Area, Line, Shape, Sheet};
use super::*;
use crate::table;

/// Every sample, by name.
fn samples() -> Vec<(&'static str, samples::Size)> {
    vec![
        ("typical", samples::typical()),
        ("extreme", samples::extreme()),
        ("single", samples::single()),
        ("nothing", samples::nothing()),
    ]
}

/// The context of the samples, in English.
fn context() -> Context {
    samples::context(Language::english())
}

/// Every chart of every sample in every language, as a sheet.
fn sheets() -> Vec<(String, &'static Language, Sheet)> {
    lettering::load_font().unwrap();
    let mut sheets = Vec::new();
    for (sample, size) in samples() {
        let tables = samples::tables(&size);
        for (language, recipe) in Language::all().iter().flat_map(|l| RECIPES.iter().map(move |r| (l, r))) {
            let table = tables.iter().find(|table| table.name == recipe.table).unwrap();
            let sheet = (recipe.draw)(table, &samples::context(language));
            sheets.push((format!("{} {sample} {}", recipe.name, language.code()), language, sheet));
        }
    }
    sheets
}

/// The ink of a text, from the top of its capitals to its base line.
fn extent(shape: &Shape) -> Option<(Area, &str)> {
    let Shape::Text(Line { at, align, lettering, text }) = shape else {
        return None;
    };
    let ((x, y), width, height) = (*at, lettering.width(text), lettering.capital());
    let center = match align {
        Align::Left => (x + width / 2.0, y),
        Align::Right => (x - width / 2.0, y),
        Align::Center => (x, y),
        Align::Upward => return Some((Area::around((x, y), height, width), text)),
    };
    Some((Area::around(center, width, height), text))
}

/// A chart without its PNG: most of the time of drawing goes into that.
struct Drawn {
    name: &'static str,
    title: String,
    svg: String,
}

/// Every chart of these tables.
fn draw_tables(tables: &[Table], context: &Context) -> Vec<Drawn> {
    lettering::load_font().unwrap();
    let drawn = |recipe: &Recipe| {
        let table = tables.iter().find(|table| table.name == recipe.table)?;
        let sheet = (recipe.draw)(table, context);
        let svg = paint::svg(&sheet).unwrap();
        Some(Drawn { name: recipe.name, title: sheet.title, svg })
    };
    RECIPES.iter().filter_map(drawn).collect()
}

fn draw(size: &samples::Size) -> Vec<Drawn> {
    draw_tables(&samples::tables(size), &context())
}

#[test]
fn every_chart_is_drawn_in_a_fixed_order() {
    let charts = draw_all(&samples::tables(&samples::nothing()), &context()).unwrap();
    let names: Vec<&str> = charts.iter().map(|chart| chart.name).collect();
    assert_eq!(
        names,
        [
            "compliance_by_severity",
            "monthly_trend",
            "region_by_severity",
            "elapsed_hours",
            "customers_with_most_breaches",
            "breach_starts",
            "tier_advantage",
        ]
    );
}

#[test]
fn a_chart_without_its_table_is_left_out() {
    let tables: Vec<Table> =
        samples::tables(&samples::single()).into_iter().filter(|table| table.name == "by_month").collect();
    let charts = draw_all(&tables, &context()).unwrap();
    assert_eq!(charts.iter().map(|chart| chart.name).collect::<Vec<_>>(), ["monthly_trend"]);
    assert!(draw_all(&[], &context()).unwrap().is_empty());
}

#[test]
fn chosen_charts_are_drawn_in_the_order_of_all() {
    let tables = samples::tables(&samples::nothing());
    let drawn = |wanted: &[&str]| {
        let charts = super::draw(wanted, &tables, &context()).unwrap();
        charts.iter().map(|chart| chart.name).collect::<Vec<_>>()
    };
    assert_eq!(drawn(&["breach_starts", "monthly_trend"]), ["monthly_trend", "breach_starts"]);
    assert!(drawn(&[]).is_empty());
}

#[test]
fn a_name_that_no_chart_has_is_an_error() {
    let error = super::draw(&["monthly_trends"], &[], &context()).unwrap_err().to_string();
    assert!(error.starts_with("no chart is called \"monthly_trends\"; there are compliance_by_severity, "));
}

#[test]
fn every_colour_has_one_for_dark_paper() {
    let css = dark_css();
    for (size, language) in
        samples().iter().flat_map(|(_, size)| Language::all().iter().map(move |l| (size, l)))
    {
        for chart in draw_tables(&samples::tables(size), &samples::context(language)) {
            for property in ["fill", "stroke"] {
                let attribute = format!("{property}=\"");
                for color in chart.svg.split(&attribute).skip(1).filter_map(|rest| rest.split_once('"')) {
                    let rule = format!(".chart [{property}=\"{}\"] {{ {property}: #", color.0);
                    assert!(color.0 == "none" || css.contains(&rule), "{}: {rule}", chart.name);
                }
            }
        }
    }
}

#[test]
fn french_charts_speak_no_english() {
    let language = Language::named("fr").unwrap();
    let english = [
        "severity",
        "response",
        "update",
        " in time",
        "measured",
        "target",
        "breach",
        "median",
        "hours",
        "policy",
        " of ",
        " the ",
        "number",
        "period",
        "monday",
        "percentile",
        " % ",
        "clock",
        "later",
        "sooner",
    ];
    for (sample, size) in samples() {
        // The names of the extreme sample hold all sorts of things.
        if sample == "extreme" {
            continue;
        }
        for chart in draw_tables(&samples::tables(&size), &samples::context(language)) {
            let text = chart.svg.split('>').skip(1).filter_map(|rest| rest.split_once('<'));
            for (text, _) in text {
                let text = text.to_lowercase();
                for word in english {
                    assert!(!text.contains(word), "{} {sample}: {text}", chart.name);
                }
            }
        }
    }
}

#[test]
fn no_text_lies_on_another_text() {
    for (name, _, sheet) in sheets() {
        let texts: Vec<_> = sheet.shapes.iter().filter_map(extent).collect();
        for (index, (one, text)) in texts.iter().enumerate() {
            for (other, other_text) in &texts[..index] {
                let apart = one.left >= other.right
                    || other.left >= one.right
                    || one.top >= other.bottom
                    || other.top >= one.bottom;
                assert!(apart, "{name}: {text:?} lies on {other_text:?}");
            }
        }
    }
}

#[test]
fn nothing_reaches_over_the_edge() {
    for (name, _, sheet) in sheets() {
        let inside = |area: Area| {
            area.left >= 0.0 && area.top >= 0.0 && area.right <= sheet.width && area.bottom <= sheet.height
        };
        for shape in &sheet.shapes {
            let area = match shape {
                Shape::Rect { area, .. } => *area,
                Shape::Line { from, to, .. } => {
                    Area::new(from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1))
                }
                Shape::Disc { center, radius, .. } => Area::around(*center, 2.0 * radius, 2.0 * radius),
                Shape::Text(_) => extent(shape).map(|(area, _)| area).unwrap(),
            };
            assert!(inside(area), "{name}: {shape:?}");
        }
    }
}

#[test]
fn names_are_shortened_and_figures_are_not() {
    for (name, language, sheet) in sheets() {
        let named = name.starts_with("customers") || name.starts_with("region");
        let (behind, percent) =
            (language.behind(1).replace('1', ""), language.percent(1.0).replace("100", ""));
        let figure = |text: &str| text.starts_with(&behind) || text.contains(&percent) || !named;
        for (_, text) in sheet.shapes.iter().filter_map(extent).filter(|(_, text)| figure(text)) {
            assert!(!text.contains('…'), "{name}: {text}");
        }
    }
}

#[test]
fn no_data_draws_a_frame_and_says_so() {
    for chart in draw(&samples::nothing()) {
        assert!(chart.svg.contains("Nothing was measured in this period."), "{}", chart.name);
        assert!(
            chart.svg.contains("May 2024") && chart.svg.contains("northern@2000-01-01"),
            "{}",
            chart.name
        );
        assert!(!chart.svg.contains(" %"), "{} shows a rate from nothing", chart.name);
    }
}

#[test]
fn rows_in_which_nothing_was_measured_have_no_rate() {
    let column = |name: &str, values| table::Column { name: name.to_owned(), meaning: String::new(), values };
    let table = Table {
        name: "by_severity".to_owned(),
        title: String::new(),
        grain: String::new(),
        columns: vec![
            column("severity", table::Values::Int(vec![Some(1)])),
            column("metric", table::Values::Text([Some("response")].into_iter().collect())),
            column("measured", table::Values::Int(vec![Some(0)])),
            column("compliance", table::Values::Float(vec![Some(1.0)])),
        ],
    };
    let charts = draw_tables(&[table], &context());
    assert!(charts[0].svg.contains("Nothing was measured in this period."));
}

#[test]
fn every_chart_says_as_of_when_by_which_policy_and_whose_hours() {
    for chart in draw(&samples::typical()) {
        let text = chart.svg.replace("&apos;", "'");
        for part in
            ["2024-05-31 23:59 UTC", "northern@2000-01-01", "on each customer's own clock", "May 2024"]
        {
            assert!(text.contains(part), "{} does not say {part}", chart.name);
        }
    }
}

#[test]
fn hostile_customer_name_is_escaped_in_svg() {
    let mut size = samples::typical();
    size.customers = vec!["<script>alert(1)</script>".to_owned(), "A & B \"C\" 'D'\u{0}\u{1b}".to_owned()];
    size.regions = size.customers.clone();
    for chart in draw(&size) {
        assert!(!chart.svg.contains("<script"), "{}", chart.name);
        assert!(!chart.svg.contains(|letter: char| letter.is_control() && letter != '\n'), "{}", chart.name);
    }
    let charts = draw(&size);
    let customers = charts.iter().find(|chart| chart.name == "customers_with_most_breaches").unwrap();
    assert!(customers.svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(customers.svg.contains("A &amp; B &quot;C&quot; &apos;D&apos;"));
}

#[test]
fn a_hostile_context_is_escaped_and_kept_within_the_frame() {
    let hostile = "</desc><script>alert(1)</script> & ".repeat(30);
    let context = Context {
        language: Language::english(),
        period: hostile.clone(),
        as_of: hostile.clone(),
        policy: hostile.clone(),
        zone_rule: hostile,
    };
    for chart in draw_tables(&samples::tables(&samples::nothing()), &context) {
        assert!(!chart.svg.contains("<script"), "{}", chart.name);
        assert_eq!(chart.svg.matches("</desc>").count(), 1, "{}", chart.name);
    }
}

#[test]
fn the_same_tables_give_the_same_bytes() {
    let draw = || draw_all(&samples::tables(&samples::single()), &context()).unwrap();
    let threads: Vec<_> = (0..2).map(|_| std::thread::spawn(draw)).collect();
    let charts: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(charts[0] == charts[1]);
}

#[test]
fn an_svg_speaks_to_screen_readers_and_asks_for_fonts_with_fallbacks() {
    for chart in draw(&samples::typical()) {
        assert!(chart.svg.starts_with("<svg ") && chart.svg.trim_end().ends_with("</svg>"), "{}", chart.name);
        assert!(chart.svg.contains("role=\"img\""), "{}", chart.name);
        assert!(
            chart.svg.contains(&format!("<title>{}</title>\n<desc>May 2024. ", chart.title)),
            "{}",
            chart.name
        );
        assert!(chart.svg.contains("font-family=\"Noto Sans, Segoe UI, Helvetica, Arial, sans-serif\""));
        assert!(!chart.svg.contains("font-family=\"Noto Sans\""), "{}", chart.name);
    }
}

#[test]
fn a_png_is_twice_as_dense_as_its_svg() {
    for chart in draw_all(&samples::tables(&samples::nothing()), &context()).unwrap() {
        let decoder = png::Decoder::new(std::io::Cursor::new(chart.png().unwrap()));
        let reader = decoder.read_info().unwrap();
        let size = format!("width=\"{}\" height=\"{}\"", reader.info().width / 2, reader.info().height / 2);
        assert!(chart.svg.contains(&size), "{}", chart.name);
    }
}

#[test]
fn columns_that_are_missing_or_of_another_type_are_no_reason_to_panic() {
    for table in samples::tables(&samples::typical()) {
        for left_out in 0..table.columns.len() {
            let mut without = table.clone();
            without.columns.remove(left_out);
            draw_tables(&[without], &context());
            let mut other = table.clone();
            let rows = other.rows();
            other.columns[left_out].values = table::Values::Bool(vec![None; rows]);
            draw_tables(&[other], &context());
        }
    }
}

#[test]
fn absurd_figures_are_no_reason_to_panic() {
    let keys = ["severity", "hour", "started_weekday", "started_hour"];
    for (count, real) in
        [(i64::MAX, f64::INFINITY), (i64::MIN, f64::NEG_INFINITY), (i64::MAX, 1e300), (0, 0.0)]
    {
        let mut tables = samples::tables(&samples::typical());
        for column in tables.iter_mut().flat_map(|table| &mut table.columns) {
            match &mut column.values {
                table::Values::Int(cells) if !keys.contains(&column.name.as_str()) => cells.fill(Some(count)),
                table::Values::Float(cells) => cells.fill(Some(real)),
                _ => {}
            }
        }
        assert_eq!(draw_tables(&tables, &context()).len(), 8);
    }
}

/// The sheet of a sample's chart.
fn sheet_of(name: &str, size: &samples::Size) -> Sheet {
    lettering::load_font().unwrap();
    let recipe = RECIPES.iter().find(|recipe| recipe.name == name).unwrap();
    let table = samples::tables(size).into_iter().find(|table| table.name == recipe.table).unwrap();
    (recipe.draw)(&table, &context())
}

/// How many texts on the sheet satisfy the condition.
fn texts(sheet: &Sheet, condition: impl Fn(&str) -> bool) -> usize {
    sheet.shapes.iter().filter_map(extent).filter(|(_, text)| condition(text)).count()
}

#[test]
fn a_month_without_measurements_is_a_gap_in_the_line() {
    let sheet = sheet_of("monthly_trend", &samples::typical());
    let solid = |shape: &&Shape| matches!(shape, Shape::Line { color, .. } if *color == theme::FIRST_LINE);
    // The key's line, and of the twelve lines between thirteen months the ten that lack neither end.
    assert_eq!(sheet.shapes.iter().filter(solid).count(), 1 + 10);
}

#[test]
fn the_trend_ends_thirteen_months_back() {
    let sheet = sheet_of("monthly_trend", &samples::extreme());
    assert_eq!(texts(&sheet, |text| text == "May"), 2);
    assert_eq!(texts(&sheet, |text| text == "Apr"), 1);
    assert!(!sheet.description.contains("Apr 2023"));
}

#[test]
fn at_most_fifteen_customers_and_forty_regions_are_shown() {
    let customers = sheet_of("customers_with_most_breaches", &samples::extreme());
    assert_eq!(texts(&customers, |text| text.ends_with(" measured")), 15);
    let regions = sheet_of("region_by_severity", &samples::extreme());
    assert_eq!(texts(&regions, |text| text.starts_with("n = ")), 40 * 7);
    assert_eq!(texts(&regions, |text| text.contains("the 40 of 45 regions")), 1);
}

#[test]
fn without_a_breach_the_charts_of_breaches_say_so() {
    let mut tables = samples::tables(&samples::typical());
    for column in tables.iter_mut().flat_map(|table| &mut table.columns) {
        if let ("breached", table::Values::Int(cells)) = (column.name.as_str(), &mut column.values) {
            cells.fill(Some(0));
        }
    }
    let charts = draw_tables(&tables, &context());
    for (name, sentence) in [
        ("customers_with_most_breaches", "No customer was answered too late in this period."),
        ("breach_starts", "Nothing was breached in this period."),
    ] {
        assert!(charts.iter().any(|chart| chart.name == name && chart.svg.contains(sentence)), "{name}");
    }
}

#[test]
fn every_target_of_a_panel_is_named() {
    let sheet = sheet_of("elapsed_hours", &samples::extreme());
    assert_eq!(texts(&sheet, |text| text == "targets 2 h, 4 h, 8 h"), 2);
    assert_eq!(texts(&sheet, |text| text.starts_with("≥ ")), 8);
}
