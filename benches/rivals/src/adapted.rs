//! Policies and refusals of the adapters in `adapters/rust/`.

use common::Software;
use corspec::implementation::{Knob, NotServed};
use corspec_model::Policy;
use corspec_vectors::policy::PolicyDocument;

/// The policy as an adapter is told it.
///
/// # Errors
/// [`NotServed`] when the software lacks a knob.
pub(crate) fn policy(software: &Software, policy: &Policy) -> Result<common::Policy, NotServed> {
    let setup = |error: serde_json::Error| NotServed::Setup(error.to_string());
    let document = serde_json::to_value(PolicyDocument::from(policy)).map_err(setup)?;
    let adapted: common::Policy = serde_json::from_value(document).map_err(setup)?;
    let lacks: Vec<Knob> = software
        .lacking(&adapted)
        .into_iter()
        .map(|knob| serde_json::from_value(knob.into()))
        .collect::<Result<_, _>>()
        .map_err(setup)?;
    if lacks.is_empty() { Ok(adapted) } else { Err(NotServed::Unsupported(lacks)) }
}

/// A refusal in the harness's words.
pub(crate) fn not_served(error: common::NotServed) -> NotServed {
    match error {
        common::NotServed::Refused(why) => NotServed::Refused(why),
        common::NotServed::Failed(why) => NotServed::Setup(why),
    }
}

/// A runtime for what wants to be within one.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, NotServed> {
    tokio::runtime::Builder::new_current_thread().build().map_err(|error| NotServed::Setup(error.to_string()))
}
