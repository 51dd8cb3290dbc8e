//! The `rushes` program: a terminal studio for AI video.

use std::process::ExitCode;

use clap::Parser;
use rushes::assembly::{self, Handed};
use rushes::cli::{self, Cli, Command};
use rushes::process::detach;

fn main() -> ExitCode {
    // A child that parses media comes before everything else: it needs nothing of the rest, and gets nothing.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == rushes::media::child::SUBCOMMAND) {
        return rushes::media::child::child_main(arguments);
    }
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == rushes::provider::local::SUBCOMMAND) {
        return rushes::provider::local::child_main(arguments);
    }
    let cli = Cli::parse();
    let handed = match cli.command {
        Some(Command::Worker { detached: true }) => {
            detach::leave_terminal();
            assembly::read_handed(std::io::stdin()).unwrap_or_default()
        }
        _ => Handed::default(),
    };
    if !cli.read_only {
        rushes::logging::start();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a system that runs this program has threads and timers");
    let exit = runtime.block_on(cli::run(cli, handed));
    // What still runs on its threads (a decoder, a cache) is not worth waiting for.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    ExitCode::from(exit.code())
}
