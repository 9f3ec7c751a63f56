//! The policy document.

use serde::Deserialize;

/// What an operator means to allow.
#[derive(Clone, Debug, Deserialize)]
pub struct Policy {
    pub origins: List,
    #[serde(default)]
    pub credentials: bool,
    #[serde(default)]
    pub methods: List,
    #[serde(default)]
    pub request_headers: List,
    #[serde(default)]
    pub expose: List,
    pub max_age: Option<u64>,
    #[serde(default)]
    routes: Vec<serde::de::IgnoredAny>,
}

/// `"*"` or a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum List {
    Only(Vec<String>),
    Any(String),
}

impl Default for List {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

impl List {
    /// Whether it is `"*"`.
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Any(_))
    }

    /// Its items; none when it is `"*"`.
    pub fn items(&self) -> &[String] {
        match self {
            Self::Only(items) => items,
            Self::Any(_) => &[],
        }
    }
}

/// One entry of the origins.
#[derive(Clone, Debug)]
pub enum Origin {
    /// This one.
    Exact(String),
    /// `null`
    Null,
    /// Every subdomain: `https://` and `.example.com[:port]`.
    Subdomains { scheme: String, suffix: String },
}

impl Origin {
    /// Whether a serialized origin is a subdomain that is meant.
    pub fn has_subdomain(&self, origin: &str) -> bool {
        let Self::Subdomains { scheme, suffix } = self else { return false };
        let labels = origin.strip_prefix(&**scheme).and_then(|rest| rest.strip_suffix(&**suffix));
        labels.is_some_and(|labels| {
            labels.split('.').all(|label| {
                !label.is_empty()
                    && label.bytes().all(|byte| {
                        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte)
                    })
            })
        })
    }
}

impl Policy {
    /// Whether a serialized origin is one of the list.
    pub fn lists(&self, origin: &str) -> bool {
        self.origins().any(|entry| match entry {
            Origin::Exact(exact) => exact == origin,
            Origin::Null => origin == "null",
            subdomains => subdomains.has_subdomain(origin),
        })
    }

    /// The entries of the origins; none when any is allowed.
    pub fn origins(&self) -> impl Iterator<Item = Origin> + '_ {
        self.origins.items().iter().map(|item| match item.split_once("://*") {
            Some((scheme, suffix)) => {
                Origin::Subdomains { scheme: format!("{scheme}://"), suffix: suffix.to_owned() }
            }
            None if item == "null" => Origin::Null,
            None => Origin::Exact(item.clone()),
        })
    }

    /// The methods allowed, safelisted ones too.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        ["GET", "HEAD", "POST"].into_iter().chain(self.methods.items().iter().map(String::as_str))
    }

    /// The knobs it needs.
    pub fn knobs(&self) -> Vec<String> {
        let any = if self.credentials { "any-with-credentials" } else { "any" };
        let mut knobs = Vec::new();
        let mut need = |needed: bool, knob: String| {
            if needed {
                knobs.push(knob);
            }
        };
        need(self.origins.is_any(), format!("origins.{any}"));
        need(!self.origins.is_any() && self.origins.items().is_empty(), "origins.none".into());
        need(self.origins.items().len() > 1, "origins.list".into());
        need(self.origins().any(|origin| matches!(origin, Origin::Null)), "origins.null".into());
        let subdomains = self.origins().any(|origin| matches!(origin, Origin::Subdomains { .. }));
        need(subdomains, "origins.subdomains".into());
        need(self.credentials, "credentials".into());
        for (field, list) in
            [("methods", &self.methods), ("request_headers", &self.request_headers), ("expose", &self.expose)]
        {
            need(list.is_any(), format!("{field}.{any}"));
            need(!list.items().is_empty(), format!("{field}.list"));
        }
        need(self.max_age.is_none(), "max_age.absent".into());
        need(self.max_age == Some(0), "max_age.zero".into());
        need(self.max_age.is_some_and(|seconds| seconds > 0), "max_age".into());
        need(!self.routes.is_empty(), "routes".into());
        knobs
    }
}
