//! All cases, made from tables.

mod lists;
mod model;
mod origins;
#[cfg(feature = "rivals")]
mod requests;
mod values;

use crate::case::Case;

type Make = fn() -> Vec<Case>;

/// The fields cases are from, with what makes them.
const FIELDS: &[(&str, Make)] = &[
    ("list", lists::cases),
    ("values", values::cases),
    ("origins", origins::cases),
    #[cfg(feature = "rivals")]
    ("request", requests::cases),
    ("model", model::cases),
];

/// All of them, contenders of one comparison side by side; those whose id contains `filter`.
pub fn all(filter: &str) -> Vec<Case> {
    // A filter that begins with a field's name needs no other field's cases to be made.
    let named = FIELDS.iter().find(|(field, _)| filter.starts_with(field));
    let fields = FIELDS.iter().filter(|(field, _)| named.is_none_or(|(name, _)| name == field));
    let mut cases: Vec<Case> =
        fields.flat_map(|(_, make)| make()).filter(|case| case.id().contains(filter)).collect();
    cases.sort_by(|a, b| (&a.group, a.x).cmp(&(&b.group, b.x)));
    cases
}

/// Those of a field: `list`, `values`, `origins`, `request` or `model`.
pub fn of(field: &str) -> Vec<Case> {
    FIELDS.iter().filter(|(name, _)| *name == field).flat_map(|(_, make)| make()).collect()
}
