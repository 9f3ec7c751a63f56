//! Tables of the cross-origin resource policy check and of the TAO check.

use super::{ModelDraft, ModelFile, lines};
use crate::model::{Algorithm, Input, Tainting};
use crate::request::EmbedderPolicy;

pub(super) fn files() -> Vec<ModelFile> {
    vec![
        (
            "generated-corp.json",
            "Values of Cross-Origin-Resource-Policy by relation and embedder policy.",
            corp(),
        ),
        (
            "generated-tao.json",
            "Values of Timing-Allow-Origin by origin, tainting and what happened before.",
            tao(),
        ),
    ]
}

fn corp() -> Vec<ModelDraft> {
    const VALUES: [(&str, &[&str]); 8] = [
        ("absent", &[]),
        ("same-origin", &["same-origin"]),
        ("same-site", &["same-site"]),
        ("cross-origin", &["cross-origin"]),
        ("upper", &["SAME-ORIGIN"]),
        ("list", &["same-origin, same-origin"]),
        ("two-lines", &["same-site", "same-origin"]),
        ("empty", &[""]),
    ];
    const RELATIONS: [(&str, &str, &str); 6] = [
        ("same-origin", "https://a.example.com", "https://a.example.com/x"),
        ("same-site", "https://a.example.com", "https://b.example.com/x"),
        ("same-site-from-http", "http://a.example.com", "https://b.example.com/x"),
        ("same-site-to-http", "https://a.example.com", "http://b.example.com/x"),
        ("cross-site", "https://a.example.com", "https://b.example.net/x"),
        ("opaque", "null", "https://a.example.com/x"),
    ];
    const POLICIES: [(&str, EmbedderPolicy, bool); 4] = [
        ("unsafe-none", EmbedderPolicy::UnsafeNone, true),
        ("require-corp", EmbedderPolicy::RequireCorp, false),
        ("credentialless", EmbedderPolicy::Credentialless, false),
        ("credentialless-with-credentials", EmbedderPolicy::Credentialless, true),
    ];
    let mut drafts = Vec::new();
    for (form, values) in VALUES {
        for (relation, origin, url) in RELATIONS {
            for (policy, embedder_policy, request_includes_credentials) in POLICIES {
                for (purpose, for_navigation) in [("subresource", false), ("navigation", true)] {
                    // That a navigation is another matter shows with one well-formed value as well as with eight.
                    if for_navigation && !matches!(form, "absent" | "same-origin" | "cross-origin") {
                        continue;
                    }
                    let headers: Vec<_> =
                        values.iter().map(|&value| ("Cross-Origin-Resource-Policy", value)).collect();
                    drafts.push(ModelDraft {
                        id: format!("gen-corp/{form}-{relation}-{policy}-{purpose}"),
                        title: format!("policy {form}, {relation}, embedder policy {policy}, {purpose}"),
                        citation: "cross-origin-resource-policy-internal-check/5",
                        algorithm: Algorithm::CrossOriginResourcePolicyCheck,
                        input: Input {
                            origin: Some(origin.to_owned()),
                            url: Some(url.to_owned()),
                            headers: Some(lines(&headers)),
                            embedder_policy: Some(embedder_policy),
                            request_includes_credentials,
                            for_navigation,
                            ..Input::default()
                        },
                    });
                }
            }
        }
    }
    drafts
}

fn tao() -> Vec<ModelDraft> {
    const VALUES: [(&str, &[&str]); 13] = [
        ("absent", &[]),
        ("star", &["*"]),
        ("origin", &["https://page.example"]),
        ("upper", &["HTTPS://PAGE.EXAMPLE"]),
        ("null", &["null"]),
        ("null-mixed", &["Null"]),
        ("other", &["https://other.example"]),
        ("list", &["https://other.example, https://page.example"]),
        ("space", &["https://page.example *"]),
        ("quoted", &["\"*\""]),
        ("two-lines", &["https://other.example", "*"]),
        ("empty", &[""]),
        ("trailing-slash", &["https://page.example/"]),
    ];
    let mut drafts = Vec::new();
    for (form, values) in VALUES {
        for (kind, origin) in [("tuple", "https://page.example"), ("opaque", "null")] {
            for (taint, tainting) in
                [("basic", Tainting::Basic), ("cors", Tainting::Cors), ("opaque", Tainting::Opaque)]
            {
                for (before, timing_allow_failed) in [("first", false), ("after-failure", true)] {
                    let headers: Vec<_> =
                        values.iter().map(|&value| ("Timing-Allow-Origin", value)).collect();
                    drafts.push(ModelDraft {
                        id: format!("gen-tao/{form}-{kind}-{taint}-{before}"),
                        title: format!("values {form}, {kind} origin, {taint} tainting, {before}"),
                        citation: "tao-check/5",
                        algorithm: Algorithm::TaoCheck,
                        input: Input {
                            origin: Some(origin.to_owned()),
                            url: Some("https://api.example/".to_owned()),
                            headers: Some(lines(&headers)),
                            tainting: Some(tainting),
                            timing_allow_failed,
                            ..Input::default()
                        },
                    });
                }
            }
        }
    }
    drafts
}
