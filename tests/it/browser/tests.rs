//! The browser sees what is wrong in a page that is wrong: a check that finds nothing must be one that can.

use std::fs;
use std::net::TcpListener;

use super::*;
use crate::desk::{Desk, project};

/// A browser with a page open that has this body; none where there is no browser.
fn showing(desk: &Desk, scripts: bool, body: &str) -> Option<Browser> {
    let page =
        format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>A page</title>{body}");
    let browser = Browser::start(scripts);
    match &browser {
        Some(browser) => browser.open(&desk.write("a page #1.html", page)),
        None => println!("skipped: no chromedriver on this machine"),
    }
    browser
}

#[test]
fn errors_in_the_console_are_seen_and_warnings_are_none() {
    let desk = Desk::empty();
    let body = "<script>console.warn('so'); console.error('printed'); throw new Error('thrown')</script>";
    let Some(browser) = showing(&desk, true, body) else { return };
    let errors = browser.console_errors();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors[0].contains("printed") && errors[1].contains("thrown"), "{errors:#?}");
    assert_eq!(browser.console_errors(), [""; 0]);
}

#[test]
fn every_request_is_seen_but_for_the_page_and_what_it_holds() {
    let desk = Desk::empty();
    // A port that nothing listens at.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let body = format!(
        "<img alt=\"\" src=\"http://127.0.0.1:{port}/seen.png\"><img alt=\"\" src=\"beside.png\">\
         <img alt=\"\" src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\">\
         <script>setTimeout(() => fetch('http://127.0.0.1:{port}/late'), 50);\
         new WebSocket('ws://127.0.0.1:{port}/socket')</script>"
    );
    let Some(browser) = showing(&desk, true, &body) else { return };
    let mut requests = browser.requests();
    requests.sort();
    let beside = format!("file://{}/beside.png", fs::canonicalize(desk.path(".")).unwrap().display());
    let at = |what: &str| format!("{what}:{port}");
    let [late, seen] = ["late", "seen.png"].map(|name| at("http://127.0.0.1") + "/" + name);
    assert_eq!(requests, [beside, late, seen, at("ws://127.0.0.1") + "/socket"]);
}

#[test]
fn a_page_that_may_run_no_script_runs_none_and_opens_its_details() {
    let desk = Desk::empty();
    let body = "<p id=\"a\">before</p><script>a.textContent = 'after'</script>\
                <noscript><p id=\"b\">without</p></noscript>\
                <details><summary>more</summary>all</details>";
    let text = "return document.getElementById(arguments[0])?.textContent";
    let open = "return document.querySelector('details').open";
    for (scripts, a, b) in [(true, json!("after"), Value::Null), (false, json!("before"), json!("without"))] {
        let Some(browser) = showing(&desk, scripts, body) else { return };
        assert_eq!([browser.run(text, &[json!("a")]), browser.run(text, &[json!("b")])], [a, b], "{scripts}");
        browser.click(&browser.find("summary"));
        assert_eq!(browser.run(open, &[]), true);
        assert_eq!(browser.tab_to("summary"), browser.active());
        browser.keys(key::SPACE);
        assert_eq!(browser.run(open, &[]), false);
    }
}

#[test]
fn keys_come_to_the_page_as_a_keyboard_sends_them() {
    let desk = Desk::empty();
    let body = "<input><script>\
                addEventListener('keydown', event => document.title += ' ' + event.code)</script>";
    let Some(browser) = showing(&desk, true, body) else { return };
    browser.click(&browser.find("input"));
    browser.keys(&["aé", key::LEFT, key::BACKSPACE, key::RIGHT, key::UP, key::DOWN, key::ENTER].concat());
    assert_eq!(browser.run("return document.querySelector('input').value", &[]), "é");
    let codes = browser.run("return document.title", &[]);
    let codes = codes.as_str().unwrap();
    for code in ["KeyA", "ArrowLeft", "Backspace", "ArrowRight", "ArrowUp", "ArrowDown", "Enter"] {
        assert!(codes.contains(code), "{codes}");
    }
}

#[test]
fn screens_colours_and_papers_are_those_that_are_asked_for() {
    let desk = Desk::empty();
    let Some(browser) = showing(&desk, true, "<p>A page</p>") else { return };
    let is = |query: &str| browser.run("return matchMedia(arguments[0]).matches", &[json!(query)]) == true;
    for screen in [DESKTOP, PHONE] {
        browser.screen(screen);
        assert_eq!(browser.run("return [innerWidth, innerHeight]", &[]), json!([screen.0, screen.1]));
        let picture = desk.path("screen.png");
        browser.screenshot(&picture);
        let picture = fs::read(picture).unwrap();
        assert_eq!(&picture[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(picture[16..24], [screen.0.to_be_bytes(), screen.1.to_be_bytes()].concat());
        assert_eq!(&picture[picture.len() - 8..picture.len() - 4], b"IEND");
    }
    browser.prefer(Colours::Dark);
    assert!(is("screen and (prefers-color-scheme: dark)"));
    browser.prefer(Colours::Light);
    assert!(is("screen and (prefers-color-scheme: light)"));
    // 180 and 185.9 mm of 25.4 to the inch, 96 pixels each.
    for (paper, width) in [(Paper::A4, 680), (Paper::Letter, 702)] {
        browser.lay_out_on(paper);
        assert!(is("print") && !is("screen"));
        assert_eq!(browser.run("return innerWidth", &[]), width);
    }
}

#[test]
fn what_sticks_out_of_a_paper_or_is_cut_at_its_box_is_named() {
    let desk = Desk::empty();
    let body = "<style>body { margin: 0 } .screen-only { width: 2000px } .hidden { position: absolute;\
                width: 1px; height: 1px; overflow: hidden; white-space: nowrap }\
                @media print { .screen-only { width: auto } }</style>\
                <section id=\"s\"><table class=\"data\"><tr><td style=\"min-width: 690px\">wide</table></section>\
                <div id=\"cut\" style=\"overflow: auto\"><p style=\"width: 900px; margin: 0\">cut</div>\
                <p class=\"screen-only\">fits</p><span class=\"hidden\">for screen readers</span>\
                <details><summary>closed</summary><p style=\"width: 3000px\">not shown</details>";
    let Some(browser) = showing(&desk, true, body) else { return };
    let names = || {
        let mut names: Vec<_> =
            browser.too_wide().into_iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    browser.lay_out_on(Paper::A4);
    let cut = ["div#cut", "p"];
    let of_table = ["section#s table.data", "section#s tbody", "section#s td", "section#s tr"];
    assert_eq!(names(), [&cut[..], &of_table, &["the page is 696 wide in 680"]].concat());
    browser.lay_out_on(Paper::Letter);
    assert_eq!(names(), cut);
}

#[test]
fn axe_names_what_shuts_people_out_in_the_colours_shown() {
    let library = project().join("target/axe/node_modules/axe-core/axe.min.js");
    if !library.is_file() {
        println!("skipped: axe-core is not installed; .ci/run does that");
        return;
    }
    let desk = Desk::empty();
    let body = "<style>@media (prefers-color-scheme: dark) { body { background: black; color: #333 } }</style>\
                <main><h1>A page</h1><input></main>";
    let Some(browser) = showing(&desk, true, body) else { return };
    for (colours, rules) in [(Colours::Light, &["label"][..]), (Colours::Dark, &["color-contrast", "label"])]
    {
        browser.prefer(colours);
        let found = browser.axe(&library);
        assert_eq!(found.len(), rules.len(), "{colours:?}: {found:#?}");
        assert!(found.iter().zip(rules).all(|(line, rule)| line.contains(rule)), "{colours:?}: {found:#?}");
    }
}
