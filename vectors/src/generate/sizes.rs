//! Sizes around 128 and 1,024 bytes of safelisted request-headers, and forms of `Access-Control-Max-Age`.

use super::{ClientDraft, ClientFile, ModelDraft, ModelFile, actual, fetch, preflight, request};
use crate::bytes::{ByteString, HeaderLines};
use crate::model::{Algorithm, Input};
use crate::request::RequestOptions;

pub(super) fn files() -> Vec<ClientFile> {
    let mut drafts = Vec::new();
    for (name, start, fill) in [
        ("Accept", "", 'a'),
        ("Accept-Language", "", 'a'),
        ("Content-Language", "", 'a'),
        ("Content-Type", "text/plain;a=", 'a'),
        ("Range", "bytes=0-", '9'),
    ] {
        for length in [127, 128, 129] {
            let value = start.to_owned() + &fill.to_string().repeat(length - start.len());
            drafts.push(draft(
                vec![name.to_lowercase(), length.to_string()],
                format!("{name} of {length} bytes"),
                vec![(name.into(), ByteString::from(&*value))],
            ));
        }
    }
    // Together: repeated names count each line; a name that is unsafe by itself does not count.
    for total in [1023, 1024, 1025] {
        drafts.push(draft(
            vec!["total-repeated".to_owned(), total.to_string()],
            format!("lines of Accept of {total} bytes in all"),
            filled("Accept", total),
        ));
        let mut two_names = filled("Accept", total - 128);
        two_names.extend(filled("Accept-Language", 128));
        drafts.push(draft(
            vec!["total-two-names".to_owned(), total.to_string()],
            format!("Accept and Accept-Language of {total} bytes in all"),
            two_names,
        ));
        let mut with_unsafe = filled("Accept", total);
        with_unsafe.push(("X-Test".into(), "1".into()));
        drafts.push(draft(
            vec!["total-and-unsafe".to_owned(), total.to_string()],
            format!("lines of Accept of {total} bytes in all, and an unsafe header"),
            with_unsafe,
        ));
    }
    // What is asked for: lower-cased, sorted by bytes, each name once.
    for (name, names) in [
        ("sorted", &["X-B", "X-A"][..]),
        ("case", &["X-b", "x-A"]),
        ("repeated", &["X-A", "x-a", "X-A"]),
        ("punctuation", &["x_a", "x-a", "x.a", "x!a"]),
        ("digits", &["x10", "x9", "x1"]),
        ("prefix", &["x-ab", "x-a", "x"]),
        ("safelisted-apart", &["Accept", "X-A", "Accept-Language"]),
        ("forbidden-apart", &["Cookie", "X-A", "Sec-X", "Proxy-X"]),
        ("authorization", &["Authorization", "X-A"]),
    ] {
        drafts.push(draft(
            vec!["asked".to_owned(), name.to_owned()],
            format!("headers {}: how they are asked for", names.join(", ")),
            names.iter().map(|&name| (name.into(), "1".into())).collect(),
        ));
    }
    vec![(
        "generated-sizes.json",
        "Sizes of safelisted request-headers and how unsafe ones are asked for.",
        "size",
        drafts,
    )]
}

/// Lines of 128 bytes and a rest that add up to `total`.
fn filled(name: &str, total: usize) -> HeaderLines {
    let mut lines = Vec::new();
    let mut left = total;
    while left > 0 {
        let length = left.min(128);
        lines.push((name.into(), ByteString::from(&*"a".repeat(length))));
        left -= length;
    }
    lines
}

fn draft(axes: Vec<String>, title: String, headers: HeaderLines) -> ClientDraft {
    let allow = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "*, Authorization")];
    let options = RequestOptions { headers, ..RequestOptions::default() };
    ClientDraft {
        axes,
        title,
        citation: "cors-unsafe-request-header-names/5",
        fetches: vec![fetch(request(options), vec![preflight(204, &allow), actual(200, &allow)])],
    }
}

pub(super) fn model_files() -> Vec<ModelFile> {
    const FORMS: [(&str, &[&str]); 36] = [
        ("absent", &[]),
        ("empty", &[""]),
        ("zero", &["0"]),
        ("zeros", &["000"]),
        ("one", &["1"]),
        ("five", &["5"]),
        ("leading-zero", &["0600"]),
        ("cap-webkit", &["600"]),
        ("cap-webkit-plus-one", &["601"]),
        ("cap-chromium", &["7200"]),
        ("cap-chromium-plus-one", &["7201"]),
        ("cap-firefox", &["86400"]),
        ("cap-firefox-plus-one", &["86401"]),
        ("i32-max", &["2147483647"]),
        ("i32-max-plus-one", &["2147483648"]),
        ("u32-max", &["4294967295"]),
        ("u32-max-plus-one", &["4294967296"]),
        ("minus-one", &["-1"]),
        ("minus-zero", &["-0"]),
        ("plus", &["+5"]),
        ("fraction", &["5.5"]),
        ("exponent", &["1e3"]),
        ("hexadecimal", &["0x10"]),
        ("inner-space", &["5 5"]),
        ("comma", &["5,5"]),
        ("trailing-comma", &["5,"]),
        ("semicolon", &["5;"]),
        ("unit", &["5s"]),
        ("quoted", &["\"5\""]),
        ("word", &["none"]),
        ("surrounding-space", &[" 7 "]),
        ("surrounding-tab", &["\t7\t"]),
        ("form-feed", &["7\u{c}"]),
        ("arabic-digit", &["\u{b2}"]),
        ("two-lines", &["7", "7"]),
        ("two-lines-empty", &["7", ""]),
    ];
    let drafts = FORMS.map(|(form, values)| ModelDraft {
        id: format!("gen-max-age/{form}"),
        title: format!("Access-Control-Max-Age in the form {form}"),
        citation: "cors-preflight-fetch/7.9",
        algorithm: Algorithm::PreflightMaxAge,
        input: Input {
            headers: Some(
                values
                    .iter()
                    .map(|value| {
                        let bytes = corspec_model::infra::isomorphic_encode(value).unwrap_or_default();
                        ("Access-Control-Max-Age".into(), ByteString(bytes))
                    })
                    .collect(),
            ),
            ..Input::default()
        },
    });
    vec![("generated-max-age.json", "Forms of Access-Control-Max-Age.", drafts.into())]
}
