//! corspec
fn main() {}
