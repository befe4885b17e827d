//! Which rows of a page hold a value, as Parquet's definition levels say it.

use super::runs;

/// The rows of a page in the making.
#[derive(Debug, Default)]
pub(super) struct Levels {
    /// A level for each row: 1 where there is a value, and else 0.
    levels: Vec<u8>,
    nulls: usize,
}

impl Levels {
    /// Adds rows that all hold a value, or all hold none.
    pub(super) fn add_alike(&mut self, rows: usize, is_full: bool) {
        self.levels.resize(self.levels.len() + rows, u8::from(is_full));
        self.nulls += if is_full { 0 } else { rows };
    }

    /// Adds rows that hold a value or none.
    pub(super) fn add<T>(&mut self, rows: &[Option<T>]) {
        self.levels.extend(rows.iter().map(|value| u8::from(value.is_some())));
        self.nulls += rows.iter().filter(|value| value.is_none()).count();
    }

    pub(super) fn rows(&self) -> usize {
        self.levels.len()
    }

    pub(super) fn nulls(&self) -> usize {
        self.nulls
    }

    /// Adds the levels as bytes, their length before them, and begins anew.
    pub(super) fn take(&mut self, to: &mut Vec<u8>) {
        let start = to.len();
        to.extend_from_slice(&[0; 4]);
        let rows = self.rows();
        if self.nulls == 0 || self.nulls == rows {
            runs::put_run(rows, u32::from(self.nulls == 0), 1, to);
        } else {
            runs::put(&self.levels, 1, to);
        }
        let length = (to.len() - start - 4) as u32;
        to[start..start + 4].copy_from_slice(&length.to_le_bytes());
        self.levels.clear();
        self.nulls = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(levels: &mut Levels) -> Vec<u8> {
        let mut bytes = Vec::new();
        levels.take(&mut bytes);
        bytes
    }

    #[test]
    fn rows_that_are_alike_are_one_run_and_others_are_packed() {
        let mut levels = Levels::default();
        levels.add_alike(20, true);
        assert_eq!((levels.rows(), levels.nulls()), (20, 0));
        assert_eq!(bytes(&mut levels), [2, 0, 0, 0, 20 << 1, 1]);
        levels.add_alike(9, false);
        assert_eq!(bytes(&mut levels), [2, 0, 0, 0, 9 << 1, 0]);
        levels.add(&[Some(4), None, Some(5)]);
        assert_eq!((levels.rows(), levels.nulls()), (3, 1));
        assert_eq!(bytes(&mut levels), [2, 0, 0, 0, 1 << 1 | 1, 0b101]);
        assert_eq!((levels.rows(), levels.nulls()), (0, 0));
    }
}
