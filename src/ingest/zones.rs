//! The time zones that an export names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::calendar::{UnknownZone, Zone};

/// The zones met so far, each made once.
#[derive(Debug, Default)]
pub(super) struct Zones(Mutex<HashMap<String, Arc<Zone>>>);

impl Zones {
    pub(super) fn get(&self, name: &str) -> Result<Arc<Zone>, UnknownZone> {
        // A zone is put in whole or not at all, so that a poisoned lock holds nothing half-made.
        let mut zones = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = zones.get(name) {
            return Ok(Arc::clone(zone));
        }
        let zone = Arc::new(Zone::named(name)?);
        zones.insert(name.to_owned(), Arc::clone(&zone));
        Ok(zone)
    }
}
