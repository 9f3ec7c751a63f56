//! `Access-Control-Request-Headers` against an allow-list: is every name allowed?

use std::collections::HashSet;
use std::hint::black_box;

use corspec_model::abnf::Abnf;
use corspec_model::fast::NameSet;
use corspec_model::policy::AllowList;
use corspec_model::{HeaderList, Policy};
use headers::{AccessControlAllowHeaders, Header};
use http::{HeaderName, HeaderValue};

use crate::case::Case;

const NAME: &str = "access-control-request-headers";

/// What is asked for: 88 bytes, as a page with a few libraries sends it.
const TYPICAL: &str =
    "authorization,content-type,x-api-key,x-app-version,x-correlation-id,x-csrf-token,x-shard";

/// The names allowed: those, and enough others for a long list.
fn allowed() -> Vec<String> {
    TYPICAL.split(',').map(str::to_owned).chain((0..400).map(|n| format!("x-app-name-{n}"))).collect()
}

/// The inputs by name: the lines of one request.
fn inputs() -> Vec<(&'static str, Vec<String>)> {
    let up_to = |size: usize, names: &mut dyn Iterator<Item = String>| {
        let mut list = String::new();
        for name in names {
            if list.len() + name.len() > size {
                break;
            }
            list = list + &name + ", ";
        }
        list.trim_end_matches(", ").to_owned()
    };
    let many = up_to(4096, &mut (0..).map(|n| format!("x-app-name-{}", n % 400)));
    let near_miss =
        format!("{}, x-app-name-400", &many[..4000].rsplit_once(',').map_or("", |(list, _)| list));
    vec![
        ("typical", vec![TYPICAL.to_owned()]),
        ("long", vec![many.clone()]),
        ("long-near-miss", vec![near_miss]),
        ("long-capitals", vec![many.to_ascii_uppercase()]),
        ("long-repeated-name", vec![up_to(4096, &mut std::iter::repeat("x-api-key".to_owned()))]),
        ("long-empty-elements", vec![format!("{}x-api-key", ", ".repeat(1024))]),
        ("long-commas", vec![format!("x-api-key{}", ",".repeat(4096 - 9))]),
        (
            "long-many-lines",
            many.split(", ").collect::<Vec<_>>().chunks(4).map(|line| line.join(",")).collect(),
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    inputs().into_iter().flat_map(|(input, lines)| contenders(input, &lines)).collect()
}

fn contenders(input: &str, lines: &[String]) -> Vec<Case> {
    let group = format!("list/{input}");
    let size: usize = lines.iter().map(String::len).sum();
    let case = |name: &str, work: Box<dyn FnMut() -> u64>| Case::new(&*group, name, size, work).reading(size);

    let list: HeaderList = lines.iter().map(|line| (NAME, line)).collect();
    let values: Vec<HeaderValue> = lines.iter().filter_map(|line| line.parse().ok()).collect();
    let names = allowed();
    let policy = Policy {
        request_headers: AllowList::Only(names.iter().map(|name| name.as_str().into()).collect()),
        ..Policy::default()
    };
    let set = NameSet::new(names.iter().map(String::as_str));
    let hashed: HashSet<HeaderName> = names.iter().filter_map(|name| name.parse().ok()).collect();

    let literal_list = list.clone();
    let literal = move || {
        let combined = black_box(&literal_list).get(NAME).unwrap_or_default();
        let mut names = Vec::new();
        let parses = Abnf::TokenList.extract(&combined, &mut names).is_ok();
        u64::from(parses && names.iter().all(|name| policy.allows_request_header(name)))
    };
    let fast = move || u64::from(set.contains_all(black_box(&list).lines(NAME)));
    let (typed, typed_names) = (values.clone(), hashed.clone());
    let headers = move || {
        let decoded = AccessControlAllowHeaders::decode(&mut black_box(&typed).iter());
        u64::from(decoded.is_ok_and(|list| list.iter().all(|name| typed_names.contains(&name))))
    };
    let only_decoded = values.clone();
    let headers_decode_and_iterate = move || {
        let decoded = AccessControlAllowHeaders::decode(&mut black_box(&only_decoded).iter());
        decoded.map_or(0, |list| list.iter().map(|name| black_box(name).as_str().len() as u64).sum())
    };
    let split = move || {
        let allowed = black_box(&values).iter().all(|value| {
            value.to_str().is_ok_and(|text| {
                text.split(',').map(str::trim).filter(|name| !name.is_empty()).all(|name| {
                    HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| hashed.contains(&name))
                })
            })
        });
        u64::from(allowed)
    };
    let mut cases = vec![
        case("literal", Box::new(literal)),
        case("fast", Box::new(fast)),
        case("split and http::HeaderName", Box::new(split)),
    ];
    // It reads no further than the first empty element.
    if !matches!(input, "long-empty-elements" | "long-commas") {
        cases.push(case("headers", Box::new(headers)));
    }
    if input == "typical" {
        // What it costs without a look at the allow-list; it answers how many names there are.
        let group = "list-decode-and-iterate/typical";
        cases.push(Case::new(group, "headers", size, headers_decode_and_iterate).reading(size));
    }
    cases
}
