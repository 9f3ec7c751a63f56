//! Any client requests against any servers: the laws of the model itself.
//!
//! | part | module |
//! |---|---|
//! | scenarios made of bytes | [`input`], from the alphabets of `words` |
//! | what holds of every fetch | [`run`](mod@run) |
//! | what holds between two fetches | here |
//! | what a corpus reaches | [`pairs`] |

pub mod input;
pub mod pairs;
pub mod run;
mod words;

use std::time::Duration;

use arbitrary::Unstructured;
use corspec_model::abnf::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, extract_header_list_values,
};
use corspec_model::fast::{self, preflight, safelist};
use corspec_model::header_list::convert_header_names_to_a_sorted_lowercase_set;
use corspec_model::request::CredentialsMode;
use corspec_model::request_headers::cors_unsafe_request_header_names;
use corspec_model::trace::Step;
use corspec_model::{PreflightCache, Request, Response, cors_check, cors_preflight_fetch};

use input::{Scenario, Servers};
use run::{Run, run, traced};

/// Each fetch ends and obeys the laws of CORS; between two fetches the law the scenario names holds.
pub fn check(data: &[u8]) {
    let Ok(scenario) = input::scenario(&mut Unstructured::new(data)) else { return };
    let Some((last, earlier)) = scenario.fetches.split_last() else { return };
    match scenario.law % 4 {
        0 => removing_a_permission_never_grants_more(&last.request, &scenario),
        1 => credentials_never_see_more(&last.request, &scenario),
        2 => the_fast_code_decides_as_the_literal(&last.request, &scenario.servers),
        _ => {
            let mut cache = PreflightCache::new();
            cache.max_age_limit = scenario.max_age_limit;
            let mut now = Duration::ZERO;
            for fetched in earlier {
                now += fetched.pause;
                if scenario.law & 4 == 0 {
                    cache.remove_expired(now);
                }
                run(fetched.request.clone(), &scenario.servers, &mut cache, now);
            }
            now += last.pause;
            let warm = run(last.request.clone(), &scenario.servers, &mut cache, now);
            a_cached_preflight_answers_as_a_fresh_one(&warm, &scenario);
        }
    }
}

/// The traces of the fetches of a scenario, one browser's, one after the other.
pub fn traces(data: &[u8]) -> Vec<Vec<(Step, bool)>> {
    let Ok(scenario) = input::scenario(&mut Unstructured::new(data)) else { return Vec::new() };
    let mut cache = PreflightCache::new();
    cache.max_age_limit = scenario.max_age_limit;
    let mut now = Duration::ZERO;
    let mut traces = Vec::new();
    for fetched in scenario.fetches {
        now += fetched.pause;
        let (_, fetch) = traced(fetched.request, &scenario.servers, &mut cache, now);
        traces.push(fetch.trace().clone());
    }
    traces
}

fn cold(request: &Request, servers: &Servers) -> Run {
    run(request.clone(), servers, &mut PreflightCache::new(), Duration::ZERO)
}

/// Whatever `less` ends with, `more` ends with too, and script reads no less.
fn grants_no_more(less: &Run, more: &Run, why: &str) {
    assert!(less.requests <= more.requests, "{why}: {less:?} after {more:?}");
    if let Ok(seen) = &less.outcome.result {
        let Ok(before) = &more.outcome.result else { panic!("{why}: {less:?} after {more:?}") };
        assert_eq!(seen.response_type, before.response_type, "{why}");
        assert!(
            seen.headers.iter().all(|name| before.headers.contains(name)),
            "{why}: {seen:?} after {before:?}"
        );
    }
}

fn removing_a_permission_never_grants_more(request: &Request, scenario: &Scenario) {
    const PERMISSIONS: [&str; 5] =
        [ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, EXPOSE_HEADERS];
    let name = PERMISSIONS[usize::from(scenario.law / 4) % PERMISSIONS.len()];
    // A list that does not parse is no permission: it is an error (CORS-preflight fetch, 7.3).
    let parses = |response: &Response| extract_header_list_values(name, &response.headers).is_ok();
    // Without `Access-Control-Allow-Methods` a preflight the client asked for allows its method (7.4).
    let excepted = name == ALLOW_METHODS && request.use_cors_preflight;
    let list = matches!(name, ALLOW_METHODS | ALLOW_HEADERS);
    if excepted || (list && !scenario.servers.responses().all(parses)) {
        return;
    }
    let more = cold(request, &scenario.servers);
    let less = cold(request, &scenario.servers.without(name));
    grants_no_more(&less, &more, name);
}

fn credentials_never_see_more(request: &Request, scenario: &Scenario) {
    let with = |credentials_mode| {
        let mut request = request.clone();
        request.credentials_mode = credentials_mode;
        cold(&request, &scenario.servers)
    };
    let (some, why) = if scenario.law & 4 == 0 {
        (CredentialsMode::Include, "credentials")
    } else {
        (CredentialsMode::SameOrigin, "credentials for the own origin")
    };
    grants_no_more(&with(some), &with(CredentialsMode::Omit), why);
}

fn the_fast_code_decides_as_the_literal(request: &Request, servers: &Servers) {
    assert_eq!(
        convert_header_names_to_a_sorted_lowercase_set(safelist::unsafe_names(&request.headers)),
        cors_unsafe_request_header_names(&request.headers)
    );
    for response in servers.responses() {
        let (origin, mode) = (request.byte_serialize_origin(), request.credentials_mode);
        assert_eq!(
            fast::cors_check::check(origin, mode, &response.headers),
            cors_check::check(origin, mode, &response.headers, &mut ()),
            "{request:?} {response:?}"
        );
        assert_eq!(
            preflight::permits(request, response),
            cors_preflight_fetch::permits(request, response, &mut ()).map(|permission| permission.max_age),
            "{request:?} {response:?}"
        );
    }
}

/// The servers do not change their mind, so it does not matter whether they are asked again.
fn a_cached_preflight_answers_as_a_fresh_one(warm: &Run, scenario: &Scenario) {
    let Some(last) = scenario.fetches.last() else { return };
    if scenario.fetches.iter().any(|fetched| fetched.request.use_cors_preflight)
        || literal_wildcard_is_kept(scenario)
    {
        return;
    }
    let fresh = cold(&last.request, &scenario.servers);
    assert_eq!(warm.outcome.result, fresh.outcome.result, "a cached preflight answers as a fresh one");
    assert_eq!(warm.requests, fresh.requests);
}

/// Where the standard itself says otherwise: a preflight with credentials that lists `*` beside what was asked for puts
/// the literal `*` into the cache (CORS-preflight fetch, 7.13 and 7.15), where it then matches everything.
fn literal_wildcard_is_kept(scenario: &Scenario) -> bool {
    let with_credentials =
        scenario.fetches.iter().any(|fetched| fetched.request.credentials_mode == CredentialsMode::Include);
    with_credentials
        && scenario.servers.responses().any(|response| {
            [ALLOW_METHODS, ALLOW_HEADERS].into_iter().any(|name| {
                extract_header_list_values(name, &response.headers)
                    .is_ok_and(|values| values.is_some_and(|values| values.contains(&&b"*"[..])))
            })
        })
}
