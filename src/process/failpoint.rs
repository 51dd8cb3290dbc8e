//! Named steps at which a test may kill or stop this program. Nothing at all without the cargo feature.

/// Ends the process by SIGKILL at this step, or suspends it there, when `RUSHES_FAILPOINT` says so:
/// `after-submit-started=kill`, `before-save=stop`. Only in builds with the feature `failpoints`.
#[cfg(feature = "failpoints")]
pub fn reached(step: &str) {
    use rustix::process::{Signal, getpid, kill_process};

    let wanted = crate::config::env::failpoint();
    let Some((name, action)) = wanted.as_deref().and_then(|text| text.split_once('=')) else {
        return;
    };
    if name == step {
        let signal = if action == "stop" { Signal::STOP } else { Signal::KILL };
        let _ = kill_process(getpid(), signal);
        // The signal is delivered to some thread of the process; this one must not go on meanwhile.
        loop {
            std::thread::park_timeout(std::time::Duration::from_millis(5));
            if action == "stop" {
                return;
            }
        }
    }
}

/// Ends the process at this step when a test says so; here, nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn reached(_step: &str) {}
