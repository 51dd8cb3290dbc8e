//! This process and others on this machine: who drives a job, and whether it still lives.

pub mod detach;
pub mod failpoint;

use crate::domain::{Alive, Owner};

/// This process as the owner of jobs.
pub fn this_owner() -> Owner {
    let pid = std::process::id();
    Owner { host: host(), pid, start: start_of(pid).unwrap_or(0) }
}

/// Whether an owner still runs. Suspended counts as running: it may wake up and go on.
pub fn alive(owner: &Owner) -> Alive {
    if owner.host != host() || !cfg!(target_os = "linux") {
        return Alive::Unknown;
    }
    match start_of(owner.pid) {
        Some(start) if start == owner.start => Alive::Yes,
        _ => Alive::No,
    }
}

/// This machine in this boot: process ids begin again after a restart.
fn host() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    format!("{name}/{}", boot.trim())
}

/// When a process started, in clock ticks since the boot; `None` when it is gone, a zombie, or this
/// system does not tell.
fn start_of(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse_start(&stat)
}

/// Field 22 of `/proc/PID/stat` (proc(5)). The second field, the name, may itself hold blanks and brackets.
fn parse_start(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_start_whatever_its_name() {
        let stat = "12 (a) b (c) S 1 12 12 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4242 99 1";
        assert_eq!(parse_start(stat), Some(4242));
        assert_eq!(
            parse_start("12 (dead) Z 1 12 12 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 4242 99"),
            None
        );
        assert_eq!(parse_start("garbage"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_lives_and_one_with_another_start_does_not() {
        let me = this_owner();
        assert_eq!(alive(&me), Alive::Yes);
        assert_eq!(alive(&Owner { start: me.start + 1, ..me.clone() }), Alive::No);
        assert_eq!(alive(&Owner { host: "elsewhere".into(), ..me }), Alive::Unknown);
    }
}
