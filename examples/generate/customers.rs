//! Who writes in: invented companies in ten time zones.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chrono_tz::Tz;

use crate::csv::push_text;
use crate::rng::Rng;
use crate::wall;

pub struct Customer {
    pub name: String,
    pub zone: Tz,
    /// What the zone's clock reads at the instant of the export.
    pub wall_at_export: i64,
    pub augmented: bool,
    region: &'static str,
    account_manager: &'static str,
}

/// The first thirty, each where it might be.
const FIRST: [(&str, Tz); 30] = [
    ("Brasserie du Vieux Moulin", Tz::Europe__Paris),
    ("Kestrel & Finch Insurance", Tz::Europe__London),
    ("Harbourline Logistics", Tz::America__New_York),
    ("Sakura Precision Works", Tz::Asia__Tokyo),
    ("Redwood Signal Company", Tz::America__Los_Angeles),
    ("Société Générale d'Éclairage Côtier", Tz::Europe__Paris),
    ("Deccan Textile Mills", Tz::Asia__Kolkata),
    ("Pão & Açúcar Mineiro Ltda", Tz::America__Sao_Paulo),
    ("Издательство «Берег»", Tz::Europe__London),
    ("Hansen, Moe & Partners", Tz::Europe__Paris),
    ("Avalon Fisheries Co-operative", Tz::America__St_Johns),
    ("Himal Hydropower", Tz::Asia__Kathmandu),
    ("Barossa Valley Cellars", Tz::Australia__Adelaide),
    ("Bluestem Rail", Tz::America__New_York),
    ("Studio \"Blaue Stunde\" GmbH", Tz::Europe__Paris),
    ("Mooring Street Bank", Tz::Europe__London),
    (
        "The Consolidated Northern and Eastern Counties Waterworks, Drainage and Flood Defence Association",
        Tz::Europe__London,
    ),
    ("Cascadia Orchard Robotics", Tz::America__Los_Angeles),
    ("Minato Marine Instruments", Tz::Asia__Tokyo),
    ("Clínica São Tomé", Tz::America__Sao_Paulo),
    ("Ørsund Skibsværft", Tz::Europe__Paris),
    ("Coromandel Spice Exchange", Tz::Asia__Kolkata),
    ("Łódzkie Zakłady Optyczne", Tz::Europe__Paris),
    ("Signal Hill Broadcasting", Tz::America__St_Johns),
    ("ООО «Северный Маяк»", Tz::Europe__Paris),
    ("Torrens River Transit", Tz::Australia__Adelaide),
    ("Everest View Hotels", Tz::Asia__Kathmandu),
    ("Ironbridge Castings", Tz::Europe__London),
    ("Prairie Lantern Energy", Tz::America__New_York),
    ("Q", Tz::America__Los_Angeles),
];

/// Names of the others are put together of these.
const STEMS: [&str; 25] = [
    "Alder",
    "Bracken",
    "Calder",
    "Drumlin",
    "Elmstead",
    "Fennimore",
    "Gullane",
    "Hollin",
    "Inverleith",
    "Jasper",
    "Königsee",
    "Larkspur",
    "Marigold",
    "Nørrevang",
    "Oakhurst",
    "Pinecrest",
    "Quarry Bank",
    "Rosthwaite",
    "Saltmarsh",
    "Thistle",
    "Umber",
    "Vallée",
    "Wharfedale",
    "Yarrow",
    "Zephyr",
];
const TRADES: [&str; 20] = [
    "Bakeries",
    "Cable",
    "Dental",
    "Engineering",
    "Freight",
    "Glassworks",
    "Hospitals",
    "Instruments",
    "Joinery",
    "Knitwear",
    "Leasing",
    "Motors",
    "Nurseries",
    "Optics",
    "Publishing",
    "Quarries",
    "Roofing",
    "Shipping",
    "Telecom",
    "Utilities",
];
const FORMS: [&str; 8] = ["Ltd", "Inc.", "SA", "AG", "Group", "Holdings", "KK", "Pvt Ltd"];

const MANAGERS: [(&str, [&str; 3]); 3] = [
    ("EMEA", ["Ines Carvalho", "Tomasz Wilk", "Bronagh Keane"]),
    ("AMER", ["Dana Whitlock", "Rui Prado", "Theo Marsh"]),
    ("APAC", ["Haruka Mori", "Asha Nair", "Priyanka Thapa"]),
];

pub fn invent(count: u32, seed: u64, export_at: i64) -> Vec<Customer> {
    (0..count as usize).map(|n| invent_one(n, seed, export_at)).collect()
}

fn invent_one(n: usize, seed: u64, export_at: i64) -> Customer {
    let mut rng = Rng::new(seed, u64::MAX - n as u64);
    let (name, zone) = match FIRST.get(n) {
        Some(&(name, zone)) => (name.to_owned(), zone),
        None => (name_of(n - FIRST.len()), rng.pick(&FIRST).1),
    };
    let (region, managers) = MANAGERS[region_of(zone)];
    Customer {
        name,
        zone,
        wall_at_export: export_at + i64::from(wall::offset_at(zone, export_at)),
        augmented: n % 3 == 2,
        region,
        account_manager: rng.pick(&managers),
    }
}

/// A different name for each number.
fn name_of(n: usize) -> String {
    let (stem, n) = (STEMS[n % STEMS.len()], n / STEMS.len());
    let (trade, n) = (TRADES[n % TRADES.len()], n / TRADES.len());
    let (form, n) = (FORMS[n % FORMS.len()], n / FORMS.len());
    if n == 0 { format!("{stem} {trade} {form}") } else { format!("{stem} {trade} {} {form}", n + 1) }
}

fn region_of(zone: Tz) -> usize {
    match zone.name().split('/').next() {
        Some("Europe") => 0,
        Some("America") => 1,
        _ => 2,
    }
}

/// Writes the customers; `as_a_spreadsheet_does` begins the file with a byte-order mark and ends lines with CR LF.
pub fn write(path: &Path, customers: &[Customer], as_a_spreadsheet_does: bool) -> io::Result<()> {
    let (mark, line_end) = if as_a_spreadsheet_does { ("\u{feff}", "\r\n") } else { ("", "\n") };
    let mut out = BufWriter::new(File::create(path)?);
    write!(out, "{mark}customer,tier,region,timezone,account_manager{line_end}")?;
    for customer in customers {
        let mut name = Vec::new();
        push_text(&mut name, &customer.name);
        out.write_all(&name)?;
        let tier = if customer.augmented { "augmented" } else { "standard" };
        write!(out, ",{tier},{},{},{}{line_end}", customer.region, customer.zone, customer.account_manager)?;
    }
    out.flush()
}
