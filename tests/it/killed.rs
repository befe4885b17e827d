//! Nothing is half-done: however a run ends, the report of before or the new one stands there whole, and the next
//! run clears what is left.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::desk::{Desk, files, manifest};

/// The languages of two reports that differ, and are otherwise of the same.
const LANGUAGES: [&str; 2] = ["en", "fr"];

/// A desk with an export and a report of it in the first language.
fn desk() -> Desk {
    let desk = Desk::with_export();
    desk.report("export", "--lang en");
    desk
}

/// The arguments of a run that would publish the report in another language.
fn arguments(language: &str) -> String {
    format!("report export --out report --lang {language}")
}

/// Starts a run.
fn start(desk: &Desk, arguments: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_punctual"))
        .args(arguments.split_whitespace())
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs a script of the shell, in which `$punctual` is the command.
fn shell(desk: &Desk, script: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).env("punctual", env!("CARGO_BIN_EXE_punctual"));
    shell.current_dir(desk.path("")).output().unwrap()
}

/// The language of a report, after seeing that it is whole: all files that its manifest lists, each with its hash,
/// and no other.
#[track_caller]
fn language_of_whole(report: &Path) -> String {
    let files = files(report);
    let manifest = manifest(&files);
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let there: BTreeMap<&str, String> = files
        .iter()
        .filter(|(name, _)| *name != "manifest.json")
        .map(|(name, bytes)| (name.as_str(), hash(bytes)))
        .collect();
    let outputs = manifest["outputs"].as_array().unwrap();
    let listed: BTreeMap<&str, String> = outputs
        .iter()
        .map(|output| (output["path"].as_str().unwrap(), output["sha256"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(there, listed);
    let page = files.get("report.html").or(files.get("review.html")).unwrap();
    let page = String::from_utf8_lossy(page).into_owned();
    let language =
        LANGUAGES.into_iter().find(|language| page.contains(&format!("<html lang=\"{language}\"")));
    language.unwrap_or_else(|| panic!("the page names no language: {}", &page[..200])).to_owned()
}

/// What is left of work under way in a folder and in all within it.
fn leftovers(folder: &Path) -> Vec<String> {
    let mut left = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name.contains("partial") || name.starts_with(".tmp") {
            left.push(name);
        } else if entry.path().is_dir() {
            left.extend(leftovers(&entry.path()));
        }
    }
    left
}

/// A number below another, by a seed that it moves on.
fn below(seed: &mut u64, limit: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % limit
}

/// Waits until a run has got as far as a file of its report that is not published yet; false where it has ended.
fn wait_for(desk: &Desk, run: &mut Child, file: &str) -> bool {
    while run.try_wait().unwrap().is_none() {
        for entry in fs::read_dir(desk.path("")).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with(".punctual-partial-") && entry.path().join("0/new").join(file).exists() {
                return true;
            }
        }
    }
    false
}

#[test]
#[allow(clippy::disallowed_methods, reason = "how long a run takes says when to kill the next one")]
fn a_report_killed_at_any_instant_leaves_the_old_one_or_the_new_one_whole() {
    let desk = desk();
    // In microseconds: a run that makes its report, and one that finds it in the cache.
    let [made, kept] = [(); 2].map(|()| {
        let begun = Instant::now();
        desk.report("export", "--lang en --cache cache");
        begun.elapsed().as_micros() as u64
    });
    let (mut seed, mut standing) = (20_240_506, "en".to_owned());
    let (mut round, mut killed, mut published) = (0, 0, 0);
    // How long after the manifest, the last file, the publication is over: found out on the way.
    let mut window = 2_500;
    while killed < 200 {
        round += 1;
        assert!(round < 500, "only {killed} runs could be killed");
        let other = LANGUAGES.into_iter().find(|language| **language != standing).unwrap();
        // Without a cache, with one that the report is kept in, and with one that it comes from.
        let (cache, whole_run) = match round % 4 {
            0 => (String::new(), made),
            1 => (format!(" --cache cache --as-of 2024-06-01T00:{:02}:{:02}Z", round / 60, round % 60), made),
            _ => (" --cache cache".to_owned(), kept),
        };
        let mut run = start(&desk, &(arguments(other) + &cache));
        let around_publication = round % 3 > 0 && wait_for(&desk, &mut run, "manifest.json");
        let longest = if around_publication { window } else { whole_run };
        std::thread::sleep(Duration::from_micros(below(&mut seed, longest)));
        run.kill().unwrap();
        let ended = run.wait().unwrap();
        let stands = language_of_whole(&desk.path("report"));
        assert!(ended.code() != Some(0) || stands == other, "round {round}");
        if ended.signal() == Some(9) {
            killed += 1;
            published += usize::from(stands == other);
        }
        if around_publication {
            window = if ended.code() == Some(0) { window * 7 / 8 } else { window * 17 / 16 }.max(100);
        }
        standing = stands;
    }
    println!("{killed} of {round} runs were killed, {published} of them after the new report was published");
    assert!((5..150).contains(&published), "{published}");
    desk.run(&(arguments("fr") + " --cache cache")).succeeds();
    assert_eq!(language_of_whole(&desk.path("report")), "fr");
    assert_eq!(leftovers(&desk.path("")), Vec::<String>::new());
    assert_eq!(desk.names("."), ["cache", "export", "report"]);
}

#[test]
fn reviews_killed_at_any_instant_are_each_the_old_one_or_the_new_one_whole() {
    let desk = Desk::with_export();
    desk.run("review export --all --out reviews --lang en").succeeds();
    let customers = desk.names("reviews");
    assert_eq!(customers.len(), 2);
    let mut seed = 11;
    for round in 0..24 {
        let mut run =
            start(&desk, &format!("review export --all --out reviews --lang {}", LANGUAGES[round % 2]));
        std::thread::sleep(Duration::from_micros(below(&mut seed, 120_000)));
        run.kill().unwrap();
        run.wait().unwrap();
        for customer in &customers {
            language_of_whole(&desk.path("reviews").join(customer));
        }
    }
    desk.run("review export --all --out reviews --lang fr").succeeds();
    assert_eq!(desk.names("reviews"), customers);
    for customer in &customers {
        assert_eq!(language_of_whole(&desk.path("reviews").join(customer)), "fr");
    }
}

#[test]
fn the_next_run_says_what_it_cleared() {
    let desk = desk();
    let mut run = start(&desk, &arguments("fr"));
    assert!(wait_for(&desk, &mut run, ""));
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(leftovers(&desk.path("")).len(), 1);
    let done = desk.run(&arguments("fr")).succeeds();
    assert!(
        done.stderr.contains("what a run that was killed had left in the working folder was cleared"),
        "{done:#?}"
    );
    assert_eq!(desk.names("."), ["export", "report"]);
}

#[test]
fn a_report_that_was_put_aside_when_the_run_was_killed_is_put_back_by_the_next_one() {
    let desk = desk();
    // As a run leaves it that is killed where two folders cannot be exchanged in one step.
    desk.write(".punctual-partial-left/lock", "");
    fs::create_dir_all(desk.path(".punctual-partial-left/0/old")).unwrap();
    fs::rename(desk.path("report"), desk.path(".punctual-partial-left/0/old/report")).unwrap();
    desk.write("export/tickets.csv", "");
    let done = desk.run(&arguments("fr")).fails(1, &["had put report aside: it is back in its place"]);
    assert_eq!(language_of_whole(&desk.path("report")), "en", "{done:#?}");
    assert_eq!(desk.names("."), ["export", "report"]);
}

#[test]
fn where_folders_cannot_be_exchanged_a_kill_between_the_steps_is_mended_by_the_next_run() {
    let desk = desk();
    let strace = "strace -f -o trace -e trace=rename,renameat2 -e inject=renameat2:error=EINVAL";
    if !shell(&desk, &format!("{strace} true")).status.success() {
        println!("skipped: there is no strace, or it may not look at other processes");
        return;
    }
    // Killed as it calls for the old folder to step aside, then for the new one to take its place, then for the end.
    for (call, between, after) in [(1, Some("en"), "en"), (2, None, "en"), (3, Some("fr"), "fr")] {
        let kill = format!("-e inject=rename:signal=KILL:when={call}");
        let killed = shell(&desk, &format!("exec {strace} {kill} \"$punctual\" {}", arguments("fr")));
        assert_eq!(killed.status.signal(), Some(9), "{killed:?}");
        assert!(fs::read_to_string(desk.path("trace")).unwrap().contains("INJECTED"));
        let report = desk.path("report");
        assert_eq!(report.exists().then(|| language_of_whole(&report)).as_deref(), between);
        // The next run fails, but what it found is mended.
        let tickets = fs::read(desk.path("export/tickets.csv")).unwrap();
        desk.write("export/tickets.csv", "");
        let done = desk.run(&arguments("fr")).fails(1, &["had left in the working folder was cleared"]);
        assert_eq!(done.stderr.contains("had put report aside: it is back"), between.is_none(), "{done:#?}");
        desk.write("export/tickets.csv", tickets);
        assert_eq!(language_of_whole(&report), after);
        assert_eq!(desk.names("."), ["export", "report", "trace"]);
    }
}

#[test]
fn a_run_that_is_interrupted_publishes_nothing_leaves_nothing_and_says_so() {
    let desk = desk();
    let mut seed = 7;
    let (mut before, mut after) = (0, 0);
    for round in 0..24 {
        let signal = [2, 15][round % 2];
        let standing = language_of_whole(&desk.path("report"));
        let other = LANGUAGES.into_iter().find(|language| **language != standing).unwrap();
        let cache = if round % 3 == 0 { " --cache cache" } else { "" };
        let mut run = start(&desk, &(arguments(other) + cache));
        let (file, longest) = [("", 20_000), ("manifest.json", 2_000)][usize::from(round % 4 > 1)];
        wait_for(&desk, &mut run, file);
        std::thread::sleep(Duration::from_micros(below(&mut seed, longest)));
        Command::new("kill").args([format!("-{signal}"), run.id().to_string()]).output().unwrap();
        let ended = run.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        let stands = language_of_whole(&desk.path("report"));
        match ended.status.code() {
            // It was faster.
            Some(code) => assert_eq!((code, stands.as_str()), (0, other), "{said}"),
            None if stands == standing => {
                before += 1;
                assert_eq!(said, "interrupted: nothing was published; the report of before is as it was\n");
            }
            None => {
                after += 1;
                assert_eq!(said, "interrupted: the report had been published already, and is whole\n");
            }
        }
        assert!(ended.status.signal().is_none_or(|by| by == signal), "{:?}", ended.status);
        assert_eq!(leftovers(&desk.path("")), Vec::<String>::new(), "{said}");
    }
    println!("{before} runs were stopped before they published and {after} after");
    assert!(before > 8, "{before} {after}");
}

#[test]
fn two_runs_into_one_folder_at_a_time_end_as_one_of_them_whole() {
    let desk = Desk::with_export();
    for round in 0..10 {
        let cache = if round % 2 == 0 { " --cache cache" } else { "" };
        let runs = LANGUAGES.map(|language| start(&desk, &(arguments(language) + cache)));
        for run in runs {
            let ended = run.wait_with_output().unwrap();
            assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
        }
        language_of_whole(&desk.path("report"));
        assert_eq!(leftovers(&desk.path("")), Vec::<String>::new());
        if round % 4 == 3 {
            // The first to publish finds nothing there.
            fs::remove_dir_all(desk.path("report")).unwrap();
            fs::remove_dir_all(desk.path("cache")).unwrap();
        }
    }
    // What each has kept is its own.
    desk.report("export", "--cache cache --lang en");
    for language in LANGUAGES {
        desk.report("export", &format!("--cache cache --lang {language}"));
        assert_eq!(language_of_whole(&desk.path("report")), language);
    }
}

#[test]
fn a_report_that_is_larger_than_files_may_be_leaves_the_old_one_and_names_the_file() {
    let desk = desk();
    let mut failed = 0;
    // In units of 512 bytes or of 1024, as the shell has it.
    for limit in [0, 1, 4, 16, 40, 64, 120, 400, 100_000] {
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$punctual\" {}", arguments("fr"));
        let done = shell(&desk, &script);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        let stands = language_of_whole(&desk.path("report"));
        if done.status.success() {
            assert_eq!(stands, "fr");
        } else {
            failed += 1;
            assert_eq!((done.status.code(), stands.as_str()), (Some(1), "en"), "{limit}: {said}");
            assert!(said.starts_with("error: report/") && said.contains("File too large"), "{limit}: {said}");
        }
        assert_eq!(desk.names("."), ["export", "report"]);
    }
    assert!((4..9).contains(&failed), "{failed}");
}

/// Whether a shell can mount file systems of its own; says so where it cannot.
fn mounts(desk: &Desk) -> bool {
    fs::create_dir_all(desk.path("disk")).unwrap();
    let can = shell(desk, "unshare -rm mount -t tmpfs -o size=1m tmpfs disk").status.success();
    if !can {
        println!("skipped: file systems cannot be mounted here");
    }
    can
}

/// Runs a script on a small disk with the export and a report on it, and gives what the last command said and the
/// names on the disk; the report is copied to `copy`.
fn on_disk(desk: &Desk, options: &str, script: &str) -> (String, String) {
    let script = format!(
        "set -e; mount -t tmpfs -o {options} tmpfs disk; cp -r export disk/export; cd disk
        \"$punctual\" {} -q; sync
        {script}
        cd ..; rm -rf copy; cp -r disk/report copy; ls -A disk; umount disk",
        arguments("en"),
    );
    desk.write("script", script);
    let done = shell(desk, "unshare -rm sh script");
    let (names, said) = [done.stdout, done.stderr].map(|text| String::from_utf8(text).unwrap()).into();
    assert!(done.status.success(), "{names} {said}");
    (said, names)
}

#[test]
fn on_a_full_disk_the_old_report_stays_and_the_file_is_named() {
    let desk = desk();
    if !mounts(&desk) {
        return;
    }
    for free in [0, 4, 40, 200, 400] {
        let fill = format!(
            "head -c $(( $(df --output=avail -k . | tail -1) - {free} ))k /dev/zero > filler || true
            code=0; \"$punctual\" {} --cache cache || code=$?; test $code = 1; rm filler; rm -rf cache",
            arguments("fr"),
        );
        let (said, names) = on_disk(&desk, "size=4m", &fill);
        assert!(said.contains("No space left on device"), "{free}: {said}");
        let last = said.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(free == 0 || last.starts_with("error: report/"), "{free}: {said}");
        assert_eq!(names, "export\nreport\n", "{free}: {said}");
        assert_eq!(language_of_whole(&desk.path("copy")), "en");
    }
}

#[test]
fn a_disk_that_may_only_be_read_is_named_before_anything_is_read() {
    let desk = desk();
    if !mounts(&desk) {
        return;
    }
    let script = format!(
        "mount -o remount,ro disk 2>/dev/null || mount -o remount,ro .
        code=0; \"$punctual\" {} || code=$?; test $code = 1",
        arguments("fr"),
    );
    let (said, names) = on_disk(&desk, "size=4m", &script);
    assert!(said.contains("Read-only file system") && said.contains("hint: "), "{said}");
    assert_eq!((names.as_str(), language_of_whole(&desk.path("copy")).as_str()), ("export\nreport\n", "en"));
}

#[test]
fn a_report_that_may_only_be_read_is_not_replaced() {
    let desk = desk();
    // The privileges of root would set all permissions aside.
    let run = "chmod a-w report; exec setpriv --bounding-set=-all --inh-caps=-all \"$punctual\"";
    if !shell(&desk, "setpriv --bounding-set=-all --inh-caps=-all true").status.success() {
        println!("skipped: privileges cannot be dropped here");
        return;
    }
    desk.write("export/tickets.csv", "");
    let done = shell(&desk, &format!("{run} {}", arguments("fr")));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: report: Permission denied") && said.contains("hint: "), "{said}");
    assert_eq!(language_of_whole(&desk.path("report")), "en");
    assert_eq!(desk.names("."), ["export", "report"]);
}

#[test]
fn without_memory_enough_the_old_report_stays_and_the_next_run_clears() {
    let desk = desk();
    let mut failed = 0;
    for mebibytes in (100..900).step_by(100) {
        let script =
            format!("ulimit -v {}; exec \"$punctual\" {} --threads 2", mebibytes << 10, arguments("fr"));
        let done = shell(&desk, &script);
        let stands = language_of_whole(&desk.path("report"));
        println!("{mebibytes} MiB: {:?} {}", done.status, String::from_utf8_lossy(&done.stderr));
        if done.status.success() {
            break;
        }
        failed += 1;
        assert_eq!(stands, "en");
    }
    assert!(failed > 0);
    desk.run(&arguments("fr")).succeeds();
    assert_eq!(language_of_whole(&desk.path("report")), "fr");
    assert_eq!(desk.names("."), ["export", "report"]);
}
