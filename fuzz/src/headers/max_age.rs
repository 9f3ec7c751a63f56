//! `Access-Control-Max-Age`: how long a preflight is remembered.

use corspec_model::abnf::MAX_AGE;
use corspec_model::cors_preflight_fetch::{DEFAULT_MAX_AGE, max_age};

use super::header;
use crate::grammar::DELTA_SECONDS;
use crate::shapes::{lines, raw_or_spelled};

const PIECES: [&str; 12] =
    ["0", "5", "600", "86400", "18446744073709551615", "9", "-", "+", ".", " ", "\n", ","];

/// One line of digits is a number of seconds, 2^31 where it cannot be held; anything else is the default.
pub fn check(data: &[u8]) {
    raw_or_spelled(data, &PIECES, |data| {
        // A line feed is no digit: several lines are not one of digits.
        let expected = if DELTA_SECONDS.matches(data) {
            std::str::from_utf8(data).unwrap_or_default().parse().unwrap_or(1 << 31)
        } else {
            DEFAULT_MAX_AGE
        };
        assert_eq!(max_age(&header(MAX_AGE, lines(data)), &mut ()), expected);
    });
}
