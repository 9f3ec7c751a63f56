//! Animals that take one origin for another.

use corspec_model::Policy;
use corspec_model::policy::{AllowList, OriginPattern};

use super::animal::{Animal, Asked, Bug, CORRECT, Memory, and_origin, lenient};

const BREAKS: Option<&str> = Some("soundness/origin");

const fn animal(
    name: &'static str,
    does: &'static str,
    source: &'static str,
    believes: fn(&Policy, &Asked, &Memory) -> Policy,
) -> Animal {
    Animal { name, does, source, breaks: BREAKS, bug: Bug { believes, ..CORRECT } }
}

/// Host and port of an origin or pattern.
fn host(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    authority.trim_start_matches("*.")
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}

/// The animals.
pub const ANIMALS: &[Animal] = &[
    animal(
        "suffix-match",
        "an origin that ends with a listed host is allowed",
        "CVE-2024-27302 (go-zero)",
        |policy, asked, _| lenient(policy, asked, |listed, origin| origin.ends_with(host(listed))),
    ),
    animal(
        "prefix-match",
        "an origin that starts with a listed one is allowed",
        "CVE-2026-37737 (sanic-cors)",
        |policy, asked, _| lenient(policy, asked, |listed, origin| origin.starts_with(listed)),
    ),
    animal(
        "substring-match",
        "an origin that has a listed host anywhere in it is allowed",
        "CVE-2022-1996 (go-restful)",
        |policy, asked, _| lenient(policy, asked, |listed, origin| origin.contains(host(listed))),
    ),
    animal(
        "dot-is-any-character",
        "a dot in a listed origin stands for any character",
        "CVE-2026-25478 (litestar)",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                listed.len() == origin.len()
                    && listed
                        .bytes()
                        .zip(origin.bytes())
                        .all(|(listed, byte)| listed == byte || listed == b'.')
            })
        },
    ),
    animal(
        "entries-run-together",
        "the start of one listed origin and the host of another make an allowed one",
        "GHSA-vhxv-fg4m-p2w8 (jub0bs/cors)",
        |policy, asked, _| {
            let listed: Vec<String> = policy.origins.items().iter().map(ToString::to_string).collect();
            let origin = asked.origin();
            let run_together = listed.iter().any(|first| {
                let stem = first.rsplit_once('.').map_or(&**first, |(stem, _)| stem);
                listed.iter().any(|second| first != second && origin == format!("{stem}{}", host(second)))
            });
            if run_together { and_origin(policy, origin) } else { policy.clone() }
        },
    ),
    animal(
        "scheme-ignored",
        "only the host is compared",
        "django-cors-headers before 3.0.0",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| !listed.contains('*') && host(listed) == host(origin))
        },
    ),
    animal(
        "port-ignored",
        "the port is not compared",
        "CORScanner's comparison, and rules written for host names",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                listed.split("://").next() == origin.split("://").next()
                    && without_port(host(listed)) == without_port(host(origin))
                    && !listed.contains('*')
            })
        },
    ),
    animal(
        "plain-http-allowed",
        "the same host without TLS is allowed",
        "Corsy check 8, ZAP 40040",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| listed.replacen("https://", "http://", 1) == origin)
        },
    ),
    animal(
        "wildcard-without-dot",
        "`https://*.example.com` allows `https://evilexample.com`",
        "gofiber/fiber 5463d6ec",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                listed.split_once("*.").is_some_and(|(scheme, host)| {
                    origin.strip_prefix(scheme).is_some_and(|rest| rest.ends_with(host) && rest != host)
                })
            })
        },
    ),
    animal(
        "wildcard-allows-apex",
        "`https://*.example.com` allows `https://example.com`",
        "echo and hapi patterns; a frequent reading",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                listed.contains("*.") && listed.replacen("*.", "", 1) == origin
            })
        },
    ),
    animal(
        "wildcard-any-scheme",
        "a wildcard allows its subdomains over any scheme",
        "rs/cors patterns without a scheme",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                listed.contains("*.") && host(origin).ends_with(&format!(".{}", host(listed)))
            })
        },
    ),
    animal(
        "wildcard-unanchored",
        "what follows a wildcard's host is not looked at",
        "restify-cors-middleware; starlette #800",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                listed.split_once("*.").is_some_and(|(scheme, host)| {
                    origin.strip_prefix(scheme).is_some_and(|rest| rest.contains(&format!(".{host}")))
                })
            })
        },
    ),
    animal(
        "subdomains-of-listed",
        "a listed origin allows its subdomains",
        "CORStest: sub.host",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                !listed.contains('*') && host(origin).ends_with(&format!(".{}", host(listed)))
            })
        },
    ),
    animal(
        "sibling-subdomains",
        "every host of the same registered domain is allowed",
        "CORScanner: any subdomain",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                let domain = host(listed).split_once('.').map_or("", |(_, domain)| domain);
                domain.contains('.') && host(origin).ends_with(&format!(".{domain}"))
            })
        },
    ),
    animal(
        "parent-domain",
        "the parent of a listed host is allowed",
        "anchors of scanners: O-subdomain",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                let parent = host(listed).split_once('.').map_or("", |(_, parent)| parent);
                parent.contains('.') && host(origin) == parent
            })
        },
    ),
    animal(
        "word-boundary",
        "after a listed origin anything may follow that is no letter or digit",
        "nuclei cors-misconfig: FQDN and a special character",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                origin.strip_prefix(listed).is_some_and(|rest| {
                    rest.starts_with(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != ':')
                })
            })
        },
    ),
    animal(
        "trailing-dot",
        "a host with a dot at its end is the one without",
        "URL parsers that normalise",
        |policy, asked, _| lenient(policy, asked, |listed, origin| origin.strip_suffix('.') == Some(listed)),
    ),
    animal(
        "null-allowed",
        "`null` is allowed, listed or not",
        "GHSA-52cf-226f-rhr6 (http4s), rack-cors before 1.0.0",
        |policy, asked, _| {
            if asked.origin() == "null" { and_origin(policy, "null".into()) } else { policy.clone() }
        },
    ),
    animal(
        "null-for-the-refused",
        "a refused origin gets `Access-Control-Allow-Origin: null`, which allows every sandboxed frame",
        "NelmioCorsBundle PR #131",
        |policy, asked, _| {
            if policy.allows_origin(asked.origin().as_bytes()) {
                policy.clone()
            } else {
                and_origin(policy, "null".into())
            }
        },
    ),
    animal(
        "every-origin-reflected",
        "whatever origin asks is allowed",
        "CVE-2017-20146 (gorilla/handlers)",
        |policy, asked, _| and_origin(policy, asked.origin()),
    ),
    animal(
        "localhost-allowed",
        "localhost is allowed on any port",
        "KTOR-5936 (ktor)",
        |policy, asked, _| {
            let origin = asked.origin();
            if without_port(host(&origin)) == "localhost" {
                and_origin(policy, origin)
            } else {
                policy.clone()
            }
        },
    ),
    animal(
        "same-length-is-equal",
        "origins are compared up to the length of the shorter one",
        "a comparison with a length, as strncmp makes it",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                !origin.is_empty() && (listed.starts_with(origin) || origin.starts_with(listed))
            })
        },
    ),
    animal(
        "empty-list-allows-all",
        "a policy that lists nobody allows everybody",
        "poem: an empty list is any",
        |policy, _, _| match &policy.origins {
            AllowList::Only(origins) if origins.is_empty() => {
                Policy { origins: AllowList::Any, ..policy.clone() }
            }
            _ => policy.clone(),
        },
    ),
    animal(
        "case-folded",
        "the case of an origin is ignored",
        "rs/cors: origins are compared in lower case",
        |policy, asked, _| lenient(policy, asked, str::eq_ignore_ascii_case),
    ),
    animal(
        "shortened-hosts",
        "a listed host without its first or last character is allowed",
        "CORScanner: substring match",
        |policy, asked, _| {
            lenient(policy, asked, |listed, origin| {
                let host_of_origin = host(origin);
                !host_of_origin.is_empty() && host(listed).contains(host_of_origin)
            })
        },
    ),
    Animal {
        name: "first-listed-for-all",
        does: "the first listed origin is sent whoever asks",
        source: "Kong and gateways that take one value",
        breaks: Some("completeness/shared"),
        bug: Bug {
            believes: |policy, _, _| {
                let first: Vec<OriginPattern> = policy.origins.items().iter().take(1).cloned().collect();
                if policy.origins.is_any() {
                    policy.clone()
                } else {
                    Policy { origins: AllowList::Only(first), ..policy.clone() }
                }
            },
            ..CORRECT
        },
    },
    Animal {
        name: "ports-refused",
        does: "an origin with a port is refused although it is listed",
        source: "helidon #12190",
        breaks: Some("completeness/shared"),
        bug: Bug {
            believes: |policy, asked, _| {
                let policy = policy.clone();
                let origin = asked.origin();
                if host(&origin).contains(':') && !policy.origins.is_any() {
                    Policy { origins: AllowList::NONE, ..policy }
                } else {
                    policy
                }
            },
            ..CORRECT
        },
    },
    Animal {
        name: "no-deep-subdomains",
        does: "a wildcard stands for one label only",
        source: "elysia-cors #41; a frequent reading",
        breaks: Some("completeness/shared"),
        bug: Bug {
            believes: |policy, asked, _| {
                let policy = policy.clone();
                let origin = asked.origin();
                let listed = |pattern: &OriginPattern| match pattern {
                    OriginPattern::Subdomains { scheme, suffix } => origin
                        .strip_prefix(&**scheme)
                        .and_then(|rest| rest.strip_suffix(&**suffix))
                        .is_none_or(|labels| !labels.contains('.')),
                    _ => true,
                };
                let origins = match policy.origins {
                    AllowList::Only(origins) => AllowList::Only(origins.into_iter().filter(listed).collect()),
                    AllowList::Any => AllowList::Any,
                };
                Policy { origins, ..policy }
            },
            ..CORRECT
        },
    },
];
