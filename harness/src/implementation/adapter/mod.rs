//! Software in any language, plugged in by an adapter: a program that speaks JSON lines.
//!
//! | part | module |
//! |---|---|
//! | what is said | [`protocol`] |
//! | one life of the program | [`session`] |
//! | it is started again when it crashes or hangs | `supervisor` |
//! | how its policies are reached | `endpoint` |
//! | `adapters/NAME/adapter.toml` | [`manifest`] |
//! | whether an adapter is right itself | [`smoke`] |

mod endpoint;
pub mod manifest;
pub mod protocol;
pub mod session;
pub mod smoke;
mod supervisor;

use std::sync::Arc;

use corspec_model::Policy;
use futures_util::future::BoxFuture;

use super::{Endpoint, Implementation, Info, NotServed};
use crate::transport::Limits;

pub use manifest::Manifest;
pub use session::Program;

/// Software behind an adapter.
pub struct Adapter {
    supervisor: Arc<supervisor::Supervisor>,
    /// Who it is: the part that its manifest tells before it runs.
    known_as: Option<Info>,
    name: String,
    up_arguments: String,
}

impl Adapter {
    /// The adapter that `program` starts, known by the name it says.
    ///
    /// `up_arguments` is what `corspec up` has to be called with for it.
    pub fn new(program: Program, up_arguments: String) -> Self {
        let name = program.name.clone();
        Self { supervisor: supervisor::Supervisor::new(program), known_as: None, name, up_arguments }
    }

    /// The adapter of `adapters/NAME/adapter.toml`, known by that name.
    ///
    /// `up_arguments` is what `corspec up` has to be called with for it.
    pub fn of(manifest: &Manifest, up_arguments: String) -> Self {
        let known_as = Info {
            name: manifest.name.clone(),
            version: String::new(),
            language: manifest.language.clone(),
            homepage: manifest.homepage.clone(),
        };
        Self { known_as: Some(known_as), ..Self::new(manifest.program(), up_arguments) }
    }
}

impl Implementation for Adapter {
    fn info(&self) -> Info {
        let known_as = self.known_as.clone();
        match (self.supervisor.hello(), known_as) {
            // Results are found by the name on the command line.
            (Some(hello), Some(known_as)) => Info { version: hello.version, ..known_as },
            (Some(hello), None) => Info {
                name: hello.name,
                version: hello.version,
                language: hello.language,
                homepage: hello.homepage,
            },
            (None, Some(known_as)) => known_as,
            (None, None) => Info {
                name: self.name.clone(),
                version: String::new(),
                language: String::new(),
                homepage: String::new(),
            },
        }
    }

    fn up_arguments(&self) -> String {
        self.up_arguments.clone()
    }

    fn start(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.supervisor.start())
    }

    fn serve<'a>(&'a self, policy: &'a Policy, limits: Limits) -> BoxFuture<'a, Result<Endpoint, NotServed>> {
        Box::pin(async move {
            let (supervisor, mut policy) = (Arc::clone(&self.supervisor), policy.clone());
            let lacks = |knob| supervisor.hello().is_some_and(|hello| !hello.knobs.contains(&knob));
            let own_max_age = policy.max_age.is_none() && lacks(super::Knob::MaxAgeAbsent);
            if own_max_age {
                give_max_age(&mut policy);
            }
            let serving = async move { supervisor.serve(&policy, limits).await };
            let (serving, in_force) = supervisor::on_its_own(serving).await.map_err(NotServed::Setup)??;
            let fixed_application =
                self.supervisor.hello().is_some_and(|hello| hello.knobs.contains(&super::Knob::Application));
            Ok(Endpoint {
                base: serving.base(),
                fixed_application,
                own_max_age,
                guard: Some(Box::new(in_force)),
                transport: Box::new(endpoint::Supervised::new(Arc::clone(&self.supervisor), serving)),
            })
        })
    }

    fn end(&self) -> BoxFuture<'_, Vec<String>> {
        Box::pin(self.supervisor.end())
    }
}

/// The max-age that much software sends when it is told of none.
const USUAL_MAX_AGE: u64 = 86_400;

/// Gives the policy a max-age where it has none, for software that always sends one.
fn give_max_age(policy: &mut Policy) {
    for policy in std::iter::once(&mut policy.max_age)
        .chain(policy.routes.iter_mut().map(|route| &mut route.policy.max_age))
    {
        policy.get_or_insert(USUAL_MAX_AGE);
    }
}
