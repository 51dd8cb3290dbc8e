//! The `rushes` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == rushes::media::child::SUBCOMMAND) {
        return rushes::media::child::child_main(arguments);
    }
    ExitCode::SUCCESS
}
