//! Lists of known differences of a client.
