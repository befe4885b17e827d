//! SHA-256 as people and manifests write it.

#[cfg(feature = "report")]
use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, in hexadecimal.
#[cfg(feature = "report")]
pub fn of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// What the operating system says.
#[cfg(feature = "report")]
pub fn of_file(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::{ErrorKind, Read};
    let (mut file, mut buffer, mut hash) = (std::fs::File::open(path)?, vec![0; 1 << 18], Sha256::new());
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hexadecimal(&hash.finalize())),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A digest in hexadecimal.
pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
