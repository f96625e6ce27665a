//! Arguments in, exit code out; everything between is in the library.

use std::process::ExitCode;

// Facts are millions of small values; the system allocator takes a third of the time of a run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    moai_backend::cli::main(std::env::args_os())
}
