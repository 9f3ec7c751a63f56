//! The `corspec` program; everything is in the library.

/// Judging makes and frees many small things: with the C library's allocator that is half of its instructions.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    corspec::cli::main()
}
