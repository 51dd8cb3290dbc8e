//! The whole studio over a made-up program: keys in, calls and frames out.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream::{self, StreamExt as _};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use rushes::domain::ProviderId;
use rushes::tui::app::{Sources, play};
use rushes::tui::{Ended, Ending};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::frames::desk::{Desk, Made, Shared, desk};
use super::frames::start;

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn control(letter: char) -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
}

/// A studio at work, and the hand on its keys.
struct Played {
    made: std::sync::Arc<Made>,
    keys: mpsc::UnboundedSender<Event>,
    hang_up: CancellationToken,
    ended: tokio::task::JoinHandle<anyhow::Result<Ended>>,
}

fn open(provider: ProviderId) -> Played {
    let Desk { backend, notices, board } =
        desk(provider, vec![], vec![], Some(Duration::from_millis(1)), jiff::Timestamp::now);
    let made = std::sync::Arc::clone(&backend);
    let size = Size { width: 80, height: 24 };
    let start = start(provider, std::sync::Arc::new(Shared(backend)), notices, board);
    let (screen, rest) =
        rushes::tui::prepare(rushes::tui::Start { clock: jiff::Timestamp::now, ..start }, size)
            .unwrap();
    let (keys, pressed) = mpsc::unbounded_channel();
    // Opened again after another program had the terminal.
    let pressed = std::sync::Arc::new(tokio::sync::Mutex::new(pressed));
    let input = move || {
        let pressed = std::sync::Arc::clone(&pressed);
        Box::pin(stream::unfold(pressed, |pressed| async move {
            let event: Option<Event> = pressed.lock().await.recv().await;
            event.map(|event| (Ok(event), pressed))
        }))
    };
    let hang_up = CancellationToken::new();
    let token = hang_up.clone();
    let signals =
        stream::once(async move { token.cancelled_owned().await }).map(|()| Ending::Hangup);
    let ended = tokio::spawn(async move {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let sources = Sources {
            input,
            signals: Box::pin(signals),
            notices: rest.notices,
            board: rest.board,
            backend: rest.backend,
            clock: rest.clock,
        };
        play(screen, &mut terminal, sources).await
    });
    Played { made, keys, hang_up, ended }
}

impl Played {
    fn press(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.keys.send(event).unwrap();
        }
    }

    fn paste(&self, text: &str) {
        self.keys.send(Event::Paste(text.to_owned())).unwrap();
    }

    /// Waits until something that was asked of the program satisfies this.
    async fn until(&self, what: &str, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let waiting = async {
            loop {
                let calls = self.made.calls();
                if wanted(&calls) {
                    return calls;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(10), waiting).await.ok();
        heard.unwrap_or_else(|| panic!("never {what}; asked so far: {:?}", self.made.calls()))
    }

    async fn end(self) -> Ended {
        tokio::time::timeout(Duration::from_secs(10), self.ended).await.unwrap().unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_prompt_becomes_a_take_on_screen_and_leaving_hands_over() {
    let studio = open(ProviderId::Sandbox);
    studio.paste("a red kite over dunes");
    // The paste has to be a read of its own, or the order would be taken for a part of it.
    let mut pause = Duration::from_millis(5);
    tokio::time::timeout(Duration::from_secs(10), async {
        while !studio.made.calls().iter().any(|call| call.starts_with("order")) {
            studio.press([control('g')]);
            // Longer each time: on a busy machine two of them would be one read, and that is a paste.
            pause *= 2;
            tokio::time::sleep(pause).await;
        }
    })
    .await
    .unwrap();
    let calls = studio.until("done", |_| studio.made.saved() > 0).await;
    assert!(
        calls.iter().any(|call| call.starts_with("order \"a red kite over dunes\" seed Some("))
    );
    studio.press([control('c')]);
    let made = std::sync::Arc::clone(&studio.made);
    assert_eq!(studio.end().await, Ended { by: None, unfinished: None });
    assert!(made.calls().iter().any(|call| call == "leave Hold"));
}

#[tokio::test]
async fn the_prompt_comes_back_from_the_persons_own_editor_and_keys_are_heard_again() {
    let studio = open(ProviderId::Sandbox);
    studio.paste("a red kite");
    studio.press([control('x'), control('e')]);
    studio.until("edited", |calls| calls.iter().any(|call| call == "edit \"a red kite\"")).await;
    let ordered = |call: &String| call.starts_with("order \"a red kite, edited\"");
    let mut pause = Duration::from_millis(5);
    tokio::time::timeout(Duration::from_secs(10), async {
        while !studio.made.calls().iter().any(ordered) {
            studio.press([control('g')]);
            // Longer each time: on a busy machine two of them would be one read, and that is a paste.
            pause *= 2;
            tokio::time::sleep(pause).await;
        }
    })
    .await
    .unwrap();
    studio.hang_up.cancel();
    studio.end().await;
}

#[tokio::test]
async fn an_order_in_one_read_with_other_keys_is_a_paste_and_spends_nothing() {
    let studio = open(ProviderId::Sandbox);
    let letters = "kite".chars().map(|letter| key(KeyCode::Char(letter)));
    studio.press(letters.chain([key(KeyCode::Enter), control('g'), key(KeyCode::Enter)]));
    studio.press([key(KeyCode::Esc)]);
    tokio::task::yield_now().await;
    studio.hang_up.cancel();
    let made = std::sync::Arc::clone(&studio.made);
    studio.end().await;
    assert!(!made.calls().iter().any(|call| call.starts_with("preflight")), "{:?}", made.calls());
}

#[tokio::test]
async fn a_hangup_hands_the_jobs_over_and_says_so_in_the_exit_code() {
    let studio = open(ProviderId::Sandbox);
    studio.hang_up.cancel();
    let made = std::sync::Arc::clone(&studio.made);
    let ended = studio.end().await;
    assert_eq!(ended.by, Some(Ending::Hangup));
    assert_eq!(ended.by.map(Ending::exit_code), Some(129));
    assert_eq!(made.calls(), ["leave Hold"]);
}

#[tokio::test]
async fn a_terminal_that_goes_away_is_a_hangup() {
    let studio = open(ProviderId::Sandbox);
    let Played { made, keys, hang_up: _hang_up, ended } = studio;
    drop(keys);
    let ended = tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap().unwrap();
    assert_eq!(ended.unwrap().by, Some(Ending::Hangup));
    assert_eq!(made.calls(), ["leave Hold"]);
}
