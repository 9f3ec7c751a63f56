//! Paths: those with policies of their own, and those that only resemble them.

use arbitrary::{Result, Unstructured};
use corspec_model::Policy;

use super::{one_in, requests, words};

/// A path of the application; under a policy with routes one of them, or nearly.
pub(super) fn any(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    if policy.routes.is_empty() {
        let other = one_in(u, 3)?;
        return Ok(if other { (*u.choose(&words::PATHS)?).to_owned() } else { requests::PLAIN.to_owned() });
    }
    let path = resembling(u, policy)?;
    // A folder without its slash may be taken for the folder.
    let is_bare_folder = policy.routes.iter().any(|route| route.path.strip_suffix("/*") == Some(&path));
    Ok(if is_bare_folder { requests::PLAIN.to_owned() } else { path })
}

/// The path of a route, changed in one place or not at all.
fn resembling(u: &mut Unstructured<'_>, policy: &Policy) -> Result<String> {
    let route = &*u.choose(&policy.routes)?.path;
    let other = &*u.choose(&policy.routes)?.path;
    let folder = route.strip_suffix("/*");
    let path = route.replace('*', "x");
    // What a pattern language gives a meaning of its own.
    if path.contains(['+', '.']) && one_in(u, 3)? {
        return Ok(path.replace('+', "%20").replace("a.b", "aXb"));
    }
    Ok(match u.int_in_range(0..=13)? {
        0..=3 => path,
        4 => requests::PLAIN.to_owned(),
        // Into the other one, as a browser resolves it.
        5 => format!("{}/..{}", folder.unwrap_or("/area"), after_area(other)),
        6 => format!("{}/%2e%2e{}", folder.unwrap_or("/area"), after_area(other)),
        7 => upper_case(u, &path)?,
        8 => match path.strip_suffix('/') {
            Some(bare) => bare.to_owned(),
            None => format!("{path}/"),
        },
        9 => match folder {
            Some(folder) => format!("{folder}ity/x"),
            None => format!("{path}ly"),
        },
        // The path of one below that of another.
        10 => format!("{}{}", other.trim_end_matches("/*"), path),
        11 => path.replacen("/area/p", "/area/%70", 1).replacen("/area/e", "/area/%65", 1),
        12 => format!("{path}?{}", other.replace('*', "x")),
        _ => format!("{path}/7"),
    })
}

/// What follows `/area` in a route's path.
fn after_area(route: &str) -> String {
    route.strip_prefix("/area").unwrap_or(route).replace('*', "x")
}

/// One segment in capitals.
fn upper_case(u: &mut Unstructured<'_>, path: &str) -> Result<String> {
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    let index = u.choose_index(segments.len())?;
    segments[index] = segments[index].to_uppercase();
    Ok(segments.join("/"))
}
