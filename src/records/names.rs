//! Interned names, and many texts in one buffer.

use std::num::NonZeroU32;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// An interned text; equal texts are equal names. Never 0, so that an `Option<Name>` is as small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(NonZeroU32);

impl Name {
    /// Its place among the names it was interned with, from 0.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The name at a place; the last possible one beyond four thousand million.
    pub const fn from_index(index: usize) -> Name {
        match NonZeroU32::new(index as u32 + 1) {
            Some(number) => Name(number),
            None => Name(NonZeroU32::MAX),
        }
    }
}

/// Many texts in one buffer, by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    bytes: String,
    ends: Vec<usize>,
}

impl Text {
    /// Adds a text at the end.
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    /// Takes all texts out, and leaves their room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Makes room for so many texts more, of so many bytes.
    pub fn reserve(&mut self, texts: usize, bytes: usize) {
        self.ends.reserve_exact(texts);
        self.bytes.reserve_exact(bytes);
    }

    /// Adds other texts at the end.
    pub fn append(&mut self, others: &Text) {
        let before = self.bytes.len();
        self.bytes.push_str(&others.bytes);
        self.ends.extend(others.ends.iter().map(|end| before + end));
    }

    /// The text at a place.
    pub fn get(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.bytes[start..self.ends[place]]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        (0..self.len()).map(|place| self.get(place))
    }

    /// How many bytes they hold together.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// An interner: each different text once.
#[derive(Debug, Clone, Default)]
pub struct Names {
    texts: Text,
    places: HashTable<u32>,
}

impl Names {
    /// The name of a text, new or known.
    pub fn intern(&mut self, text: &str) -> Name {
        let hash = FxBuildHasher.hash_one(text);
        if let Some(place) = self.places.find(hash, |place| self.texts.get(*place as usize) == text) {
            return Name::from_index(*place as usize);
        }
        let place = self.texts.len() as u32;
        self.texts.push(text);
        let texts = &self.texts;
        self.places.insert_unique(hash, place, |place| FxBuildHasher.hash_one(texts.get(*place as usize)));
        Name::from_index(place as usize)
    }

    /// The name of a text, if it is known.
    pub fn find(&self, text: &str) -> Option<Name> {
        let hash = FxBuildHasher.hash_one(text);
        let place = self.places.find(hash, |place| self.texts.get(*place as usize) == text)?;
        Some(Name::from_index(*place as usize))
    }

    /// The text of a name.
    pub fn text(&self, name: Name) -> &str {
        self.texts.get(name.index())
    }

    /// The texts of all names, by their places.
    pub fn texts(&self) -> &Text {
        &self.texts
    }

    /// The texts of all names, by their places, where no more are to come.
    pub fn into_texts(self) -> Text {
        self.texts
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_equal_names() {
        let mut names = Names::default();
        let (a, b, again) = (names.intern("Aé"), names.intern(""), names.intern("Aé"));
        assert_eq!(a, again);
        assert_ne!(a, b);
        assert_eq!(names.text(a), "Aé");
        assert_eq!(names.text(b), "");
        assert_eq!(names.find("Aé"), Some(a));
        assert_eq!(names.find("?"), None);
        assert_eq!(size_of::<Option<Name>>(), 4);
    }
}
