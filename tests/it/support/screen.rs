//! The real binary in a real pseudo-terminal.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::binary::{Home, RUSHES};

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// A terminal with the program in it. Everything it wrote is kept.
pub(crate) struct Screen {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    written: Arc<Mutex<(vt100::Parser, Vec<u8>)>>,
}

impl Screen {
    /// Starts `rushes` with these arguments in a terminal of this size.
    pub(crate) fn open(home: &Home, columns: u16, rows: u16, arguments: &[&str]) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(RUSHES);
        command.args(arguments);
        command.env_clear();
        for (name, value) in home.variables() {
            command.env(name, value);
        }
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        let written =
            Arc::new(Mutex::new((vt100::Parser::new(cells(rows), cells(columns), 0), Vec::new())));
        let heard = Arc::clone(&written);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let mut heard = heard.lock().unwrap();
                heard.0.process(&bytes[..count]);
                heard.1.extend_from_slice(&bytes[..count]);
            }
        });
        Self { master: pair.master, keyboard, child, written }
    }

    /// What stands on the screen.
    pub(crate) fn text(&self) -> String {
        self.written.lock().unwrap().0.screen().contents()
    }

    /// How many bytes came so far.
    pub(crate) fn bytes(&self) -> usize {
        self.written.lock().unwrap().1.len()
    }

    /// Everything that was ever written.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.written.lock().unwrap().1.clone()
    }

    /// Whether the terminal is as a shell expects it: main screen, cursor shown, no modes.
    pub(crate) fn is_given_back(&self) -> bool {
        let written = self.written.lock().unwrap();
        let screen = written.0.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }

    /// Waits until the screen shows this text.
    pub(crate) fn wait_for(&self, text: &str) -> &Self {
        self.wait(text, |shown| shown.contains(text))
    }

    pub(crate) fn wait(&self, what: &str, is: impl Fn(&str) -> bool) -> &Self {
        let start = Instant::now();
        while !is(&self.text()) {
            assert!(
                start.elapsed() < Duration::from_secs(40),
                "never saw {what:?}:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
        self
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.written.lock().unwrap().0.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size).unwrap();
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for the program's end, and its exit code.
    pub(crate) fn ended(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it wrote last is still on its way.
                std::thread::sleep(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(start.elapsed() < Duration::from_secs(40), "it never ended:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
