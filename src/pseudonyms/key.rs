//! The key, and a pseudonym by it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::sha256::hexadecimal;

/// The fewest bytes of a key: fewer could be tried out.
const FEWEST: usize = 16;

/// The most. A longer file is hardly a key, and a device that never ends would be read for ever.
const MOST: usize = 4096;

/// The digits of Crockford's base 32, which leaves out those that are misread for others. They
/// stand in the order of their bytes, so that pseudonyms sort as the numbers they write.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many of them a pseudonym has: 80 bits, so that two names of millions do not meet.
const LENGTH: usize = 16;

/// What a pseudonym stands for. A customer and an account manager of one name have two
/// pseudonyms that have nothing in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A customer: `C-`.
    Customer,
    /// A ticket: `T-`.
    Ticket,
    /// An account manager: `M-`.
    AccountManager,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Kind::Customer => "C-",
            Kind::Ticket => "T-",
            Kind::AccountManager => "M-",
        }
    }

    /// Part of what is hashed: it never changes, or all pseudonyms would.
    const fn tag(self) -> u8 {
        match self {
            Kind::Customer => 1,
            Kind::Ticket => 2,
            Kind::AccountManager => 3,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Customer => "customers",
            Kind::Ticket => "tickets",
            Kind::AccountManager => "account managers",
        })
    }
}

/// The tag of a digest, beside those of the kinds.
const DIGEST_TAG: u8 = 4;

/// A key is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system does not give it.
    #[error("the key {path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// It could be tried out.
    #[error(
        "{whose} has {0} bytes, and a key must have at least {FEWEST} that nobody can guess; make one with: \
         head -c 32 /dev/urandom | base64 > key", whose = file(.1)
    )]
    Short(usize, Option<String>),
    /// It is hardly a key.
    #[error(
        "{whose} has more than {MOST} bytes, which is no key; make one with: \
         head -c 32 /dev/urandom | base64 > key", whose = file(.0)
    )]
    Long(Option<String>),
}

fn file(path: &Option<String>) -> String {
    path.as_ref().map_or_else(|| "the key".to_owned(), |path| format!("the key {path}"))
}

/// A secret that pseudonyms hang on.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    /// Never the secret: a key stands in no message and no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// The key in a file: its bytes, less the line ends that stand last.
    ///
    /// # Errors
    /// [`KeyError`] where it cannot be read, or is no key.
    pub fn read(path: &Path) -> Result<Key, KeyError> {
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        // One more than a key and its line end have, which shows that there is more.
        let read = File::open(path).and_then(|file| file.take(MOST as u64 + 3).read_to_end(&mut bytes));
        read.map_err(|error| KeyError::Io { path: name.clone(), error })?;
        Key::of_file(&bytes, Some(name))
    }

    /// The key that these bytes are, less the line ends that stand last.
    ///
    /// # Errors
    /// [`KeyError`] where they are too few or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Key, KeyError> {
        Key::of_file(bytes, None)
    }

    fn of_file(bytes: &[u8], path: Option<String>) -> Result<Key, KeyError> {
        let end = bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        let secret = &bytes[..end];
        if secret.len() < FEWEST {
            return Err(KeyError::Short(secret.len(), path));
        }
        if secret.len() > MOST || bytes.len() > MOST + 2 {
            return Err(KeyError::Long(path));
        }
        // HMAC takes secrets of any length; should that change, it is the length that is at fault.
        Hmac::new_from_slice(secret).map(Key).map_err(|_| KeyError::Short(secret.len(), path))
    }

    /// The pseudonym of a customer, ticket or account manager: `C-`, `T-` or `M-` and 16
    /// characters. The same text has the same one in every run and every file.
    pub fn of(&self, kind: Kind, text: &str) -> String {
        spelt(kind, self.number(kind, text))
    }

    /// Its pseudonym as a number of 80 bits; numbers stand in the order of their pseudonyms.
    pub(super) fn number(&self, kind: Kind, text: &str) -> u128 {
        let hash = self.hash(kind.tag(), text.as_bytes());
        hash.iter().take(LENGTH * 5 / 8).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// A digest that tells whoever has the key whether a thing is the one they have, and nobody
    /// else: a plain hash of something short would let anyone try what it may have been.
    pub fn digest(&self, text: &str) -> String {
        format!("hmac-sha256:{}", hexadecimal(&self.hash(DIGEST_TAG, text.as_bytes())))
    }

    fn hash(&self, tag: u8, bytes: &[u8]) -> [u8; 32] {
        let mut hash = self.0.clone();
        hash.update(&[tag, 0]);
        hash.update(bytes);
        hash.finalize().into_bytes().into()
    }
}

/// A pseudonym written out.
pub(super) fn spelt(kind: Kind, number: u128) -> String {
    let digit = |place: usize| char::from(DIGITS[(number >> (5 * place)) as usize & 31]);
    kind.prefix().chars().chain((0..LENGTH).rev().map(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"an invented key of the tests";

    fn key() -> Key {
        Key::from_bytes(SECRET).unwrap()
    }

    #[test]
    fn a_pseudonym_is_the_first_80_bits_of_the_keyed_hash_in_base_32() {
        // Worked out by another implementation of HMAC-SHA256, over the tag, a zero and the text.
        assert_eq!(key().of(Kind::Customer, "ACME SA"), "C-HXZEY9SW9XMDPJFK");
        assert_eq!(key().of(Kind::Ticket, "ACME SA"), "T-X7SDMYRGEDQRDCBR");
        assert_eq!(key().of(Kind::AccountManager, "ACME SA"), "M-X2F3VDKW6H7HVV6T");
    }

    #[test]
    fn another_key_gives_other_pseudonyms() {
        let other = Key::from_bytes(b"another invented key").unwrap();
        assert_ne!(other.of(Kind::Customer, "ACME SA"), key().of(Kind::Customer, "ACME SA"));
        assert_ne!(other.digest("text"), key().digest("text"));
    }

    #[test]
    fn pseudonyms_sort_as_their_numbers() {
        let numbers = [0, 1, 9, 10, 31, 32, (1 << 40) + 7, (1 << 80) - 1];
        assert!(numbers.windows(2).all(|two| spelt(Kind::Ticket, two[0]) < spelt(Kind::Ticket, two[1])));
        assert_eq!(spelt(Kind::Ticket, (1 << 80) - 1), "T-ZZZZZZZZZZZZZZZZ");
    }

    #[test]
    fn line_ends_at_the_end_of_a_key_are_no_part_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for end in ["", "\n", "\r\n", "\n\n"] {
            std::fs::write(&path, [SECRET, end.as_bytes()].concat()).unwrap();
            assert_eq!(Key::read(&path).unwrap().of(Kind::Ticket, "7"), key().of(Kind::Ticket, "7"));
        }
    }

    #[test]
    fn a_key_that_could_be_tried_out_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "fifteen bytes !\r\n").unwrap();
        let error = Key::read(&path).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "the key {} has 15 bytes, and a key must have at least 16 that nobody can guess; make one \
                 with: head -c 32 /dev/urandom | base64 > key",
                path.display()
            )
        );
        assert!(Key::from_bytes(&[b'x'; 16]).is_ok() && Key::from_bytes(&[b'\n'; 40]).is_err());
    }

    #[test]
    fn a_file_far_too_long_for_a_key_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, vec![b'x'; MOST]).unwrap();
        assert!(Key::read(&path).is_ok());
        std::fs::write(&path, vec![b'x'; MOST + 1]).unwrap();
        let error = Key::read(&path).unwrap_err().to_string();
        assert!(error.contains("has more than 4096 bytes, which is no key"), "{error}");
        let missing = Key::read(&folder.path().join("none")).unwrap_err().to_string();
        assert!(missing.starts_with("the key ") && missing.contains("none: "), "{missing}");
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", key()), "Key(…)");
    }
}
