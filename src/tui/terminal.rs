//! The real terminal: taken at the start, given back on every way out.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, TestBackend};
use ratatui::layout::Size;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use super::wire::Wire;
use crate::domain::text::printable;

/// Whether the terminal is held at this moment: it is given back once.
static HELD: AtomicBool = AtomicBool::new(false);

/// What the studio draws on, and what else it may ask of a terminal.
pub trait Surface: Backend {
    /// Puts text into the terminal's clipboard.
    fn copy(&mut self, text: &str);
    /// Tells something to a person who may be looking elsewhere.
    fn notify(&mut self, text: &str);
    /// Forgets what is drawn: somebody else wrote to the terminal.
    fn forget(&mut self);
    /// Whether there is a shell to suspend to.
    fn can_suspend(&self) -> bool;
}

/// The terminal that the program was started in.
pub type Screenful = Wire<Stdout>;

impl Surface for Screenful {
    fn copy(&mut self, text: &str) {
        let sequence = format!("\x1b]52;c;{}\x07", base64(text.as_bytes()));
        self.send(sequence.as_bytes());
    }

    fn notify(&mut self, text: &str) {
        // A bell for every terminal, and OSC 9 for those that show a text of their own; others ignore it.
        self.send(format!("\x07\x1b]9;rushes: {}\x07", printable(text)).as_bytes());
    }

    fn forget(&mut self) {
        Self::forget(self);
    }

    fn can_suspend(&self) -> bool {
        true
    }
}

/// A terminal that is only a buffer: nothing to copy to, no shell behind it.
impl Surface for TestBackend {
    fn copy(&mut self, _text: &str) {}

    fn notify(&mut self, _text: &str) {}

    fn forget(&mut self) {}

    fn can_suspend(&self) -> bool {
        false
    }
}

/// Holds the terminal; gives it back when dropped.
#[derive(Debug)]
pub(super) struct Held;

impl Held {
    /// Takes the terminal, and makes every panic give it back before it prints.
    pub(super) fn take() -> io::Result<Self> {
        let before = std::panic::take_hook();
        let (own_task, own_thread) = (tokio::task::try_id(), std::thread::current().id());
        std::panic::set_hook(Box::new(move |panic| {
            // A job that panics must not tear the screen from under a studio that goes on.
            let elsewhere = tokio::task::try_id() != own_task
                || (own_task.is_none() && std::thread::current().id() != own_thread);
            if elsewhere && HELD.load(Ordering::Relaxed) {
                tracing::error!(%panic, "a background task panicked");
                return;
            }
            give_back();
            before(panic);
        }));
        enter()?;
        Ok(Self)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        give_back();
    }
}

/// Raw mode, the other screen, pastes in one piece.
pub(super) fn enter() -> io::Result<()> {
    HELD.store(true, Ordering::Relaxed);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// The terminal as it was. Errors are not told: it may be gone.
pub(super) fn give_back() {
    if !HELD.swap(false, Ordering::Relaxed) {
        return;
    }
    let mut out = io::stdout();
    // The end of a synchronised frame, in case one was cut short.
    drop(out.write_all(b"\x1b[?2026l\x1b[m"));
    drop(queue!(out, DisableBracketedPaste, LeaveAlternateScreen, Show));
    drop(out.flush());
    drop(disable_raw_mode());
}

/// A ratatui terminal over standard output.
pub(super) fn open() -> io::Result<Terminal<Screenful>> {
    let size = || crossterm::terminal::size().map(|(width, height)| Size { width, height });
    Terminal::new(Wire::new(io::stdout(), size))
}

/// Stops this process until it is continued. The terminal has to be given back before.
pub(super) async fn stop() -> io::Result<()> {
    let mut continued = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    kill_process(getpid(), Signal::TSTP)?;
    // The kernel does not stop a process that no shell would ever continue, and then nothing is heard.
    // The process is stopped inside this wait, or not at all.
    let heard = tokio::time::timeout(Duration::from_millis(500), continued.recv()).await;
    drop(heard);
    Ok(())
}

/// Standard base64, as OSC 52 wants it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipboard_gets_standard_base64() {
        let check = |text: &str, expected: &str| assert_eq!(base64(text.as_bytes()), expected);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("żółw", "xbzDs8WCdw==");
    }
}
