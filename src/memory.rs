//! The memory of the command, in which threads make columns, hand them on, and free what others made.
//!
//! Small blocks are `mimalloc`'s. It keeps each size of each thread apart, so that of large blocks as
//! much again would lie idle; and a machine may take longer to hand out memory for the first time
//! than it takes to fill it. So large blocks come from one place for all threads, where each gets
//! the tightest piece of what is free.

use std::alloc::{GlobalAlloc, Layout};
use std::mem::ManuallyDrop;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dlmalloc::{Allocator, Dlmalloc};
#[cfg(target_os = "linux")]
use memmap2::Advice;
use memmap2::MmapMut;
use mimalloc::MiMalloc;

/// Blocks from this size on are large.
const LARGE: usize = 16 << 10;
/// Large blocks are cut from regions of this size, or a multiple of it.
const REGION: usize = 64 << 20;
/// Regions are whole pages on any system.
const PAGE: usize = 64 << 10;

/// The allocator of the command.
pub(crate) struct Memory {
    large: Mutex<Dlmalloc<Regions>>,
}

impl Memory {
    pub(crate) const fn new() -> Memory {
        Memory { large: Mutex::new(Dlmalloc::new_with_allocator(Regions)) }
    }

    /// Nothing panics while it is locked, so that nothing in it is ever half done.
    fn large(&self) -> MutexGuard<'_, Dlmalloc<Regions>> {
        self.large.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_large(size: usize) -> bool {
    size >= LARGE
}

// SAFETY: each block goes back to whom it came from, as its size says, which is that of its layout.
#[allow(unsafe_code, reason = "what is allocated only its users know to be used rightly")]
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match is_large(layout.size()) {
            true => unsafe { self.large().malloc(layout.size(), layout.align()) },
            false => unsafe { MiMalloc.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !is_large(layout.size()) {
            return unsafe { MiMalloc.alloc_zeroed(layout) };
        }
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match is_large(layout.size()) {
            true => unsafe { self.large().free(block, layout.size(), layout.align()) },
            false => unsafe { MiMalloc.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match (is_large(layout.size()), is_large(size)) {
            (true, true) => unsafe { self.large().realloc(block, layout.size(), layout.align(), size) },
            (false, false) => unsafe { MiMalloc.realloc(block, layout, size) },
            _ => unsafe {
                let other = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
                if !other.is_null() {
                    other.copy_from_nonoverlapping(block, layout.size().min(size));
                    self.dealloc(block, layout);
                }
                other
            },
        }
    }
}

/// The regions that large blocks are cut from; none of them is given back before the end.
struct Regions;

// SAFETY: a region has the size that is said of it, and is nobody else's.
#[allow(unsafe_code, reason = "memory comes of an allocator")]
unsafe impl Allocator for Regions {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let region = size.checked_next_multiple_of(REGION).and_then(|size| MmapMut::map_anon(size).ok());
        let Some(region) = region else { return (std::ptr::null_mut(), 0, 0) };
        // What huge pages save is less than what they cost where a host takes back free memory: that
        // is all in pieces of their size, and small pages come from what is left between them.
        #[cfg(target_os = "linux")]
        let _ = region.advise(Advice::NoHugePage);
        let mut region = ManuallyDrop::new(region);
        (region.as_mut_ptr(), region.len(), 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        std::ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

#[cfg(test)]
#[allow(unsafe_code, clippy::unwrap_used, reason = "what is tested is unsafe; a test may panic")]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// A block of which every byte is its mark.
    struct Block {
        start: *mut u8,
        layout: Layout,
        mark: u8,
    }

    // SAFETY: a block is used by whoever has it.
    unsafe impl Send for Block {}

    impl Block {
        fn of(size: usize, align: usize, mark: u8, is_zeroed: bool) -> Block {
            let layout = Layout::from_size_align(size, align).unwrap();
            let start = unsafe {
                match is_zeroed {
                    true => crate::MEMORY.alloc_zeroed(layout),
                    false => crate::MEMORY.alloc(layout),
                }
            };
            assert!(!start.is_null() && start.addr().is_multiple_of(align));
            let block = Block { start, layout, mark };
            assert!(!is_zeroed || block.bytes().iter().all(|byte| *byte == 0));
            block.marked()
        }

        fn bytes(&self) -> &[u8] {
            unsafe { std::slice::from_raw_parts(self.start, self.layout.size()) }
        }

        fn marked(self) -> Block {
            unsafe { self.start.write_bytes(self.mark, self.layout.size()) };
            self
        }

        /// The same of another size.
        fn resized(self, size: usize) -> Block {
            let start = unsafe { crate::MEMORY.realloc(self.start, self.layout, size) };
            assert!(!start.is_null() && start.addr().is_multiple_of(self.layout.align()));
            let layout = Layout::from_size_align(size, self.layout.align()).unwrap();
            let block = Block { start, layout, mark: self.mark };
            let kept = self.layout.size().min(size);
            assert!(block.bytes()[..kept].iter().all(|byte| *byte == self.mark));
            block.marked()
        }

        fn free(self) {
            assert!(self.bytes().iter().all(|byte| *byte == self.mark));
            unsafe { crate::MEMORY.dealloc(self.start, self.layout) };
        }
    }

    const SIZES: [usize; 9] =
        [1, 100, LARGE - 1, LARGE, LARGE + 1, 100_000, 1 << 20, REGION / 2 + 1, REGION + 1];

    #[test]
    fn blocks_of_any_size_and_place_are_their_owners_alone_and_keep_what_is_in_them() {
        let (give, take) = channel();
        std::thread::scope(|scope| {
            for thread in 0..3_usize {
                let give = give.clone();
                scope.spawn(move || {
                    for number in 0..40_usize {
                        let mark = (1 + thread * 40 + number) as u8;
                        let size = |step: usize| SIZES[(number * step + thread) % SIZES.len()];
                        let align = [1, 8, 64, 4096][number % 4];
                        let block = Block::of(size(1), align, mark, number % 3 == 0);
                        give.send(block.resized(size(2)).resized(size(4))).unwrap();
                    }
                });
            }
            drop(give);
            let mut held = Vec::new();
            for block in take {
                held.push(block);
                if held.len() > 7 {
                    held.swap_remove(held.len() / 2).free();
                }
            }
            held.into_iter().for_each(Block::free);
        });
    }

    #[test]
    fn freed_large_blocks_are_handed_out_again() {
        let before = Memory::new();
        let layout = Layout::from_size_align(REGION / 4, 8).unwrap();
        let first = unsafe { before.alloc(layout) };
        unsafe { before.dealloc(first, layout) };
        let smaller = Layout::from_size_align(LARGE, 8).unwrap();
        let second = unsafe { before.alloc(smaller) };
        assert_eq!(first, second);
        unsafe { before.dealloc(second, smaller) };
    }

    #[test]
    fn what_no_machine_has_is_not_allocated() {
        let layout = Layout::from_size_align(isize::MAX as usize - PAGE, 8).unwrap();
        assert!(unsafe { Memory::new().alloc(layout) }.is_null());
    }
}
