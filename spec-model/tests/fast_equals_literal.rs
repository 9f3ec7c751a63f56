//! The fast versions against the literal code, which is the definition: on inputs made of the pieces that matter, put
//! together by chance, and on the policies of the server vectors.

use corspec_model::abnf::{Abnf, is_token};
use corspec_model::fast::{
    Decision, NameSet, Origins, Responder, cors_check as fast_check, list, preflight, safelist,
};
use corspec_model::policy::{AllowList, OriginPattern};
use corspec_model::reference::{Answer, respond};
use corspec_model::request::CredentialsMode;
use corspec_model::request_headers::{cors_unsafe_request_header_names, is_cors_safelisted_request_header};
use corspec_model::{
    HeaderList, Origin, Policy, Request, Response, cors_check, cors_preflight_fetch, header_list,
};

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        Self(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    fn one_of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// Up to `most` of the pieces, one after the other.
    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.below(most + 1)).map(|_| self.one_of(pieces)).collect()
    }

    fn some<'a>(&mut self, items: &[&'a str]) -> Vec<&'a str> {
        items.iter().copied().filter(|_| self.below(2) == 0).collect()
    }
}

/// What lists are made of: names, near misses, and all that may stand between.
const LIST: [&str; 22] = [
    ",",
    ",",
    ", ",
    ",",
    " ",
    "\t",
    ",,,,,,,,",
    " , , , , ,",
    "        ",
    "x-token",
    "X-Token",
    "x-toke",
    "x-tokens",
    "x",
    "authorization",
    "content-type",
    "x-a-name-of-seventeen",
    "*",
    "\u{1}",
    "\"",
    "é",
    ";",
];

#[test]
fn tokens_are_those_the_grammar_extracts() {
    let mut dice = Dice::new();
    let mut failures = 0;
    for _ in 0..50_000 {
        let value = dice.text(&LIST, 12);
        let mut literal = Vec::new();
        let ok = Abnf::TokenList.extract(value.as_bytes(), &mut literal).is_ok();
        let fast: Vec<_> = list::tokens(value.as_bytes()).collect();
        failures += usize::from(!ok);
        assert_eq!(fast.iter().all(Result::is_ok), ok, "{value:?}");
        if ok {
            assert_eq!(fast.into_iter().flatten().collect::<Vec<_>>(), literal, "{value:?}");
        }
    }
    assert!((10_000..40_000).contains(&failures), "{failures} of 50000 did not parse");
}

#[test]
fn a_list_over_several_lines_is_matched_as_the_combined_value_is() {
    let mut dice = Dice::new();
    let allowed = ["x-token", "x", "content-type", "x-a-name-of-seventeen"];
    let set = NameSet::new(allowed);
    let mut granted = 0;
    for _ in 0..100_000 {
        let mut headers = HeaderList::new();
        for _ in 0..=dice.below(3) {
            headers.append("Access-Control-Request-Headers", dice.text(&LIST[..13], 6));
        }
        let combined = headers.get("Access-Control-Request-Headers").unwrap();
        let mut names = Vec::new();
        let parses = Abnf::TokenList.extract(&combined, &mut names).is_ok();
        let literal = parses
            && names.iter().all(|name| allowed.iter().any(|a| a.as_bytes().eq_ignore_ascii_case(name)));
        granted += usize::from(literal);
        let fast = set.contains_all(headers.lines("Access-Control-Request-Headers"));
        assert_eq!(fast, literal, "{headers:?}");
        assert_eq!(
            list::all(headers.lines("Access-Control-Request-Headers"), is_token),
            parses,
            "{headers:?}"
        );
    }
    assert!((10_000..90_000).contains(&granted), "{granted} of 100000 were granted");
}

#[test]
fn a_set_of_names_has_its_names_in_any_case_and_no_other() {
    let names: Vec<String> = (0..300)
        .map(|n| format!("x-{}-{n}", &"a-rather-long-name"[..n % 18]))
        .chain(["a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi"].map(str::to_owned))
        .collect();
    let (inside, outside): (Vec<_>, Vec<_>) = names.iter().enumerate().partition(|(index, _)| index % 2 == 0);
    let set = NameSet::new(inside.iter().map(|(_, name)| &***name));
    for (_, name) in inside {
        assert!(set.contains(name.as_bytes()), "{name}");
        assert!(set.contains(name.to_ascii_uppercase().as_bytes()), "{name}");
        for near in [format!("{name}x"), format!("x{name}"), name.replace('-', "_"), name[1..].to_owned()] {
            let listed = names.iter().step_by(2).any(|other| *other == near);
            assert_eq!(set.contains(near.as_bytes()), listed, "{near}");
        }
    }
    for (_, name) in outside {
        assert!(!set.contains(name.as_bytes()), "{name}");
    }
    // Folding a letter's bit makes `@` of a backtick: no match.
    assert!(!NameSet::new(["x`y"]).contains(b"x@y"));
    assert!(!NameSet::new([]).contains(b""));
}

const ORIGINS: [&str; 16] = [
    "https://app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "null",
    "https://*.example.com",
    "http://*.example.com",
    "https://*.example.com:8443",
    "https://*.a.example.com",
    "https://*.com",
    "https://*.1-2-3-4.example",
    "https://*.xn--nxasmq6b",
    "app://*.host",
    "https://example.com",
    "https://[::1]",
    "https://*.example.com.",
    "chrome-extension://abc",
];

/// What origins are made of, so that many are subdomains, or nearly so.
const ORIGIN_PIECES: [&str; 28] = [
    "https://",
    "http://",
    "app://",
    "a.",
    "b",
    "example.com",
    "example.com",
    ".com",
    ".example.com",
    ".example.com",
    ".example.com:8443",
    ".1-2-3-4.example",
    ".xn--nxasmq6b",
    "xn--a",
    "xn-",
    "-",
    "_",
    ".",
    "..",
    ":8443",
    "A",
    "é",
    " ",
    "/",
    ".host",
    "%41",
    "app",
    "@",
];

#[test]
fn an_index_of_origins_allows_what_the_list_allows() {
    let mut dice = Dice::new();
    let mut allowed = 0;
    for _ in 0..2_000 {
        let listed = dice.some(&ORIGINS);
        let patterns = listed.iter().map(|origin| OriginPattern::parse(origin).unwrap()).collect();
        let origins = AllowList::Only(patterns);
        let index = Origins::new(&origins);
        let asked: Vec<String> = (0..40)
            .map(|_| {
                format!(
                    "{}{}",
                    dice.one_of(&["https://", "https://", "app://", ""]),
                    dice.text(&ORIGIN_PIECES, 6)
                )
            })
            .chain(ORIGINS.map(|origin| origin.replace('*', "sub")))
            .collect();
        for origin in &asked {
            let literal = origins.allows(|pattern| pattern.matches(origin.as_bytes()));
            allowed += usize::from(literal);
            assert_eq!(index.allows(origin.as_bytes()), literal, "{origin} by {listed:?}");
        }
    }
    assert!(allowed > 10_000, "only {allowed} were allowed");
    let policy = Policy { origins: AllowList::Any, ..Policy::default() };
    assert!(Origins::new(&policy.origins).allows(b"anything"));
}

const TYPES: [&str; 16] = [
    "text/plain",
    "Text/PLAIN",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "application/json",
    "text",
    "/plain",
    ";",
    ";charset=utf-8",
    " ",
    "\t",
    "\r\n",
    "\"",
    "x",
    ",",
    "\u{7f}",
];

#[test]
fn the_safelist_decides_as_the_standards_steps_do() {
    let mut dice = Dice::new();
    let names = [
        "Accept",
        "accept-language",
        "Content-Language",
        "content-TYPE",
        "range",
        "X-Token",
        "dnt",
        "content-typo",
    ];
    let mut safelisted = 0;
    for _ in 0..100_000 {
        let mut value = dice.text(&TYPES, 5);
        if dice.below(20) == 0 {
            value.push_str(&"a".repeat(dice.below(140)));
        }
        for name in [dice.one_of(&names), "Content-Type"] {
            let literal = is_cors_safelisted_request_header(name.as_bytes(), value.as_bytes());
            safelisted += usize::from(literal);
            assert_eq!(
                safelist::is_safelisted(name.as_bytes(), value.as_bytes()),
                literal,
                "{name}: {value:?}"
            );
        }
    }
    assert!(safelisted > 10_000, "only {safelisted} were safelisted");
}

#[test]
fn unsafe_names_are_those_the_standard_collects() {
    let mut dice = Dice::new();
    for _ in 0..20_000 {
        let headers = request_headers(&mut dice);
        let literal = cors_unsafe_request_header_names(&headers);
        let fast =
            header_list::convert_header_names_to_a_sorted_lowercase_set(safelist::unsafe_names(&headers));
        assert_eq!(fast, literal, "{headers:?}");
    }
}

fn request_headers(dice: &mut Dice) -> HeaderList {
    let mut headers = HeaderList::new();
    for _ in 0..dice.below(5) {
        let name = dice.one_of(&["Accept", "Content-Type", "X-Token", "x-token", "Authorization", "X-B"]);
        let value = dice.one_of(&["1", "text/plain", "application/json"]);
        headers.append(name, value);
    }
    if dice.below(8) == 0 {
        // More than 1,024 bytes that would be safe one by one; many names that are not.
        for _ in 0..dice.below(12) {
            headers.append("Accept", "a".repeat(120));
        }
        for n in 0..dice.below(80) {
            headers.append(format!("x-{n}"), "1");
        }
    }
    headers
}

#[test]
fn the_cors_check_decides_as_the_standards_steps_do() {
    let mut dice = Dice::new();
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    // An origin of a scheme no browser serializes may be any bytes: those of two lines, too.
    let origins = ["https://a.example", "null", "a, b", "a, ", ", ", "", "*, *"];
    let values = ["https://a.example", "null", "*", "a", "b", "", "a, b", ", ", "é"];
    for _ in 0..100_000 {
        let mut headers = HeaderList::new();
        for _ in 0..dice.below(4) {
            headers.append("Access-Control-Allow-Origin", dice.one_of(&values));
        }
        for _ in 0..dice.below(3) {
            headers.append("access-control-allow-credentials", dice.one_of(&["true", "true", "True", ""]));
        }
        let origin = dice.one_of(&origins).as_bytes();
        let mode = [CredentialsMode::Include, CredentialsMode::Omit][dice.below(2)];
        let literal = cors_check::check(origin, mode, &headers, &mut ());
        let several = headers.lines("Access-Control-Allow-Origin").nth(1).is_some();
        *seen.entry(format!("{several} {literal:?}")).or_default() += 1;
        assert_eq!(fast_check::check(origin, mode, &headers), literal, "{origin:?} {mode:?} {headers:?}");
    }
    // One line ends in nine ways. Several are never `*`, and a mismatch of them has one reason: four ways.
    assert!(seen.len() == 13 && seen.values().all(|&times| times > 5), "{seen:?}");
}

#[test]
fn a_preflight_permits_what_the_standards_steps_permit() {
    let mut dice = Dice::new();
    let mut reasons = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..100_000 {
        let url = url::Url::parse("https://b.example/").unwrap();
        let mut request = Request::new(Origin::parse("https://a.example").unwrap(), url);
        request.method = dice.one_of(&["GET", "PUT", "put", "*"]).as_bytes().into();
        request.headers = request_headers(&mut dice);
        request.use_cors_preflight = dice.below(2) == 0;
        if dice.below(2) == 0 {
            request.credentials_mode = CredentialsMode::Include;
        }
        let mut headers = HeaderList::new();
        if dice.below(20) > 0 {
            headers.append(
                "Access-Control-Allow-Origin",
                dice.one_of(&["https://a.example", "https://a.example", "https://a.example", "*", "null"]),
            );
            headers.append("Access-Control-Allow-Credentials", "true");
            for name in ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"] {
                if dice.below(20) == 0 {
                    headers.append(name, dice.one_of(&["https://a.example", "true"]));
                }
            }
        }
        for _ in 0..dice.below(3) {
            let pieces = ["PUT", ",", ", ", "*", "DELETE,PUT", " x y"];
            headers.append("Access-Control-Allow-Methods", dice.text(&pieces, 3));
        }
        for _ in 0..dice.below(3) {
            let pieces = ["x-token", ",", ", ", "*", "Authorization", "content-type,accept,X-TOKEN,x-b", "é"];
            headers.append("Access-Control-Allow-Headers", dice.text(&pieces, 4));
        }
        if dice.below(4) == 0 {
            let all: Vec<String> = (0..80).map(|n| format!("X-{n}")).collect();
            headers.append(
                "Access-Control-Allow-Headers",
                format!("{},x-token,x-b,content-type,accept", all.join(",")),
            );
        }
        for _ in 0..dice.below(3) {
            headers.append("Access-Control-Max-Age", dice.one_of(&["600", "-1", "", "99999999999999999999"]));
        }
        let status = if dice.below(10) == 0 { [302, 404][dice.below(2)] } else { 204 };
        let response = Response::new(status, headers);
        let literal =
            cors_preflight_fetch::permits(&request, &response, &mut ()).map(|permission| permission.max_age);
        let reason = literal.map_or_else(|error| format!("{:?}", error.reason), |_| "permitted".to_owned());
        *reasons.entry(reason).or_default() += 1;
        assert_eq!(preflight::permits(&request, &response), literal, "{request:?} {response:?}");
    }
    // Every way a preflight can end was seen often enough to matter.
    assert!(reasons.len() >= 9 && reasons.values().all(|&times| times > 100), "{reasons:?}");
}

/// The headers the literal responder gives, written from the decision of the fast one.
fn written(responder: &Responder, method: &[u8], request: &HeaderList) -> (bool, bool, HeaderList) {
    let mut headers = HeaderList::new();
    let mut add = |name, value: &[u8]| headers.append(name, value);
    let mut each = false;
    let preflight = match responder.respond(method, request) {
        Decision::Preflight(grant) => {
            add("Vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
            if let Some(grant) = grant {
                add("Access-Control-Allow-Origin", grant.allow_origin);
                if grant.credentials {
                    add("Access-Control-Allow-Credentials", b"true");
                }
                add("Access-Control-Allow-Methods", grant.method);
                if grant.names {
                    let lines = request.lines("Access-Control-Request-Headers");
                    let names: Vec<&[u8]> = lines.flat_map(list::elements).collect();
                    add("Access-Control-Allow-Headers", &names.join(&b", "[..]));
                }
                if let Some(max_age) = grant.max_age {
                    add("Access-Control-Max-Age", max_age.as_bytes());
                }
            }
            true
        }
        Decision::Application(share) => {
            if let Some(share) = share {
                add("Access-Control-Allow-Origin", share.allow_origin);
                if share.credentials {
                    add("Access-Control-Allow-Credentials", b"true");
                }
                if let Some(expose) = share.expose {
                    add("Access-Control-Expose-Headers", expose.as_bytes());
                }
                each = share.expose_each;
            }
            if responder.varies_by_origin() {
                add("Vary", b"Origin");
            }
            false
        }
    };
    (preflight, each, headers)
}

fn assert_responds_equally(policy: &Policy, method: &str, request: &HeaderList) {
    let literal = match respond(policy, method.as_bytes(), request) {
        Answer::Preflight(response) => (true, false, response.headers),
        Answer::Application(additions) => {
            let mut headers = additions.headers;
            if additions.vary_by_origin {
                headers.append("Vary", "Origin");
            }
            (false, additions.expose_each, headers)
        }
    };
    let fast = written(&Responder::new(policy), method.as_bytes(), request);
    assert_eq!(fast, literal, "{policy:?} {method} {request:?}");
}

#[test]
fn the_responder_answers_as_the_literal_one() {
    let mut dice = Dice::new();
    for _ in 0..50_000 {
        let list = |dice: &mut Dice, items: &[&str]| match dice.below(4) {
            0 => AllowList::Any,
            _ => AllowList::Only(dice.some(items).into_iter().map(Into::into).collect()),
        };
        let origins = match dice.below(4) {
            0 => AllowList::Any,
            _ => AllowList::Only(
                dice.some(&ORIGINS[..6]).into_iter().map(|o| OriginPattern::parse(o).unwrap()).collect(),
            ),
        };
        let policy = Policy {
            origins,
            credentials: dice.below(2) == 0,
            methods: list(&mut dice, &["PUT", "DELETE"]),
            request_headers: list(&mut dice, &["X-Token", "content-type", "x"]),
            expose: list(&mut dice, &["ETag", "x-b"]),
            max_age: [None, Some(600)][dice.below(2)],
            routes: Vec::new(),
        };
        let request = asked(&mut dice);
        assert_responds_equally(&policy, dice.one_of(&["OPTIONS", "OPTIONS", "GET", "PUT"]), &request);
    }
}

fn asked(dice: &mut Dice) -> HeaderList {
    let mut request = HeaderList::new();
    for _ in 0..dice.one_of(&[&[1][..], &[1], &[0], &[2]])[0] {
        request.append("Origin", dice.one_of(&ORIGINS[..6]).replace('*', "sub"));
    }
    for _ in 0..dice.one_of(&[&[1][..], &[1], &[0], &[2]])[0] {
        request.append("Access-Control-Request-Method", dice.one_of(&["PUT", "GET", "PATCH", "a b", ""]));
    }
    for _ in 0..dice.below(3) {
        request.append("Access-Control-Request-Headers", dice.text(&LIST[..13], 4));
    }
    request
}

#[test]
fn the_responder_answers_as_the_literal_one_under_the_policies_of_the_vectors() {
    let mut dice = Dice::new();
    let vectors = corspec_vectors::embedded::server_vectors();
    let policies: std::collections::HashSet<_> = vectors.iter().map(|vector| &vector.policy).collect();
    assert!(policies.len() > 100);
    for policy in policies {
        let policy = policy.to_policy().unwrap();
        let listed: Vec<String> =
            policy.origins.items().iter().map(|origin| origin.to_string().replace('*', "a")).collect();
        for origin in listed.iter().map(String::as_str).chain(ORIGINS) {
            for method in ["OPTIONS", "GET"] {
                let mut request = asked(&mut dice);
                request.set("Origin", origin);
                assert_responds_equally(&policy, method, &request);
            }
        }
    }
}
