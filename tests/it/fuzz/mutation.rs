//! A seeded generator that makes other inputs of given ones.

/// Numbers in a fixed order from a seed (SplitMix64).
pub struct Random(u64);

/// What stands in exports and trips readers.
const TOKENS: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xC3",
    b"\xED\xA0\x80",
    b"\xF0\x9F\x92\xA9",
    b"-",
    b"?",
    b"0",
    b"-1",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"1e400",
    b"NaN",
    b"2024-05-03T14:00:00Z",
    b"2024-02-30 25:61:61",
    b"1900-01-01 00:00:00",
    b"9999-12-31T23:59:59+14:00",
    b"0000-00-00",
    b"true",
    b"FALSE",
    b"support",
    b"customer",
    b"Europe/Paris",
    b"+05:30",
    b"Pacific Time (US & Canada)",
    b"*",
    b"**",
    b"(",
    b"[",
    b"]",
    b"{",
    b"}",
    b"=",
    b"#",
    b"\"\"\"",
    b"%",
    b"%d",
    b"%+",
    b"%Q",
    b"extends = \"jira\"\n",
    b"column",
    b"lookup",
    b"= 99999999999999999999\n",
    b"= -1\n",
    b"24:00",
    b"25h",
    b"1h30m",
    b"\x1F\x8B\x08",
    b"PAR1",
];

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Another input, made of one of these, with pieces of the others.
    pub fn mutated(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = pool[self.below(pool.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut bytes, pool);
        }
        // Now and then it is only cut.
        if self.below(16) == 0 {
            bytes.truncate(self.below(bytes.len() + 1));
        }
        bytes.truncate(1 << 20);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, pool: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + 1 + self.below(24)).min(bytes.len());
        match self.below(10) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.next() as u8,
            2 | 3 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            4 if at < end => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..end, token.iter().copied());
            }
            5 if at < end => drop(bytes.drain(at..end)),
            6 if at < end => {
                // The same again, a few or many times.
                let piece = bytes[at..end].to_vec();
                let times = if self.below(20) == 0 { 2_000 } else { 1 + self.below(4) };
                bytes.splice(at..at, piece.iter().copied().cycle().take(piece.len() * times));
            }
            7 => {
                let other = &pool[self.below(pool.len())];
                let from = self.below(other.len() + 1);
                let until = (from + self.below(200)).min(other.len());
                bytes.splice(at..at, other[from..until].iter().copied());
            }
            8 => self.swap_lines(bytes),
            _ => {
                // Numbers, in text and in binary, at their ends.
                let number =
                    [0_u64, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, u64::MAX][self.below(9)];
                let width = [1, 2, 4, 8][self.below(4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number.to_le_bytes()[..width]);
            }
        }
    }

    fn swap_lines(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> =
            bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.len() > 1 {
            let (one, other) = (self.below(lines.len()), self.below(lines.len()));
            lines.swap(one, other);
            *bytes = lines.concat();
        }
    }
}
