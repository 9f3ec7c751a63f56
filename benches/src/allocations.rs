//! Allocations, counted by an allocator that counts.

use allocation_counter::{AllocationInfo, measure as counted};

use crate::case::Case;
use crate::record::Figure;

/// How often an operation of each case allocates, and how many bytes. What is done once only was done before.
pub fn measure(cases: &mut [Case]) -> Vec<Figure> {
    cases
        .iter_mut()
        .flat_map(|case| {
            let AllocationInfo { count_total, bytes_total, .. } = of(case);
            let each = |total: u64| vec![total as f64 / case.operations as f64];
            [Figure::of(case, "allocations", each(count_total)), Figure::of(case, "bytes", each(bytes_total))]
        })
        .collect()
}

/// What one run of the case allocates.
pub fn of(case: &mut Case) -> AllocationInfo {
    case.prepare();
    case.run();
    counted(|| {
        case.run();
    })
}
