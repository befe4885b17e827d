//! Where files and folders are made before they take their places: each is there whole, as it was
//! or as it is to be, at whatever instant the process ends.
//!
//! What is made stands meanwhile in a folder beside its place, which is recognised by its name and
//! belongs to one process: that process holds a lock on a file in it for as long as it lives, and
//! the system lets go of the lock however it ends. So the next run knows what was left by one that
//! was killed, and clears it; a process id would not tell, since ids are given again and those of
//! two containers are alike.
//!
//! Within that folder each thing has a folder of its own. It holds the thing as `new` and, where
//! the file system cannot exchange two folders in one step, for an instant in `old` what stood at
//! the place before; whoever clears puts that back.

mod removal;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::private;

/// How the name of a folder begins in which something is made.
const PREFIX: &str = ".punctual-partial-";

/// The file in it that its process holds a lock on.
const LOCK: &str = "lock";

/// What stood at the place before, while it is aside.
const OLD: &str = "old";

/// What this process makes at the moment, and what it has published.
struct UnderWay {
    /// The folders in which something is made, and what they are in.
    workplaces: BTreeMap<PathBuf, (PathBuf, Weak<Workplace>)>,
    published: usize,
}

static UNDER_WAY: Mutex<UnderWay> = Mutex::new(UnderWay { workplaces: BTreeMap::new(), published: 0 });

/// The door that everything goes through that makes, places or removes files here: once it is
/// shut, by [`stop`], nothing changes any more.
fn gate() -> MutexGuard<'static, UnderWay> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops all making and placing in this process for good, clears what is under way, and gives how
/// many things were published: for a process that is about to end. Threads that go on wait forever.
pub fn stop() -> usize {
    let gate = gate();
    for folder in gate.workplaces.keys() {
        // What cannot be cleared is left to the next run.
        let _ = remove_workplace(folder, &mut Cleared::default());
    }
    let published = gate.published;
    std::mem::forget(gate);
    published
}

/// What runs that were killed had left in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleared {
    /// How many of them had left something.
    pub runs: usize,
    /// What they had put aside, and is back in its place.
    pub put_back: Vec<PathBuf>,
}

/// Clears what runs that were killed have left in a folder, and puts back what they had put aside.
/// What belongs to a run that lives is left alone, and so is all where the file system knows no
/// locks.
pub fn clear(parent: &Path) -> Cleared {
    let mut cleared = Cleared::default();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let named = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        // A link of that name, which leads anywhere, is none of ours.
        if !named || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let folder = entry.path();
        match File::options().write(true).open(folder.join(LOCK)) {
            // The lock is held until all is removed: nobody else clears it meanwhile.
            Ok(lock) if lock.try_lock().is_ok() => {
                let removed = remove_workplace(&folder, &mut cleared);
                cleared.runs += usize::from(removed.is_ok_and(|held_anything| held_anything));
            }
            // Killed, or still at work, between making the folder and its lock: it is empty.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let _ = fs::remove_dir(&folder);
            }
            _ => {}
        }
    }
    cleared
}

/// Removes a workplace, the lock last: as long as something is left, so is what tells whose it is.
/// Gives whether there was anything besides; a run that has just begun has nothing yet, and makes
/// another.
fn remove_workplace(folder: &Path, cleared: &mut Cleared) -> io::Result<bool> {
    let mut held_anything = false;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != LOCK {
            cleared.put_back.extend(put_back(&entry.path(), parent_of(folder))?);
            fs::remove_dir_all(entry.path())?;
            held_anything = true;
        }
    }
    fs::remove_file(folder.join(LOCK))?;
    fs::remove_dir(folder)?;
    Ok(held_anything)
}

/// Puts back what was put aside, unless something has come to stand at its place, and gives what is
/// back.
fn put_back(piece: &Path, parent: &Path) -> io::Result<Option<PathBuf>> {
    let aside = fs::read_dir(piece.join(OLD)).into_iter().flatten().next().transpose()?;
    let Some(aside) = aside else { return Ok(None) };
    let place = parent.join(aside.file_name());
    match fs::rename(aside.path(), &place) {
        Ok(()) => Ok(Some(place)),
        Err(_) if place.symlink_metadata().is_ok() => fs::remove_dir_all(aside.path()).map(|()| None),
        Err(error) => Err(error),
    }
}

/// The folder of this process in one folder, gone when nothing is made there any more.
#[derive(Debug)]
struct Workplace {
    folder: PathBuf,
    /// Held, where the file system knows locks.
    _lock: File,
    begun: AtomicU64,
}

impl Workplace {
    /// The one in this folder.
    fn within(parent: &Path) -> io::Result<Arc<Workplace>> {
        let mut under_way = gate();
        let mut here = under_way.workplaces.values().filter(|(there, _)| there == parent);
        if let Some(workplace) = here.find_map(|(_, workplace)| workplace.upgrade()) {
            return Ok(workplace);
        }
        clear(parent);
        let workplace = Arc::new(Workplace::make(parent)?);
        let entry = (parent.to_owned(), Arc::downgrade(&workplace));
        under_way.workplaces.insert(workplace.folder.clone(), entry);
        Ok(workplace)
    }

    fn make(parent: &Path) -> io::Result<Workplace> {
        loop {
            let mut builder = tempfile::Builder::new();
            let made = builder.prefix(PREFIX).rand_bytes(10).make_in(parent, private::folder)?;
            let ((), folder) = made.keep()?;
            let lock = folder.join(LOCK);
            let file = match File::create_new(&lock) {
                Ok(file) => file,
                // Another run has taken the empty folder for one that was left.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => {
                    let _ = fs::remove_dir(&folder);
                    return Err(error);
                }
            };
            let taken = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            // Another run was faster with the lock, and clears the folder or has done so.
            if !taken && lock.exists() {
                return Ok(Workplace { folder, _lock: file, begun: AtomicU64::new(0) });
            }
        }
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let mut gate = gate();
        gate.workplaces.remove(&self.folder);
        // What cannot be cleared is recognised by its name; there is nobody to tell here.
        let _ = remove_workplace(&self.folder, &mut Cleared::default());
    }
}

/// A file or folder in the making; dropped before it takes its place, nothing is left of it.
#[derive(Debug)]
pub struct Staged {
    /// Stays for as long as something is made in it.
    _workplace: Arc<Workplace>,
    piece: PathBuf,
    target: PathBuf,
}

impl Staged {
    /// Begins the file that will stand at `target`, readable by its owner alone.
    ///
    /// # Errors
    /// What the operating system says, such as that there is no folder for it.
    pub fn file(target: &Path) -> io::Result<(Staged, File)> {
        let staged = Staged::begin(target)?;
        let file = staged.at_work(|| private::file(&staged.path()))?;
        Ok((staged, file))
    }

    /// Begins the folder that will stand at `target`, open to its owner alone.
    ///
    /// # Errors
    /// What the operating system says, such as that there is no folder for it.
    pub fn folder(target: &Path) -> io::Result<Staged> {
        let staged = Staged::begin(target)?;
        staged.at_work(|| private::folder(&staged.path()))?;
        Ok(staged)
    }

    /// Removes what stands at `target`, in one step.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn remove(target: &Path) -> io::Result<()> {
        let staged = Staged::begin(target)?;
        staged.at_work(|| fs::rename(target, staged.path()))
    }

    /// A file without a name, in the folder `parent`, of which nothing remains however the process
    /// ends.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn nameless(parent: &Path) -> io::Result<File> {
        // Where the file system makes none without a name, it has one for an instant.
        let staged = Staged::begin(&parent.join("nameless"))?;
        staged.at_work(|| tempfile::tempfile_in(&staged.piece))
    }

    fn begin(target: &Path) -> io::Result<Staged> {
        let workplace = Workplace::within(parent_of(target))?;
        let number = workplace.begun.fetch_add(1, Ordering::Relaxed);
        let piece = workplace.folder.join(number.to_string());
        let staged = Staged { _workplace: workplace, piece, target: target.to_owned() };
        staged.at_work(|| private::folder(&staged.piece))?;
        Ok(staged)
    }

    /// Does something that changes files here, unless that is over.
    fn at_work<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let _gate = gate();
        work()
    }

    /// Where it stands while it is made.
    pub fn path(&self) -> PathBuf {
        self.piece.join("new")
    }

    /// Makes a file in the folder, and the folders that it stands in.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn create(&self, path: &str) -> io::Result<File> {
        let path = self.path().join(path);
        self.at_work(|| {
            fs::create_dir_all(parent_of(&path))?;
            File::create(&path)
        })
    }

    /// Gives it its place. What stood there is gone.
    ///
    /// # Errors
    /// What the operating system says; what stood there still does.
    pub fn place(self) -> io::Result<()> {
        self.at_work(|| self.take_place())
    }

    /// Gives it its place, on the disk as well, and counts it as published. What files hold is on
    /// the disk if whoever wrote them had it so.
    ///
    /// # Errors
    /// What the operating system says; what stood there still does.
    pub fn publish(self) -> io::Result<()> {
        sync_folders(&self.path());
        let mut gate = gate();
        let placed = self.take_place();
        gate.published += usize::from(placed.is_ok());
        drop(gate);
        sync_folder(parent_of(&self.target));
        placed
    }

    fn take_place(&self) -> io::Result<()> {
        let new = self.path();
        // A file takes the place of another in one step.
        if !new.is_dir() {
            return fs::rename(&new, &self.target);
        }
        loop {
            let placed = match exchange(&new, &self.target) {
                Err(error) if error.kind() == ErrorKind::NotFound => fs::rename(&new, &self.target),
                Err(error) if error.kind() == ErrorKind::Unsupported => self.take_place_in_two_steps(),
                other => other,
            };
            match placed {
                // Another run was faster: it is its folder that gives way now.
                Err(error)
                    if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => {}
                placed => return placed,
            }
        }
    }

    /// What stands there steps aside first. Whoever is killed just then leaves the place empty, and
    /// the next run puts it back.
    fn take_place_in_two_steps(&self) -> io::Result<()> {
        let aside = self.piece.join(OLD);
        fs::create_dir_all(&aside)?;
        let aside = aside.join(self.target.file_name().unwrap_or_default());
        fs::rename(&self.target, aside).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        if let Err(error) = fs::rename(self.path(), &self.target) {
            put_back(&self.piece, parent_of(&self.target))?;
            return Err(error);
        }
        // From now on it is nothing to be put back, whatever other runs do at the place.
        let _ = fs::rename(self.piece.join(OLD), self.piece.join("gone"));
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let _gate = gate();
        // What stood at the place must not be cleared before it is back there. What cannot be
        // cleared is recognised by its name; there is nobody to tell here.
        if put_back(&self.piece, parent_of(&self.target)).is_ok() {
            let _ = removal::remove(&self.piece);
        }
    }
}

/// Exchanges two folders in one step; `Unsupported` where the system or the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // Sandboxes forbid what they do not know.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
            Err(ErrorKind::Unsupported.into())
        }
        other => Ok(other?),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Has what stands in a folder, by name, and in those within it, written to the disk.
fn sync_folders(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            sync_folders(&entry.path());
        }
    }
    sync_folder(folder);
}

/// The same of one folder. Where it cannot be, the system writes it in its own time.
fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// The folder that something stands in.
pub fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Writes the file `text` of a folder that is made at `target`.
    fn folder(target: &Path, text: &str) -> Staged {
        let staged = Staged::folder(target).unwrap();
        staged.create("in/text").unwrap().write_all(text.as_bytes()).unwrap();
        staged
    }

    fn text(target: &Path) -> String {
        fs::read_to_string(target.join("in/text")).unwrap()
    }

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What a run leaves that is killed after it put `report` aside: by hand, since no run does so here.
    fn left_aside(parent: &Path, text: &str) -> PathBuf {
        let left = parent.join(".punctual-partial-left");
        fs::create_dir_all(left.join("0/new")).unwrap();
        fs::create_dir_all(left.join("0/old/report/in")).unwrap();
        fs::write(left.join("0/old/report/in/text"), text).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        left
    }

    #[test]
    fn what_is_placed_stands_there_whole_and_what_is_dropped_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("report");
        for round in ["one", "two"] {
            folder(&target, round).place().unwrap();
            assert_eq!((text(&target).as_str(), entries(parent.path())), (round, vec!["report".to_owned()]));
        }
        drop(folder(&target, "three"));
        assert_eq!(text(&target), "two");
        let (staged, mut file) = Staged::file(&parent.path().join("letter")).unwrap();
        file.write_all(b"dear").unwrap();
        staged.place().unwrap();
        Staged::remove(&target).unwrap();
        assert_eq!(entries(parent.path()), ["letter"]);
    }

    #[test]
    fn all_that_is_made_in_a_folder_at_a_time_shares_one_lock() {
        let parent = tempfile::tempdir().unwrap();
        let made: Vec<_> = (0..9).map(|number| folder(&parent.path().join(number.to_string()), "")).collect();
        assert_eq!(entries(parent.path()).len(), 1);
        made.into_iter().for_each(|staged| staged.place().unwrap());
        assert_eq!(entries(parent.path()).len(), 9);
    }

    #[test]
    fn in_two_steps_a_folder_takes_the_place_of_another_too() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("report");
        for round in ["one", "two"] {
            let staged = folder(&target, round);
            staged.take_place_in_two_steps().unwrap();
            drop(staged);
            assert_eq!((text(&target).as_str(), entries(parent.path())), (round, vec!["report".to_owned()]));
        }
    }

    #[test]
    fn where_the_second_step_fails_what_stood_there_is_back() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("report");
        folder(&target, "one").place().unwrap();
        let staged = folder(&target, "two");
        fs::remove_dir_all(staged.path()).unwrap();
        staged.take_place_in_two_steps().unwrap_err();
        assert_eq!(text(&target), "one");
    }

    #[test]
    fn what_was_put_aside_by_a_run_that_was_killed_is_put_back() {
        let parent = tempfile::tempdir().unwrap();
        left_aside(parent.path(), "before");
        let cleared = clear(parent.path());
        let report = parent.path().join("report");
        assert_eq!(cleared, Cleared { runs: 1, put_back: vec![report.clone()] });
        assert_eq!((text(&report).as_str(), entries(parent.path())), ("before", vec!["report".to_owned()]));
    }

    #[test]
    fn what_was_put_aside_is_not_put_back_over_what_stands_there_now() {
        let parent = tempfile::tempdir().unwrap();
        let report = parent.path().join("report");
        folder(&report, "now").place().unwrap();
        left_aside(parent.path(), "before");
        assert_eq!(clear(parent.path()), Cleared { runs: 1, put_back: Vec::new() });
        assert_eq!((text(&report).as_str(), entries(parent.path())), ("now", vec!["report".to_owned()]));
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_whatever_its_clearing_left_of_it() {
        let parent = tempfile::tempdir().unwrap();
        // Killed before it made the lock, or while it was cleared, after the lock.
        fs::create_dir(parent.path().join(".punctual-partial-empty")).unwrap();
        fs::create_dir_all(parent.path().join(".punctual-partial-half/3/new/tables")).unwrap();
        fs::write(parent.path().join(".punctual-partial-half/lock"), "").unwrap();
        drop(folder(&parent.path().join("report"), "one"));
        assert_eq!(entries(parent.path()), Vec::<String>::new());
    }

    #[test]
    #[cfg(unix)]
    fn where_a_link_leads_nothing_is_cleared() {
        let parent = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join(LOCK), "").unwrap();
        fs::create_dir(elsewhere.path().join("letters")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), parent.path().join(".punctual-partial-link")).unwrap();
        assert_eq!(clear(parent.path()), Cleared::default());
        assert_eq!(entries(elsewhere.path()), ["letters", "lock"]);
    }

    #[test]
    fn what_a_live_run_makes_is_never_cleared() {
        let parent = tempfile::tempdir().unwrap();
        let left = left_aside(parent.path(), "before");
        let held = File::options().write(true).open(left.join(LOCK)).unwrap();
        held.lock().unwrap();
        let staged = folder(&parent.path().join("other"), "mine");
        assert_eq!(clear(parent.path()), Cleared::default());
        staged.place().unwrap();
        assert_eq!(entries(parent.path()), [".punctual-partial-left", "other"]);
        drop(held);
        assert_eq!(clear(parent.path()).runs, 1);
        assert_eq!(entries(parent.path()), ["other", "report"]);
    }

    #[test]
    fn what_is_made_at_once_for_one_place_ends_as_one_of_them_whole() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("report");
        for two_steps in [false, true] {
            std::thread::scope(|scope| {
                for number in 0..8 {
                    let target = &target;
                    scope.spawn(move || {
                        for round in 0..20 {
                            let staged = folder(target, &format!("{number} {round}"));
                            match two_steps {
                                true => while staged.take_place_in_two_steps().is_err() {},
                                false => staged.place().unwrap(),
                            }
                        }
                    });
                }
            });
            assert!(text(&target).ends_with("19"));
            assert_eq!(entries(parent.path()), ["report"]);
        }
    }
}
