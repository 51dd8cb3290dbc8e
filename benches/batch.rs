//! How long a thousand rows take: `cargo bench --bench batch`.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use rushes::catalog::Catalog;
use rushes::catalog::presets::Presets;
use rushes::domain::{Operation, ProviderId};
use rushes::tui::keymap::Keymap;
use rushes::tui::look::Look;
use rushes::tui::msg::Msg;
use rushes::tui::screen::{Desk, Opening, Screen};
use rushes::tui::settings::Settings;
use rushes::tui::theme::{Depth, Theme};
use rushes::tui::update::update;
use rushes::tui::view::view;

/// Ten by ten by ten.
const PROMPT: &str = "a {0|1|2|3|4|5|6|7|8|9} kite, {0|1|2|3|4|5|6|7|8|9} at {0|1|2|3|4|5|6|7|8|9}";

fn main() {
    // `cargo test --benches` runs this too, and wants no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let mut screen = screen();
    update(&mut screen, Msg::Paste(PROMPT.to_owned()));
    let counting: Vec<_> = (0..50).map(|_| timed(|| screen.count())).collect();
    assert_eq!(screen.counted.rows, 1_000);
    told("1,000 rows expanded, checked and priced", counting);
    let opening = timed(|| drop(update(&mut screen, Msg::Key("C-g".parse().expect("a key")))));
    told("the list of 1,000 rows opens", vec![opening]);
    let later = screen.now + Duration::from_secs(1);
    update(&mut screen, Msg::Tick(later));
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).expect("a terminal in memory");
    let mut keys = Vec::new();
    for key in ["j", "Space", "C-d", "G", "k", "a", "a", "C-u"].repeat(100) {
        keys.push(timed(|| {
            update(&mut screen, Msg::Key(key.parse().expect("a key")));
            terminal.draw(|frame| view(&screen, frame)).expect("it draws");
        }));
    }
    assert_eq!(screen.dialogs.len(), 1);
    told("a key in the list of 1,000 rows, its frame at 120x36 included", keys);
}

fn screen() -> Screen {
    let catalog = Catalog::builtin().expect("the shipped files are right");
    let model = catalog.default_for(Operation::TextToVideo).expect("a model").id.clone();
    let provider = ProviderId::Wavespeed;
    let look = Look {
        theme: Theme::default(),
        depth: Depth::True,
        ascii: false,
        reduced_motion: false,
        zone: TimeZone::UTC,
    };
    Screen::new(Opening {
        size: Size { width: 120, height: 36 },
        now: Timestamp::UNIX_EPOCH,
        look,
        keymap: Keymap::load(None).expect("the built-in keymap is right"),
        desk: Desk {
            provider,
            project: None,
            read_only: false,
            reasons: rushes::domain::Reasons::default(),
            notifies: false,
        },
        settings: Settings::new(Arc::new(catalog), provider, &model).expect("a known model"),
        presets: Presets::default(),
        platforms: rushes::catalog::platforms::Platforms::built_in().expect("it is good"),
        random: 1,
    })
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!("{what}: median {:.2} ms, largest {:.2} ms", at(50), at(100));
}
