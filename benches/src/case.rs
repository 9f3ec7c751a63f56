//! One contender doing one thing on one input.

/// A contender on one input. Contenders of the same group and `x` do the same and are compared.
pub struct Case {
    /// What is done, `field/input`; part of the case's id.
    pub group: String,
    /// Who does it.
    pub contender: String,
    /// The size of the input: origins, bytes, or 1.
    pub x: u64,
    /// How many operations one call of `work` does.
    pub operations: u64,
    /// Bytes read by one operation, where throughput is of interest.
    pub bytes: Option<u64>,
    make: Option<Make>,
    work: Work,
}

type Work = Box<dyn FnMut() -> u64>;
type Make = Box<dyn FnOnce() -> Work>;

impl Case {
    /// A case whose `work` does one operation. What it answers is what contenders must agree on.
    pub fn new(
        group: impl Into<String>,
        contender: impl Into<String>,
        x: usize,
        work: impl FnMut() -> u64 + 'static,
    ) -> Self {
        Self::made(group, contender, x, || Box::new(work))
    }

    /// A case whose work is made when it is first needed: an automaton of a thousand patterns takes its time.
    pub fn made(
        group: impl Into<String>,
        contender: impl Into<String>,
        x: usize,
        make: impl FnOnce() -> Work + 'static,
    ) -> Self {
        Self {
            group: group.into(),
            contender: contender.into(),
            x: x as u64,
            operations: 1,
            bytes: None,
            make: Some(Box::new(make)),
            work: Box::new(|| 0),
        }
    }

    /// Says that one call of `work` does several operations.
    #[must_use]
    pub fn of(self, operations: usize) -> Self {
        Self { operations: operations as u64, ..self }
    }

    /// Says how many bytes an operation reads.
    #[must_use]
    pub fn reading(self, bytes: usize) -> Self {
        Self { bytes: Some(bytes as u64), ..self }
    }

    /// `group/x/contender`
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.group, self.x, self.contender)
    }

    /// Makes the work, so that [`run`](Self::run) does nothing else.
    pub fn prepare(&mut self) {
        if let Some(make) = self.make.take() {
            self.work = make();
        }
    }

    /// Does the work once; [prepared](Self::prepare) first. Not inlined, so that valgrind can tell it from what is around.
    #[inline(never)]
    pub fn run(&mut self) -> u64 {
        (self.work)()
    }
}

/// Leaves out the contenders that answer otherwise than the first of their comparison, and says which on standard error:
/// what does something else is not compared.
pub fn those_that_agree(cases: Vec<Case>) -> Vec<Case> {
    let mut expected = std::collections::HashMap::new();
    cases
        .into_iter()
        .filter_map(|mut case| {
            case.prepare();
            let answer = case.run();
            let first = *expected.entry((case.group.clone(), case.x)).or_insert(answer);
            if answer != first {
                eprintln!("left out: {} answers {answer}, not {first}", case.id());
            }
            (answer == first).then_some(case)
        })
        .collect()
}
