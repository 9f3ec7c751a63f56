//! Every target for AFL++: `cargo afl fuzz … -- afl TARGET` after `cargo afl build --example afl --features afl`.

use corspec_fuzz::TARGETS;

fn main() -> Result<(), String> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, check)) = TARGETS.iter().find(|(target, _)| *target == name) else {
        let names: Vec<_> = TARGETS.iter().map(|(target, _)| *target).collect();
        return Err(format!("{name:?} is not a target; give one of {}", names.join(", ")));
    };
    afl::fuzz(true, check);
    Ok(())
}
