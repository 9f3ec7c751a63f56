//! With the trace off nothing that is decided on every request allocates; and the counter counts.

use corspec_benches::{allocations, cases};

/// The literal code that decides single values, and all fast code.
fn must_not_allocate(id: &str) -> bool {
    let fast = id.ends_with("/fast") && !id.starts_with("request/");
    fast || ["values/allow-origin", "values/content-type", "values/max-age", "model/cors-check/"]
        .iter()
        .any(|group| id.starts_with(group) && (id.ends_with("/literal") || id.ends_with("/CORS check")))
}

#[test]
fn nothing_is_allocated_with_the_trace_off() {
    let mut cases: Vec<_> = ["list", "values", "origins", "model"]
        .into_iter()
        .flat_map(cases::of)
        .filter(|case| must_not_allocate(&case.id()))
        .collect();
    assert!(cases.len() > 60, "only {} cases", cases.len());
    assert!(cases.iter().any(|case| case.id() == "model/preflight-evaluation/1/fast"));
    let repeated = cases.iter().filter(|case| case.group.contains("-repeated-access-control-"));
    // Five headers, each in the CORS check and in the preflight.
    assert_eq!(repeated.count(), 10);
    for case in &mut cases {
        assert_eq!(allocations::of(case).count_total, 0, "{}", case.id());
    }
}

#[test]
fn the_counter_counts() {
    let traced =
        cases::of("model").into_iter().find(|case| case.id() == "model/cors-check/1/literal, traced");
    assert!(allocations::of(&mut traced.unwrap()).count_total > 0);
}
