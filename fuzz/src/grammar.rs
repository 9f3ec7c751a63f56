//! The grammars of the headers CORS is about, as RFC 9110, RFC 9111 and the Fetch Standard give them, each as an
//! independent [`Recogniser`].

use std::sync::LazyLock;

use crate::recogniser::{Recogniser, Rule, any, between, byte, either, literal, optional, sequence, some};

/// `#token` (RFC 9110, sections 5.6.1.2 and 5.6.2): elements may be empty.
pub static TOKEN_LIST: LazyLock<Recogniser> = LazyLock::new(|| {
    let element = || optional(some(byte(is_tchar)));
    let more = sequence([ows(), literal(","), ows(), element()]);
    Recogniser::new(&sequence([element(), any(more)]))
});

/// `serialized-origin` of the `Origin` header.
pub static SERIALIZED_ORIGIN: LazyLock<Recogniser> = LazyLock::new(|| {
    let scheme = sequence([
        byte(|byte| byte.is_ascii_lowercase()),
        any(byte(|byte| is_lower_alphanum(byte) || b"+-.".contains(&byte))),
    ]);
    let port = between(1, 5, digit());
    let host = either([ipv4(), sequence([literal("["), ipv6(), literal("]")]), domain()]);
    Recogniser::new(&sequence([scheme, literal("://"), host, optional(sequence([literal(":"), port]))]))
});

/// `delta-seconds` (RFC 9111, section 1.2.2).
pub static DELTA_SECONDS: LazyLock<Recogniser> = LazyLock::new(|| Recogniser::new(&some(digit())));

/// A value the MIME Sniffing Standard can parse: `type/subtype`, white space around the two together, and whatever
/// parameters.
pub static MIME_TYPE: LazyLock<Recogniser> = LazyLock::new(|| {
    let token = || some(byte(is_tchar));
    let parameters = sequence([literal(";"), any(byte(|_| true))]);
    Recogniser::new(&sequence([
        http_whitespace(),
        token(),
        literal("/"),
        token(),
        http_whitespace(),
        optional(parameters),
    ]))
});

/// One byte range with at least one of its ends, white space between its parts allowed.
pub static RANGE_WITH_SPACE: LazyLock<Recogniser> = LazyLock::new(|| range(ows));

/// One byte range with at least one of its ends, without white space.
pub static RANGE: LazyLock<Recogniser> = LazyLock::new(|| range(|| literal("")));

fn range(space: fn() -> Rule) -> Recogniser {
    let digits = || some(digit());
    Recogniser::new(&sequence([
        literal("bytes"),
        space(),
        literal("="),
        space(),
        either([
            sequence([digits(), space(), literal("-"), space(), any(digit())]),
            sequence([literal("-"), space(), digits()]),
        ]),
    ]))
}

fn ipv4() -> Rule {
    let octet = || {
        let from = |low: u8, high: u8| byte(move |byte| (low..=high).contains(&byte));
        either([
            digit(),
            sequence([from(b'1', b'9'), digit()]),
            sequence([literal("1"), digit(), digit()]),
            sequence([literal("2"), from(b'0', b'4'), digit()]),
            sequence([literal("25"), from(b'0', b'5')]),
        ])
    };
    sequence([octet(), literal("."), octet(), literal("."), octet(), literal("."), octet()])
}

/// Eight groups; or as many groups after `::` as one likes, and before it what leaves two for the `::` to stand for.
fn ipv6() -> Rule {
    let group = || {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let first = byte(move |byte| hex(byte) && byte != b'0');
        either([literal("0"), sequence([first, between(0, 3, byte(hex))])])
    };
    let groups = |count: usize| {
        let mut rules: Vec<Rule> = (1..count).map(|_| sequence([group(), literal(":")])).collect();
        rules.extend((count > 0).then(group));
        Rule::Sequence(rules)
    };
    let mut forms = vec![groups(8)];
    for before in 0..=6 {
        for after in 0..=6 - before {
            forms.push(sequence([groups(before), literal("::"), groups(after)]));
        }
    }
    Rule::Either(forms)
}

fn domain() -> Rule {
    let alphanum = || byte(is_lower_alphanum);
    let inner = any(byte(|byte| is_lower_alphanum(byte) || byte == b'-'));
    let label = either([alphanum(), sequence([alphanum(), inner, alphanum()])]);
    sequence([any(sequence([label.clone(), literal(".")])), label])
}

fn digit() -> Rule {
    byte(|byte| byte.is_ascii_digit())
}

fn is_lower_alphanum(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// RFC 9110, section 5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 9110, section 5.6.3.
fn ows() -> Rule {
    any(byte(|byte| b" \t".contains(&byte)))
}

fn http_whitespace() -> Rule {
    any(byte(|byte| b"\n\r\t ".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_as_the_standard_writes_them() {
        for good in [
            "https://a.example",
            "http://localhost:1",
            "app+x://a-b.c:65535",
            "http://127.0.0.1",
            "http://[::]",
            "http://[::1]",
            "http://[1:2:3:4:5:6:7:8]",
            "http://[1:2::5:6:7:8]",
            "http://[1::]",
            "x://999.1.1.1",
        ] {
            assert!(SERIALIZED_ORIGIN.matches(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "null",
            "https://",
            "https://A.example",
            "https://a.example/",
            "https://-a",
            "https://a-",
            "http://a..b",
            "http://a:",
            "http://a:123456",
            "http://[1:2:3:4:5:6:7::]",
            "http://[::01]",
            "http://[1::2::3]",
            "1://a",
            "http://[::1.2.3.4]",
        ] {
            assert!(!SERIALIZED_ORIGIN.matches(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn lists_may_have_empty_elements_but_no_space_at_their_ends() {
        for (text, good) in [
            ("", true),
            ("a", true),
            (",", true),
            ("a , b", true),
            ("a,,b,", true),
            (" ,a", true),
            (" a", false),
            ("a ", false),
            ("a b", false),
            ("a,b c", false),
            ("\"a\"", false),
            ("a, ", true),
        ] {
            assert_eq!(TOKEN_LIST.matches(text.as_bytes()), good, "{text:?}");
        }
    }

    #[test]
    fn ranges_need_an_end() {
        for (text, tight, loose) in [
            ("bytes=0-", true, true),
            ("bytes=-5", true, true),
            ("bytes=1-2", true, true),
            ("bytes=-", false, false),
            ("bytes = 1 - 2", false, true),
            ("bytes=1-2 ", false, false),
            ("bytes=1-2,3-4", false, false),
            ("bytes= -5", false, true),
            ("Bytes=0-", false, false),
        ] {
            assert_eq!(RANGE.matches(text.as_bytes()), tight, "{text}");
            assert_eq!(RANGE_WITH_SPACE.matches(text.as_bytes()), loose, "{text}");
        }
    }
}
