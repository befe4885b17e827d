//! Places where a report cannot stand: the run says so before it reads anything, and changes nothing.

use std::fs;

use crate::desk::{Desk, files};

#[test]
fn a_folder_that_is_no_report_is_left_alone() {
    let desk = Desk::with_export();
    desk.write("letters/letter.txt", "dear");
    let said = ["letters is there already and is no report of punctual", "--out"];
    desk.run("report export --out letters").fails(1, &said);
    assert_eq!(files(&desk.path("letters")).len(), 1);
    assert_eq!(desk.names("."), ["export", "letters"]);
}

#[test]
fn a_file_is_never_replaced_by_a_report() {
    let desk = Desk::with_export();
    desk.write("letter.txt", "dear");
    desk.run("report export --out letter.txt").fails(1, &["letter.txt is there already", "--out"]);
    assert_eq!(fs::read(desk.path("letter.txt")).unwrap(), b"dear");
}

#[test]
fn a_place_that_cannot_be_written_to_is_named() {
    let desk = Desk::with_export();
    desk.write("letter.txt", "dear");
    desk.run("report export --out letter.txt/report").fails(1, &["letter.txt", "--out"]);
    desk.run("report export --out /proc/report").fails(1, &["/proc", "--out"]);
    assert_eq!(desk.names("."), ["export", "letter.txt"]);
}

#[test]
fn the_working_folder_and_the_root_are_no_places_for_a_report() {
    let desk = Desk::with_export();
    for out in [".", "..", "/"] {
        desk.run(&format!("report export --out {out}")).fails(1, &["--out"]);
    }
    assert_eq!(desk.names("."), ["export"]);
}

#[test]
fn the_export_itself_is_never_replaced_by_a_report() {
    let desk = Desk::with_export();
    let before = files(&desk.path("export"));
    desk.run("report export --out export").fails(1, &["export is there already"]);
    assert_eq!(files(&desk.path("export")), before);
}

#[test]
fn a_place_that_cannot_be_written_to_is_found_out_before_the_inputs_are_read() {
    let desk = Desk::with_export();
    desk.write("letters/letter.txt", "dear");
    desk.write("export/tickets.csv", "");
    desk.run("report export --out letters").fails(1, &["letters is there already"]);
}

#[test]
fn an_empty_folder_and_an_earlier_report_give_way_to_a_new_one() {
    let desk = Desk::with_export();
    fs::create_dir(desk.path("report")).unwrap();
    let first = desk.report("export", "");
    desk.write("report/tables/gone.csv", "of an earlier version");
    let second = desk.report("export", "");
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    assert_eq!(desk.names("."), ["export", "report"]);
}
