//! Response-header names by class ([Headers](https://fetch.spec.whatwg.org/#terminology-headers)): what script may
//! read.

use std::collections::HashSet;

use crate::infra::{byte_lowercase, matches_one_of};

/// [CORS-safelisted response-header
/// name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name), given the names in `list`: whether
/// script may read a header of this name from a CORS response.
pub fn is_cors_safelisted_response_header_name<N: AsRef<[u8]>>(name: &[u8], list: &[N]) -> bool {
    matches_one_of(name, &ALWAYS)
        || (!is_forbidden_response_header_name(name)
            && list.iter().any(|item| name.eq_ignore_ascii_case(item.as_ref())))
}

/// [Forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name): `Set-Cookie` or
/// `Set-Cookie2`, which script never sees.
pub fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    matches_one_of(name, &["Set-Cookie", "Set-Cookie2"])
}

const ALWAYS: [&str; 7] = [
    "Cache-Control",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "Expires",
    "Last-Modified",
    "Pragma",
];

/// A [CORS-exposed header-name list](https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list)
/// made ready for many look-ups: [`is_cors_safelisted_response_header_name`] in time that does not grow with the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExposedNames {
    /// Every header of the response.
    All,
    /// These names, lower-cased.
    Listed(HashSet<Box<[u8]>>),
}

impl ExposedNames {
    /// The names on a list.
    pub fn listed<N: AsRef<[u8]>>(names: impl IntoIterator<Item = N>) -> Self {
        Self::Listed(
            names.into_iter().map(|name| byte_lowercase(name.as_ref()).into_owned().into()).collect(),
        )
    }

    /// Whether script may read a header of this name.
    pub fn may_read(&self, name: &[u8]) -> bool {
        matches_one_of(name, &ALWAYS)
            || (!is_forbidden_response_header_name(name)
                && match self {
                    Self::All => true,
                    Self::Listed(names) => names.contains(&*byte_lowercase(name)),
                })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposed_names_answer_as_the_list_does() {
        let lists: [&[&str]; 4] = [&[], &["ETag", "x-a"], &["*"], &["Set-Cookie", "SET-COOKIE2", "etag"]];
        let names =
            ["etag", "ETAG", "X-A", "x-b", "*", "set-cookie", "Set-Cookie2", "pragma", "Content-Type", ""];
        for list in lists {
            let ready = ExposedNames::listed(list);
            for name in names {
                let literal = is_cors_safelisted_response_header_name(name.as_bytes(), list);
                assert_eq!(ready.may_read(name.as_bytes()), literal, "{name} in {list:?}");
            }
        }
        for name in names {
            let literal = is_cors_safelisted_response_header_name(name.as_bytes(), &names);
            assert_eq!(ExposedNames::All.may_read(name.as_bytes()), literal, "{name} among all");
        }
    }
}
