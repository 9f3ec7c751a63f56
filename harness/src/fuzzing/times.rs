//! How long fuzzing takes to find each animal of the zoo, from nothing.

use std::ops::ControlFlow;
use std::time::Duration;

use super::campaign::{Campaign, Settings};
use crate::implementation::{Implementation, InProcess};
use crate::zoo::Animal;

/// Animals that fuzzing does not look for, and why.
pub const OUT_OF_REACH: [(&str, &str); 1] =
    [("quadratic-spaces", "a ratio of times needs a quiet machine; `corspec test` measures it")];

/// How long a campaign took to find something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Took {
    /// Time.
    pub time: Duration,
    /// Vectors executed.
    pub runs: u64,
}

/// Looks for the requirement the animal breaks until it is found, or `time` or `runs` are used up: then `None`.
///
/// # Errors
/// Why the campaign cannot be run.
pub async fn time_to_find(
    animal: &'static Animal,
    seed: u64,
    time: Option<Duration>,
    runs: Option<u64>,
) -> Result<Option<Took>, String> {
    let make = || -> Result<Box<dyn Implementation>, String> { Ok(Box::new(InProcess(Box::new(*animal)))) };
    let settings = Settings { seed, time, runs, ..Settings::default() };
    let mut campaign = Campaign::new(&make, settings, None)?;
    let mut took = None;
    campaign
        .run(&mut |campaign, found| {
            let found = found.is_some_and(|found| Some(&*found.key.requirement) == animal.breaks);
            if !found {
                return ControlFlow::Continue(());
            }
            took = Some(Took { time: campaign.elapsed(), runs: campaign.runs() });
            ControlFlow::Break(())
        })
        .await?;
    Ok(took)
}
