//! Steps of the standard, and the optional record of those a fetch took.

use std::fmt;

/// An address in the standard: the algorithm's name in kebab-case, as in the id of its section or of its definition, a
/// slash, and the number of the step.
///
/// A branch of a *switch* is named by its case: `main-fetch/12.no-cors.1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step(&'static str);

/// Names a step.
pub const fn step(address: &'static str) -> Step {
    Step(address)
}

impl Step {
    /// The address, `algorithm/number`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Receives each step as it is taken. `()` receives nothing and costs nothing.
pub trait Trace {
    /// A step whose condition was evaluated; `held` says with which result.
    fn record(&mut self, step: Step, held: bool);

    /// Records the condition of a step and hands it back.
    fn test(&mut self, step: Step, held: bool) -> bool {
        self.record(step, held);
        held
    }

    /// Records a step without a condition.
    fn run(&mut self, step: Step) {
        self.record(step, true);
    }
}

impl Trace for () {
    #[inline(always)]
    fn record(&mut self, _: Step, _: bool) {}
}

/// Keeps every step in order.
impl Trace for Vec<(Step, bool)> {
    fn record(&mut self, step: Step, held: bool) {
        self.push((step, held));
    }
}

impl<T: Trace> Trace for &mut T {
    fn record(&mut self, step: Step, held: bool) {
        (**self).record(step, held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_written_as_its_address() {
        assert_eq!(step("cors-check/4").to_string(), "cors-check/4");
        assert_eq!(format!("{:?}", step("cors-check/4")), "cors-check/4");
    }
}
