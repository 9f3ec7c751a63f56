//! What somebody who mistyped a name may have meant.

/// Names that resemble `name` this much are worth a mention (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// ` (did you mean …?)`, or nothing when no name comes near.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    // What nobody types is not compared, which takes long for long names.
    if name.len() > 200 {
        return String::new();
    }
    let mut near: Vec<(f64, &str)> = known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.dedup();
    match near[..] {
        [] => String::new(),
        [(_, only)] => format!(" (did you mean `{only}`?)"),
        [(_, first), (_, second), ..] => format!(" (did you mean `{first}`, or `{second}`?)"),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_names_are_named_and_far_ones_are_not() {
        let known = ["tower-http", "warp", "reference"];
        assert_eq!(nearest("tower-htp", known.into_iter()), " (did you mean `tower-http`?)");
        assert_eq!(nearest("zzz", known.into_iter()), "");
        assert_eq!(nearest(&"tower".repeat(100), known.into_iter()), "");
    }
}
