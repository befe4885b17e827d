//! What long work tells while it runs: the rooms emit events, the printer consumes them.

/// A step of long work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A stage begins: what is done, and how many units it has, where that is known (bytes of a
    /// file, queries, charts).
    Began {
        /// What is done, for a person: `reading tickets.csv`.
        stage: String,
        /// How many units it has.
        units: u64,
    },
    /// So many units of the stage under way are done.
    Advanced(u64),
}

/// Someone who is told how work goes on; called from several threads.
pub trait Observer: Sync {
    /// Takes an event.
    fn event(&self, event: Event);
}

/// An observer that takes no notice.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event) {}
}
