//! The pages that run scenarios in a client.

use super::scenario::PageKey;

const RUNNER: &str = include_str!("runner.js");

/// The page that runs the scenarios of page `number`.
pub fn runner(number: usize) -> String {
    format!("{HEAD}<body><script>const PAGE = {number};\n{RUNNER}</script>")
}

/// The page that frames the runner of page `number`, and navigates when it is told where to.
pub fn framing(number: usize, page: &PageKey) -> String {
    // An opaque origin is that of a sandboxed frame.
    let (sandbox, origin) = match &*page.origin {
        "null" => ("sandbox=allow-scripts ", &page.top_level),
        _ => ("", &page.origin),
    };
    format!(
        "{HEAD}<body><script>onmessage = (event) => location.replace(event.data);</script>\
         <iframe {sandbox}src=\"{origin}/.corspec/frame?{number}\"></iframe>"
    )
}

/// The page that goes on to `next` when it has been shown, so that its host could set a cookie.
pub fn passing(next: &str) -> String {
    format!("{HEAD}<script>(self.corspecGo ?? ((url) => location.replace(url)))(\"{next}\");</script>")
}

// The icon keeps clients from asking for one.
const HEAD: &str = "<!doctype html><meta charset=utf-8><title>corspec</title><link rel=icon href=\"data:,\">";
