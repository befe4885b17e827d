//! SHA-256 as people and manifests write it.

#[cfg(feature = "report")]
use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, in hexadecimal.
#[cfg(feature = "report")]
pub fn of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A digest in hexadecimal.
pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
