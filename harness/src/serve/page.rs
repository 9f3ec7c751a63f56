//! What all pages have: head, navigation, style.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};

use crate::explanation::diagram::svg;
use crate::report::html::page::BASE_STYLE;

/// The style of every page. Diagrams have theirs in it, because pages allow no inline styles.
pub(super) static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{BASE_STYLE}{}{}", include_str!("serve.css"), svg::STYLE));

/// The script of pages that show steps.
pub(super) const STEPS: &str = include_str!("steps.js");

const PLACES: [(&str, &str); 4] =
    [("/", "Explainer"), ("/vectors", "Vectors"), ("/laws", "Laws"), ("/reports", "Reports")];

/// A page; `here` is its place in the navigation.
pub(super) fn page(title: &str, here: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-ready[here != "/"] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · corspec" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
                script src="/steps.js" defer {}
                @if here == "/" { script src="/explain.js" defer {} }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                nav.site aria-label="Site" {
                    ul {
                        li.brand { "corspec" }
                        @for (path, name) in PLACES {
                            li { a href=(path) aria-current=[(path == here).then_some("page")] { (name) } }
                        }
                    }
                }
                main #main {
                    h1 { (title) }
                    (body)
                }
            }
        }
    }
}
