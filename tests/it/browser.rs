//! A real browser to read a page with: headless Chromium, driven by its own chromedriver.
//!
//! The commands are those of the W3C's WebDriver, and a few of Chromium's own for what that lacks: the colour
//! scheme, print media, and the log of every request. Each browser is new, with a profile of its own, and gone when
//! it is dropped. A command that fails is a panic that names it, since it is always a test that is wrong.

mod driver;
mod look;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use driver::Driver;

/// What the protocol calls a reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The screen of a desk.
pub const DESKTOP: (u32, u32) = (1440, 900);
/// The screen of a phone.
pub const PHONE: (u32, u32) = (390, 844);

/// Keys that no letter stands for; [`Browser::keys`] takes them among others.
pub mod key {
    pub const BACKSPACE: &str = "\u{E003}";
    pub const TAB: &str = "\u{E004}";
    pub const ENTER: &str = "\u{E007}";
    pub const SPACE: &str = " ";
    pub const LEFT: &str = "\u{E012}";
    pub const UP: &str = "\u{E013}";
    pub const RIGHT: &str = "\u{E014}";
    pub const DOWN: &str = "\u{E015}";
}

/// The colours that the reader prefers.
#[derive(Clone, Copy, Debug)]
pub enum Colours {
    Light,
    Dark,
}

/// A size of paper, with margins of 15 mm.
#[derive(Clone, Copy, Debug)]
pub enum Paper {
    A4,
    Letter,
}

impl Paper {
    const MARGIN: f64 = 15.0;

    /// Width and height in millimetres.
    fn size(self) -> (f64, f64) {
        match self {
            Paper::A4 => (210.0, 297.0),
            Paper::Letter => (215.9, 279.4),
        }
    }
}

/// A log that the browser keeps.
#[derive(Clone, Copy, Debug)]
pub enum Log {
    /// What scripts print, what they throw, and what could not be loaded.
    Console,
    /// Chromium's events, the network's among them.
    Events,
}

/// An element of the open page.
#[derive(Clone, Debug, PartialEq)]
pub struct Element(String);

impl Element {
    fn read(value: &Value) -> Element {
        Element(value[ELEMENT].as_str().expect("an element").to_owned())
    }

    /// As an argument of a script.
    pub fn value(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

/// A browser with one empty tab.
pub struct Browser {
    /// Ends before its folder goes, which is in use until then: fields drop in order.
    driver: Driver,
    _folder: TempDir,
    opened: RefCell<Vec<String>>,
}

impl Browser {
    /// One in which pages may run scripts, or may not. None where there is no chromedriver; the test then says so.
    pub fn start(scripts: bool) -> Option<Browser> {
        let folder = tempfile::tempdir().unwrap();
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let mut options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                // A container's shared memory is often too small for a page.
                "--disable-dev-shm-usage", profile, "about:blank",
            ],
            "binary": driver::CHROMIUM,
        });
        if !scripts {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            // A check of a long page takes its time when other builds run.
            "timeouts": { "script": 120_000, "pageLoad": 120_000 },
        });
        let driver = Driver::start(capabilities, folder.path())?;
        let browser = Browser { driver, _folder: folder, opened: RefCell::default() };
        // The browser's own first page asks for a hundred things of its own.
        browser.driver.post("url", &json!({ "url": "about:blank" }));
        browser.log(Log::Events);
        browser.screen(DESKTOP);
        // A bar of 15 pixels would make what is measured narrower than what is shown or printed.
        browser.chromium("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
        Some(browser)
    }

    /// Opens a file and waits until it is loaded.
    pub fn open(&self, path: &Path) {
        let path = fs::canonicalize(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut url = "file://".to_owned();
        for &byte in path.to_str().unwrap().as_bytes() {
            match byte {
                b'/' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
                _ if byte.is_ascii_alphanumeric() => url.push(char::from(byte)),
                _ => url.push_str(&format!("%{byte:02X}")),
            }
        }
        self.driver.post("url", &json!({ "url": url }));
        self.opened.borrow_mut().push(url);
    }

    /// The value of a script's `return`, with a promise waited for. It runs where the page may run none, too.
    pub fn run(&self, script: &str, args: &[Value]) -> Value {
        self.driver.post("execute/sync", &json!({ "script": script, "args": args }))
    }

    /// The first element that a selector finds; there must be one.
    pub fn find(&self, css: &str) -> Element {
        Element::read(&self.driver.post("element", &json!({ "using": "css selector", "value": css })))
    }

    /// Clicks into the middle of it, where it is seen and nothing lies over it.
    pub fn click(&self, element: &Element) {
        self.driver.post(&format!("element/{}/click", element.0), &json!({}));
    }

    /// Presses each key of a text and lets it go. It goes to the element that has the focus.
    pub fn keys(&self, text: &str) {
        let press = |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }));
        let presses: Vec<Value> = text.chars().flat_map(press).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": presses });
        self.driver.post("actions", &json!({ "actions": [keyboard] }));
    }

    /// The element that has the focus.
    pub fn active(&self) -> Element {
        Element::read(&self.driver.get("element/active"))
    }

    /// Presses Tab until an element that the selector finds has the focus, as one does without a mouse.
    pub fn tab_to(&self, css: &str) -> Element {
        for _ in 0..500 {
            self.keys(key::TAB);
            let active = self.active();
            if self.run("return arguments[0].matches(arguments[1])", &[active.value(), json!(css)]) == true {
                return active;
            }
        }
        panic!("500 times Tab does not come to {css}");
    }

    /// Gives the window the size of a screen.
    pub fn screen(&self, (width, height): (u32, u32)) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Shows the page on a screen, to one who prefers these colours.
    pub fn prefer(&self, colours: Colours) {
        let name = match colours {
            Colours::Light => "light",
            Colours::Dark => "dark",
        };
        let features = json!([{ "name": "prefers-color-scheme", "value": name }]);
        self.chromium("Emulation.setEmulatedMedia", json!({ "media": "screen", "features": features }));
    }

    /// Shows the page as it is laid out on a paper, between the margins. Unlike printing, this makes nothing smaller
    /// that is too wide.
    pub fn lay_out_on(&self, paper: Paper) {
        let (width, height) = paper.size();
        let pixels = |length: f64| ((length - 2.0 * Paper::MARGIN) / 25.4 * 96.0).floor() as u32;
        self.screen((pixels(width), pixels(height)));
        self.chromium("Emulation.setEmulatedMedia", json!({ "media": "print", "features": [] }));
    }

    /// What is on the screen, as PNG.
    pub fn screenshot(&self, path: &Path) {
        fs::write(path, driver::from_base64(&self.driver.get("screenshot"))).unwrap();
    }

    /// The page printed.
    pub fn pdf(&self, paper: Paper) -> Vec<u8> {
        let (width, height) = paper.size();
        let margin = Paper::MARGIN / 10.0;
        let pdf = self.driver.post(
            "print",
            &json!({
                "background": true,
                "page": { "width": width / 10.0, "height": height / 10.0 },
                "margin": { "top": margin, "bottom": margin, "left": margin, "right": margin },
            }),
        );
        driver::from_base64(&pdf)
    }

    /// What a log has got since it was last read.
    pub fn log(&self, kind: Log) -> Vec<Value> {
        let name = match kind {
            Log::Console => "browser",
            Log::Events => "performance",
        };
        // What a page does after it has loaded, and the browser's own processes, are a little behind.
        sleep(Duration::from_millis(300));
        let log = self.driver.post("se/log", &json!({ "type": name }));
        log.as_array().unwrap().clone()
    }

    /// The errors in the console since it was last read.
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.log(Log::Console);
        let errors = log.iter().filter(|entry| entry["level"] == "SEVERE");
        errors.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The addresses asked for since the events were last read, but for the opened files, `data:` and `about:`.
    pub fn requests(&self) -> Vec<String> {
        let opened = self.opened.borrow();
        let mut urls = Vec::new();
        for entry in self.log(Log::Events) {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let (event, of) = (&event["message"], &event["message"]["params"]);
            let url = match event["method"].as_str().unwrap() {
                "Network.requestWillBeSent" => &of["request"]["url"],
                "Network.webSocketCreated" | "Network.webTransportCreated" => &of["url"],
                _ => continue,
            };
            let url = url.as_str().unwrap();
            let own = ["data:", "about:"].iter().any(|scheme| url.starts_with(scheme));
            if !own && !opened.iter().any(|opened| opened == url) {
                urls.push(url.to_owned());
            }
        }
        urls
    }

    /// A command of Chromium's own protocol.
    fn chromium(&self, command: &str, params: Value) {
        self.driver.post("goog/cdp/execute", &json!({ "cmd": command, "params": params }));
    }
}
