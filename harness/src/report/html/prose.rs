//! Sentences in which what stands between backticks is code.

use maud::{Markup, html};

/// A sentence for a page. A backtick without a partner, and two with nothing between them, stay what they are; everything is
/// escaped.
pub fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    html! {
        @for (place, part) in parts.iter().enumerate() {
            @match (place % 2 == 1, place + 1 < parts.len()) {
                (false, _) => (part),
                (true, true) if part.is_empty() => "``",
                (true, true) => code { (part) },
                (true, false) => { "`" (part) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn code_is_what_stands_between_two_backticks() {
        for (text, markup) in [
            ("`a: b` and `*`.", "<code>a: b</code> and <code>*</code>."),
            ("plain", "plain"),
            ("a ` b", "a ` b"),
            ("`a` ` b", "<code>a</code> ` b"),
            ("two `` of them", "two `` of them"),
            ("`<img src=x>`", "<code>&lt;img src=x&gt;</code>"),
            ("", ""),
        ] {
            assert_eq!(prose(text).into_string(), markup, "{text}");
        }
    }
}
