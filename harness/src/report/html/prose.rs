//! Sentences in which what stands between backticks is code.

use maud::{Markup, html};

/// A sentence for a page; everything is escaped.
pub fn prose(text: &str) -> Markup {
    html! {
        @for part in parts(text) {
            @match part {
                Part::Words(words) => (words),
                Part::Code(code) => code { (code) },
            }
        }
    }
}

/// A sentence for a place that has but one kind of letters.
pub fn unmarked(text: &str) -> String {
    parts(text).map(|(Part::Words(part) | Part::Code(part))| part).collect()
}

/// A part of a sentence.
enum Part<'a> {
    Words(&'a str),
    Code(&'a str),
}

/// A backtick without a partner, and two with nothing between them, stay what they are.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let last = text.matches('`').count();
    text.split('`').enumerate().flat_map(move |(place, part)| match (place % 2 == 1, place < last) {
        (false, _) => [Part::Words(""), Part::Words(part)],
        (true, true) if part.is_empty() => [Part::Words("``"), Part::Words("")],
        (true, true) => [Part::Words(""), Part::Code(part)],
        (true, false) => [Part::Words("`"), Part::Words(part)],
    })
}

#[cfg(test)]
mod tests {
    use super::{prose, unmarked};

    #[test]
    fn code_is_what_stands_between_two_backticks() {
        for (text, markup, plain) in [
            ("`a: b` and `*`.", "<code>a: b</code> and <code>*</code>.", "a: b and *."),
            ("plain", "plain", "plain"),
            ("a ` b", "a ` b", "a ` b"),
            ("`a` ` b", "<code>a</code> ` b", "a ` b"),
            ("two `` of them", "two `` of them", "two `` of them"),
            ("`<img src=x>`", "<code>&lt;img src=x&gt;</code>", "<img src=x>"),
            ("", "", ""),
        ] {
            assert_eq!(prose(text).into_string(), markup, "{text}");
            assert_eq!(unmarked(text), plain, "{text}");
        }
    }
}
