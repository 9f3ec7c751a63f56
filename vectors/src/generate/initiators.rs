//! How each initiator sets up its request, and what it makes of the answer.

use super::{ClientDraft, ClientFile, PAGE, actual, fetch, lines, preflight};
use crate::request::{CrossOrigin, Initiator, RequestDocument, RequestOptions};

const ELEMENTS: [(&str, Initiator); 11] = [
    ("img", Initiator::Img),
    ("script", Initiator::Script),
    ("module-script", Initiator::ModuleScript),
    ("stylesheet", Initiator::Stylesheet),
    ("video", Initiator::Video),
    ("audio", Initiator::Audio),
    ("font", Initiator::Font),
    ("css-shape", Initiator::CssShape),
    ("css-image", Initiator::CssImage),
    ("webgl-texture", Initiator::WebglTexture),
    ("canvas-image", Initiator::CanvasImage),
];

const GRANTS: [(&str, &[(&str, &str)]); 4] = [
    ("nothing", &[]),
    ("star", &[("Access-Control-Allow-Origin", "*")]),
    ("page", &[("Access-Control-Allow-Origin", PAGE)]),
    ("credentials", &[("Access-Control-Allow-Origin", PAGE), ("Access-Control-Allow-Credentials", "true")]),
];

pub(super) fn files() -> Vec<ClientFile> {
    let mut drafts = Vec::new();
    for (where_to, url) in [("cross", "https://api.example/"), ("same", "https://page.example/")] {
        for (grant, headers) in GRANTS {
            for (name, initiator) in ELEMENTS {
                for (attribute_name, cross_origin) in [
                    ("none", None),
                    ("anonymous", Some(CrossOrigin::Anonymous)),
                    ("use-credentials", Some(CrossOrigin::UseCredentials)),
                ] {
                    let options = RequestOptions { initiator, cross_origin, ..RequestOptions::default() };
                    drafts.push(draft(&[name, attribute_name, where_to, grant], url, options, headers));
                }
            }
            for (name, with_credentials) in [("plain", false), ("with-credentials", true)] {
                let options = RequestOptions {
                    initiator: Initiator::Eventsource,
                    with_credentials,
                    ..RequestOptions::default()
                };
                drafts.push(draft(&["eventsource", name, where_to, grant], url, options, headers));
                for (listeners, upload_listeners) in [("silent", false), ("upload-listeners", true)] {
                    for method in ["GET", "POST", "PUT"] {
                        let options = RequestOptions {
                            initiator: Initiator::Xhr,
                            method: Some(method.into()),
                            body: crate::request::BodyDocument::Present(method != "GET"),
                            with_credentials,
                            upload_listeners,
                            ..RequestOptions::default()
                        };
                        let axes = ["xhr", name, listeners, &method.to_lowercase(), where_to, grant];
                        drafts.push(draft(&axes, url, options, headers));
                    }
                }
            }
            for (name, content_type) in [
                ("form", "application/x-www-form-urlencoded"),
                ("text", "text/plain;charset=UTF-8"),
                ("json", "application/json"),
            ] {
                let options = RequestOptions {
                    initiator: Initiator::Beacon,
                    headers: lines(&[("Content-Type", content_type)]),
                    body: crate::request::BodyDocument::Present(true),
                    ..RequestOptions::default()
                };
                drafts.push(draft(&["beacon", name, where_to, grant], url, options, headers));
            }
        }
    }
    vec![(
        "generated-initiators.json",
        "Each initiator, same-origin and cross-origin, by what the server grants.",
        "initiator",
        drafts,
    )]
}

fn draft(axes: &[&str], url: &str, options: RequestOptions, grant: &[(&str, &str)]) -> ClientDraft {
    let mut allow = grant.to_vec();
    if !grant.is_empty() {
        allow.extend([
            ("Access-Control-Allow-Methods", "PUT"),
            ("Access-Control-Allow-Headers", "content-type"),
        ]);
    }
    let request = RequestDocument { origin: PAGE.to_owned(), url: url.to_owned(), options };
    ClientDraft {
        axes: axes.iter().map(|&axis| axis.to_owned()).collect(),
        title: format!("{}: the server grants {}", axes[..axes.len() - 1].join(", "), axes[axes.len() - 1]),
        citation: "main-fetch/12",
        fetches: vec![fetch(request, vec![preflight(204, &allow), actual(200, grant)])],
    }
}
