//! The process that does the work of one order: `rushes local-child FOLDER TOOLS`. It outlives whoever started
//! it, and whoever asks later finds what it wrote.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::bench::Bench;
use super::orders::{self, Ended, Written};
use super::{Tools, edits};
use crate::config::Env;
use crate::domain::text::printable;
use crate::media::MediaChild;

/// The hidden subcommand that leads here.
pub const SUBCOMMAND: &str = "local-child";

/// How much the work yields to whoever sits at the machine.
const NICE: i32 = 10;

/// Does the work of the order in this folder, unless another process has it. Called before anything else is
/// set up.
pub fn child_main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter().map(PathBuf::from);
    let Some((folder, tools_file)) = arguments.next().zip(arguments.next()) else {
        return ExitCode::from(2);
    };
    match work(&folder, &tools_file) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads it: the order stands as it was, and is started again when it is asked about.
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(folder: &Path, tools_file: &Path) -> io::Result<()> {
    let Some(progress) = orders::take(folder)? else { return Ok(()) };
    if orders::get::<Ended>(folder, "ended.json")?.is_some() {
        return Ok(());
    }
    let Some(order) = orders::get::<Written>(folder, "order.json")? else { return Ok(()) };
    // Neither matters so much that the work should not be done.
    let _ = nice(NICE);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let path = Env::of_process().path("PATH").unwrap_or_default();
    let media = MediaChild::new(std::env::current_exe()?).search_path(path.as_os_str());
    let tools = Tools::find(path.as_os_str(), tools_file);
    let mut bench = Bench::new(folder.to_owned(), tools, media, progress);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let made = runtime.block_on(edits::make(&mut bench, &order));
    let ended = match made {
        Ok(files) => {
            for name in &files {
                std::fs::File::open(folder.join(name))?.sync_all()?;
            }
            bench.clear(&files);
            Ended::Done { files, metadata: bench.notes }
        }
        Err(failed) => {
            bench.clear(&[]);
            Ended::Failed { message: printable(&failed.0) }
        }
    };
    orders::end(folder, &ended).map(drop)
}
