//! Header parsing: the model's parsers, which follow the standard's steps, against [grammars](crate::grammar) and other
//! readings of the same rules.
//!
//! The work of a parser is bounded as well: what it gives back is never longer than what it was given, and `tests/work.rs`
//! counts what it does for each byte.

pub mod get_decode_and_split;
pub mod list_headers;
pub mod max_age;
pub mod mime_type;
pub mod serialized_origin;
pub mod single_range;

use corspec_model::HeaderList;

/// The names of the targets here.
pub const TARGETS: [&str; 6] =
    ["list_headers", "serialized_origin", "get_decode_and_split", "mime_type", "single_range", "max_age"];

/// A header of this name with these lines, as they are: also such as no connection brings, with space at their ends.
fn header<'a>(name: &str, lines: impl IntoIterator<Item = &'a [u8]>) -> HeaderList {
    let mut list = HeaderList::new();
    for line in lines {
        list.append(name, line);
    }
    list
}
