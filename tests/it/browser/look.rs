//! What a look at a laid-out page finds wrong: what is cut or sticks out, and what shuts people out.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::Browser;

/// Finds what is wider than its room among all that is shown. A box of a pixel is text for screen readers alone.
const TOO_WIDE: &str = r#"
const found = [];
const name = element => element.localName + (element.id && '#' + element.id)
    + [...element.classList].map(part => '.' + part).join('');
const say = (element, what) => {
    const place = element.closest('section[id]');
    found.push((place && place !== element ? name(place) + ' ' : '') + name(element) + ': ' + what);
};
const round = Math.round;
for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility() || box.width <= 1 || box.height === 0) continue;
    if (box.right > innerWidth + 1) say(element, `ends at ${round(box.right)} of ${innerWidth}`);
    if (box.left < -1) say(element, `begins at ${round(box.left)}`);
    const hides = ['overflowX', 'overflowY'].some(axis => getComputedStyle(element)[axis] !== 'visible');
    const { scrollWidth, clientWidth } = element;
    if (hides && clientWidth > 1 && scrollWidth > clientWidth + 1)
        say(element, `shows ${clientWidth} of its ${scrollWidth}`);
}
const { scrollWidth } = document.documentElement;
if (scrollWidth > innerWidth + 1) found.push(`the page is ${scrollWidth} wide in ${innerWidth}`);
return found;
"#;

/// Asks axe and keeps what is serious: one line for each rule, with the elements that break it.
const AXE: &str = "
const { violations } = await axe.run(document, { resultTypes: ['violations'] });
return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(rule =>
    `${rule.impact}: ${rule.id}: ${rule.help}: ${rule.nodes.slice(0, 5).map(node => node.target).join(' | ')}`
    + (rule.nodes.length > 5 ? ` and ${rule.nodes.length - 5} more` : ''));
";

impl Browser {
    /// What sticks out of the page's width and what is cut at the edge of its box, as the page is laid out now.
    /// Lengths are pixels.
    pub fn too_wide(&self) -> Vec<String> {
        lines(&self.run(TOO_WIDE, &[]))
    }

    /// The serious and critical violations that the axe at this path finds in what is shown now.
    pub fn axe(&self, library: &Path) -> Vec<String> {
        let library = fs::read_to_string(library).unwrap();
        self.run(&library, &[]);
        assert_eq!(self.run("return typeof axe", &[]), json!("object"));
        lines(&self.run(&format!("return (async () => {{ {AXE} }})()"), &[]))
    }
}

fn lines(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}
