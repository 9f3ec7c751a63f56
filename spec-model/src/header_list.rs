//! [Headers](https://fetch.spec.whatwg.org/#terminology-headers): header lists.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::header_value;
use crate::infra::byte_lowercase;

/// A [header](https://fetch.spec.whatwg.org/#concept-header): a name and a value, both byte sequences.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// The name as received or as set; compared without regard to ASCII case.
    pub name: Box<[u8]>,
    /// The value; a [header value](https://fetch.spec.whatwg.org/#header-value) has no surrounding tab or space.
    pub value: Box<[u8]>,
}

impl Header {
    /// Makes a header from bytes as they are.
    pub fn new(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        Self { name: name.as_ref().into(), value: value.as_ref().into() }
    }

    /// Whether the name is a byte-case-insensitive match for `name`.
    pub fn is_named(&self, name: impl AsRef<[u8]>) -> bool {
        self.name.eq_ignore_ascii_case(name.as_ref())
    }
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name.escape_ascii(), self.value.escape_ascii())
    }
}

/// A [header list](https://fetch.spec.whatwg.org/#concept-header-list): headers in order, names may repeat.
///
/// A clone shares the headers until one of the two is changed: a fetch hands its lists on many times and changes few.
#[derive(Clone, Default)]
pub struct HeaderList {
    /// `None` is empty, so that an empty list needs no allocation.
    headers: Option<Arc<Vec<Header>>>,
}

impl std::fmt::Debug for HeaderList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl PartialEq for HeaderList {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for HeaderList {}

impl Hash for HeaderList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl HeaderList {
    /// The empty list.
    pub const fn new() -> Self {
        Self { headers: None }
    }

    fn as_slice(&self) -> &[Header] {
        self.headers.as_ref().map_or(&[], |headers| headers.as_slice())
    }

    fn make_mut(&mut self) -> &mut Vec<Header> {
        Arc::make_mut(self.headers.get_or_insert_default())
    }

    /// The headers in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.as_slice().iter()
    }

    /// The values of all headers named `name`, in order: one item a line.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.iter().filter(move |header| header.is_named(name)).map(|header| &*header.value)
    }

    /// Adds a line as it came over the wire: the value is normalized, the name is kept as it is.
    ///
    /// This is what an HTTP parser hands over. Unlike [`append`](Self::append) it does not reuse earlier casing.
    pub fn push_wire(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.make_mut().push(Header::new(name, header_value::normalize(value.as_ref())));
    }

    /// [Contains](https://fetch.spec.whatwg.org/#header-list-contains): whether a header has this name.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.iter().any(|header| header.is_named(name.as_ref()))
    }

    /// [Get](https://fetch.spec.whatwg.org/#concept-header-list-get): the values of all headers of this name,
    /// joined by `, `; `None` when there is none. Borrows when there is one line.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<Cow<'a, [u8]>> {
        let mut lines = self.lines(name);
        // 1. Not contained: null.
        let first = lines.next()?;
        // 2. Join the lines by `, `.
        let Some(second) = lines.next() else { return Some(Cow::Borrowed(first)) };
        let mut value = first.to_vec();
        for line in std::iter::once(second).chain(lines) {
            value.extend_from_slice(b", ");
            value.extend_from_slice(line);
        }
        Some(Cow::Owned(value))
    }

    /// [Get, decode, and split](https://fetch.spec.whatwg.org/#concept-header-list-get-decode-split).
    pub fn get_decode_and_split(&self, name: &str) -> Option<Vec<String>> {
        // 1.–2. Null when there is none.
        let value = self.get(name)?;
        // 3. Split the combined value.
        Some(header_value::get_decode_and_split(&value))
    }

    /// [Append](https://fetch.spec.whatwg.org/#concept-header-list-append): adds a header, reusing the casing of
    /// an earlier header of the same name.
    pub fn append(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        // 1. Write the name as its first line does.
        let name = match self.iter().find(|header| header.is_named(name.as_ref())) {
            Some(header) => header.name.clone(),
            None => name.as_ref().into(),
        };
        // 2. Append.
        self.make_mut().push(Header { name, value: value.as_ref().into() });
    }

    /// [Delete](https://fetch.spec.whatwg.org/#concept-header-list-delete): removes all headers of this name.
    pub fn delete(&mut self, name: impl AsRef<[u8]>) {
        if self.contains(name.as_ref()) {
            self.make_mut().retain(|header| !header.is_named(name.as_ref()));
        }
    }

    /// [Set](https://fetch.spec.whatwg.org/#concept-header-list-set): replaces the first header of this name and
    /// removes the others, or appends.
    pub fn set(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let Some(first) = self.iter().position(|header| header.is_named(name.as_ref())) else {
            // 2. Otherwise, append.
            return self.append(name, value);
        };
        // 1. One line stays, with the new value.
        let headers = self.make_mut();
        headers[first].value = value.as_ref().into();
        let mut index = 0;
        headers.retain(|header| {
            let keep = index <= first || !header.is_named(name.as_ref());
            index += 1;
            keep
        });
    }

    /// [Combine](https://fetch.spec.whatwg.org/#concept-header-list-combine): adds to the first header of this
    /// name after `, `, or appends.
    pub fn combine(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        match self.iter().position(|header| header.is_named(name.as_ref())) {
            // 1. The first line grows.
            Some(first) => {
                let header = &mut self.make_mut()[first];
                header.value = [&*header.value, b", ", value.as_ref()].concat().into();
            }
            // 2. Otherwise, append.
            None => self.append(name, value),
        }
    }

    /// [Sort and combine](https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine): lower-cased
    /// names in order, values combined, except that each `Set-Cookie` stays a header of its own.
    pub fn sort_and_combine(&self) -> Self {
        // 1.–2.
        let mut headers = Self::new();
        let names = convert_header_names_to_a_sorted_lowercase_set(self.iter().map(|header| &*header.name));
        // 3. For each name:
        for name in names {
            if &*name == b"set-cookie" {
                // 3.1. One header a value.
                for value in self.lines("set-cookie") {
                    headers.make_mut().push(Header::new(&name, value));
                }
            } else {
                // 3.2. One header with the combined value.
                let values: Vec<&[u8]> = self
                    .iter()
                    .filter(|header| header.is_named(&name))
                    .map(|header| &*header.value)
                    .collect();
                headers.make_mut().push(Header::new(&name, values.join(&b", "[..])));
            }
        }
        // 4.
        headers
    }
}

impl<'a> IntoIterator for &'a HeaderList {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for HeaderList {
    /// Collects lines as they came over the wire, see [`HeaderList::push_wire`].
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let header = |(name, value): (N, V)| Header::new(name, header_value::normalize(value.as_ref()));
        let headers: Vec<Header> = lines.into_iter().map(header).collect();
        Self { headers: (!headers.is_empty()).then(|| Arc::new(headers)) }
    }
}

/// [Convert header names to a sorted-lowercase
/// set](https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set).
pub fn convert_header_names_to_a_sorted_lowercase_set<'a>(
    names: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<Box<[u8]>> {
    // 1.–3. The lower-cased names, each once, in ascending byte order.
    let mut set: Vec<Cow<'_, [u8]>> = names.into_iter().map(byte_lowercase).collect();
    set.sort_unstable();
    set.dedup();
    set.into_iter().map(|name| name.into_owned().into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(lines: &[(&str, &str)]) -> HeaderList {
        lines.iter().copied().collect()
    }

    #[test]
    fn a_change_of_one_list_leaves_its_clones_alone() {
        let before = list(&[("a", "1"), ("b", "2")]);
        let changes: [fn(&mut HeaderList); 5] = [
            |list| list.append("c", "3"),
            |list| list.push_wire("c", "3"),
            |list| list.set("a", "9"),
            |list| list.combine("a", "9"),
            |list| list.delete("b"),
        ];
        for change in changes {
            let mut changed = before.clone();
            change(&mut changed);
            assert_ne!(changed, before);
            assert_eq!(before, list(&[("a", "1"), ("b", "2")]));
        }
    }

    #[test]
    fn an_emptied_list_equals_a_new_one() {
        let mut emptied = list(&[("a", "1")]);
        emptied.delete("a");
        assert_eq!(emptied, HeaderList::new());
    }

    #[test]
    fn a_header_is_written_as_a_line_with_its_bytes_escaped() {
        let list: HeaderList = [("X-A", &b"\xff"[..])].into_iter().collect();
        assert_eq!(format!("{:?}", list.iter().next().unwrap()), r"X-A: \xff");
    }

    #[test]
    fn append_reuses_the_casing_of_the_first_header() {
        let mut headers = list(&[("X-Test", "1")]);
        headers.append("x-TEST", "2");
        assert_eq!(headers, list(&[("X-Test", "1"), ("X-Test", "2")]));
    }

    #[test]
    fn set_replaces_the_first_and_removes_the_others() {
        let mut headers = list(&[("a", "1"), ("b", "2"), ("A", "3"), ("c", "4"), ("a", "5")]);
        headers.set("A", "9");
        assert_eq!(headers, list(&[("a", "9"), ("b", "2"), ("c", "4")]));
        headers.set("d", "5");
        assert_eq!(headers.get("D").as_deref(), Some(&b"5"[..]));
    }

    #[test]
    fn combine_extends_the_first_header_only() {
        let mut headers = list(&[("a", "1"), ("A", "2")]);
        headers.combine("a", "3");
        assert_eq!(headers, list(&[("a", "1, 3"), ("A", "2")]));
    }

    #[test]
    fn sort_and_combine_keeps_set_cookie_apart() {
        let headers =
            list(&[("X-B", "1"), ("Set-Cookie", "s=1"), ("x-a", "2"), ("SET-COOKIE", "t=2"), ("x-b", "3")]);
        let expected = [("set-cookie", "s=1"), ("set-cookie", "t=2"), ("x-a", "2"), ("x-b", "1, 3")];
        assert_eq!(headers.sort_and_combine(), list(&expected));
    }

    #[test]
    fn delete_removes_every_line_whatever_the_case() {
        let mut headers = list(&[("Authorization", "1"), ("x", "2"), ("AUTHORIZATION", "3")]);
        headers.delete("authorization");
        assert_eq!(headers, list(&[("x", "2")]));
    }
}
