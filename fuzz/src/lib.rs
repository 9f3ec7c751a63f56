//! The fuzz targets as functions: one serves libFuzzer, LibAFL, AFL++, the replay test and a minimiser alike.
//!
//! | targets | module |
//! |---|---|
//! | header parsing | [`headers`], held against [`grammar`]s that a [`recogniser`] reads |
//! | the model as a browser | [`fetch_scenario`] |
//! | the model as a server, and as a browser of it | [`policy`] |
//! | readers of raw heads | [`heads`] |
//! | middlewares in this process, and the reference responder | [`middleware`] |
//! | files and messages the tool reads | [`tool_inputs`] |
//!
//! An input has two [`shapes`]. What each target looks for, and how they are run, is in `README.md`.

pub mod fetch_scenario;
pub mod grammar;
pub mod headers;
#[cfg(feature = "tool")]
pub mod heads;
#[cfg(feature = "tool")]
pub mod middleware;
pub mod policy;
pub mod recogniser;
pub mod shapes;
#[cfg(feature = "tool")]
pub mod tool_inputs;

// Linked in place of libFuzzer, behind the same functions.
#[cfg(feature = "libafl")]
use libafl_libfuzzer as _;
#[cfg(all(feature = "libfuzzer", feature = "libafl"))]
compile_error!("libFuzzer or LibAFL: build with --no-default-features --features libafl,tool");

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A target: its name, and the function that is given an input and panics when it finds something.
pub type Target = (&'static str, fn(&[u8]));

/// Every target that the features build.
pub const TARGETS: &[Target] = &[
    ("list_headers", headers::list_headers::check),
    ("serialized_origin", headers::serialized_origin::check),
    ("get_decode_and_split", headers::get_decode_and_split::check),
    ("mime_type", headers::mime_type::check),
    ("single_range", headers::single_range::check),
    ("max_age", headers::max_age::check),
    ("fetch_scenario", fetch_scenario::check),
    ("policy", policy::check),
    #[cfg(feature = "tool")]
    ("heads", heads::check),
    #[cfg(feature = "tool")]
    ("middleware", middleware::differential),
    #[cfg(feature = "frameworks")]
    ("frameworks", middleware::frameworks),
    #[cfg(feature = "tool")]
    ("responder", middleware::responder),
    #[cfg(feature = "tool")]
    ("tool_inputs", tool_inputs::check),
];
