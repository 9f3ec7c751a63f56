//! The `corspec` program; everything is in the library.

fn main() -> std::process::ExitCode {
    corspec::cli::main()
}
