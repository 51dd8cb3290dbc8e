//! Golden frames: what the studio looks like, with its styles, at the sizes people have.

mod batch;
pub(crate) mod desk;
pub(crate) mod files;
mod film;
mod form;
mod made;
mod models;
mod print;
mod story;
pub(crate) mod usage;

use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use rushes::domain::{
    Alert, Ask, Asset, Balance, Check, CheckId, Job, JobEvent, MediaFacts, MediaKind, Operation,
    Preflight, Progress, ProviderId, Quote, Totals, Usd, Verdict,
};
use rushes::tui::backend::{Backend, Board, Notice, Spending};
use rushes::tui::msg::{Effect, Library, Msg, Reply};
use rushes::tui::pictures::Slot;
use rushes::tui::screen::Screen;
use rushes::tui::theme::Depth;
use rushes::tui::update::{open, update};
use rushes::tui::view::view;
use rushes::tui::wire::Wire;
use rushes::tui::{Start, Style, prepare};
use tokio::sync::{mpsc, watch};

use self::print::{Tap, frame, text};
use crate::support::builtin;

/// What every studio in a test is started with.
pub(crate) fn start(
    provider: ProviderId,
    backend: Arc<dyn Backend>,
    notices: mpsc::UnboundedReceiver<Notice>,
    board: watch::Receiver<Arc<Board>>,
) -> Start {
    let catalog = builtin();
    let model = catalog.default_for(Operation::TextToVideo).unwrap().id.clone();
    Start {
        backend,
        notices,
        board,
        catalog,
        presets: rushes::catalog::presets::Presets::built_in().unwrap(),
        model,
        provider,
        project: Some("kite-film".to_owned()),
        read_only: false,
        reasons: rushes::config::reasons::built_in(),
        notifies: true,
        style: Style {
            theme: "dark".to_owned(),
            own_theme: None,
            depth: Depth::True,
            ascii: false,
            reduced_motion: false,
        },
        keymap: None,
        clock: made::now,
        zone: TimeZone::UTC,
        random: 7,
    }
}

/// A studio whose library holds these, as it looks before the first key.
struct Studio {
    screen: Screen,
}

impl Studio {
    fn new(provider: ProviderId, size: (u16, u16), jobs: Vec<Job>, assets: Vec<Asset>) -> Self {
        Self::with(provider, size, jobs, assets, |start| start)
    }

    fn with(
        provider: ProviderId,
        size: (u16, u16),
        jobs: Vec<Job>,
        assets: Vec<Asset>,
        change: impl FnOnce(Start) -> Start,
    ) -> Self {
        let desk = desk::desk(provider, vec![], vec![], None, made::now);
        let backend = Arc::new(desk::Shared(desk.backend));
        let start = change(start(provider, backend, desk.notices, desk.board));
        let size = Size { width: size.0, height: size.1 };
        let (mut screen, _) = prepare(start, size).unwrap();
        let effects = open(&mut screen);
        let mut studio = Self { screen };
        studio.answer(effects);
        let mut spending = Spending::default();
        for job in &jobs {
            let cost = job.cost().unwrap_or_default();
            if job.is_simulated() {
                spending.today.simulated = spending.today.simulated + cost;
                spending.today.simulated_held = spending.today.simulated_held + job.balance.held();
            } else {
                spending.today.spent = spending.today.spent + cost;
                spending.today.held = spending.today.held + job.balance.held();
            }
        }
        let Totals { spent, held, .. } = spending.today;
        spending.standings = vec![made::day_budget(spent, held)];
        let library = Library { jobs, assets, spending };
        studio.tell(Msg::Reply(Reply::Loaded { moves: 0, library: Ok(library) }));
        studio
    }

    /// So many cents of the day's five dollars are spent since the library was read.
    fn reach(&mut self, cents: i64) -> Vec<Effect> {
        let standing = made::day_budget(Usd::from_micros(cents * 10_000), Usd::ZERO);
        let percent = if standing.percent() >= Some(90) { 90 } else { 80 };
        let mut spending = self.screen.spending.clone();
        spending.today.spent = Usd::from_micros(cents * 10_000);
        spending.alerts = vec![Alert { standing: standing.clone(), percent }];
        spending.standings = vec![standing];
        let (jobs, assets) = (self.screen.jobs.clone(), self.screen.assets.clone());
        let library = Library { jobs, assets, spending };
        self.tell(Msg::Reply(Reply::Loaded { moves: self.screen.moves, library: Ok(library) }))
    }

    /// Tells the screen something, and answers what it asks for in return.
    fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let effects = update(&mut self.screen, msg);
        self.answer(effects.clone());
        effects
    }

    /// Pictures and usual times are there at once.
    fn answer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Poster(id, fit) => {
                    let asset = self.screen.assets.iter().find(|asset| asset.id == id).unwrap();
                    let slot = match asset.metadata.get("words") {
                        Some(words) => Slot::Words(words.as_str().unwrap().to_owned()),
                        None => Slot::Ready(Arc::new(made::painted(asset.number.into(), fit))),
                    };
                    self.tell(Msg::Reply(Reply::Poster { id, fit, slot }));
                }
                Effect::Usual(model) => {
                    let seconds = std::time::Duration::from_secs;
                    let usual = Some((seconds(100), seconds(130)));
                    self.tell(Msg::Reply(Reply::Usual { model, usual }));
                }
                Effect::LookInto(asked) => {
                    let folder = Ok(files::folder(&asked));
                    self.tell(Msg::Reply(Reply::LookedInto { asked, folder }));
                }
                Effect::Picture(path, fit) => {
                    let picture = Ok(Arc::new(made::painted(9, fit)));
                    self.tell(Msg::Reply(Reply::Pictured { path, fit, picture }));
                }
                Effect::Facts(source) => {
                    let found = files::found(&source);
                    self.tell(Msg::Reply(Reply::Facts { source, found }));
                }
                _ => {}
            }
        }
    }

    fn keys(&mut self, keys: &str) -> Vec<Effect> {
        keys.split(' ').flat_map(|key| self.tell(Msg::Key(key.parse().expect("a key")))).collect()
    }

    fn write(&mut self, text: &str) {
        self.tell(Msg::Paste(text.to_owned()));
        let later = self.screen.now + std::time::Duration::from_millis(400);
        self.tell(Msg::Tick(later));
    }

    fn buffer(&self) -> Buffer {
        let size = self.screen.size;
        let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
        terminal.draw(|frame| view(&self.screen, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn frame(&self) -> String {
        frame(&self.buffer())
    }
}

const SIZES: [(u16, u16); 3] = [(60, 16), (80, 24), (120, 36)];

/// Takes a snapshot at every size.
fn at_every_size(name: &str, studio: impl Fn((u16, u16)) -> Studio) {
    for size in SIZES {
        let frame = studio(size).frame();
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), frame);
    }
}

const KITE: &str = "a red kite over dunes, slow dolly in, golden hour, 35 mm, dust in the air, the string barely visible";

/// A library of four takes, one kept and one rejected.
fn library(provider: ProviderId) -> (Vec<Job>, Vec<Asset>) {
    let prompts =
        [(40, KITE), (38, "first try"), (37, "a crowd of kites"), (36, "kites in the rain")];
    let jobs: Vec<_> = (0_i64..)
        .zip(prompts)
        .map(|(at, (number, prompt))| made::done(provider, number, prompt, 600 + at * 900))
        .collect();
    let mut assets: Vec<_> = jobs.iter().map(made::take).collect();
    assets[0].parent = Some(assets[1].id);
    assets[1].verdict = Some(Verdict::Kept);
    assets[1].favourite = true;
    assets[3].verdict = Some(Verdict::Rejected);
    (jobs, assets)
}

/// The same with a job that is in doubt and one that moderation ended.
fn troubled() -> (Vec<Job>, Vec<Asset>) {
    let (mut jobs, assets) = library(ProviderId::Wavespeed);
    jobs.insert(0, made::in_doubt(41, "night, no moon", 720));
    jobs.insert(2, made::moderated(39, "crowd of kites", 1200));
    (jobs, assets)
}

#[test]
fn an_empty_studio_teaches() {
    at_every_size("empty", |size| Studio::new(ProviderId::Sandbox, size, vec![], vec![]));
}

#[test]
fn typing_shows_its_count_and_its_price() {
    at_every_size("typing", |size| {
        let mut studio = Studio::new(ProviderId::Sandbox, size, vec![], vec![]);
        studio.write(KITE);
        studio
    });
}

#[test]
fn a_quote_that_is_not_our_price_stands_beside_it_and_in_the_model_s_facts() {
    let quoted = |size| {
        let mut studio = Studio::new(ProviderId::Wavespeed, size, vec![], vec![]);
        studio.write(KITE);
        let later = studio.screen.now + std::time::Duration::from_millis(400);
        let asked = studio.tell(Msg::Tick(later)).into_iter().find_map(|effect| match effect {
            Effect::Quote(brief) => Some(brief),
            _ => None,
        });
        let brief = asked.expect("it is asked by now");
        let usd = |cents: i64| Usd::from_micros(cents * 10_000);
        let (rule, quote) = (Some(usd(20)), usd(22));
        let quote =
            Quote { provider: brief.provider, model: brief.model.clone(), rule, quote, at: later };
        studio.tell(Msg::Reply(Reply::Quoted { brief, quote: Some(quote) }));
        studio
    };
    at_every_size("quote", quoted);
    let mut studio = quoted((120, 36));
    studio.keys("A-4");
    let shown = text(&studio.buffer());
    assert!(shown.contains("quoted   rule $0.20, the provider quotes"), "{shown}");
}

#[test]
fn three_live_jobs_line_up_and_tell_only_what_is_known() {
    at_every_size("live", |size| {
        let sandbox = ProviderId::Sandbox;
        let (mut jobs, assets) = library(sandbox);
        let mut downloading = made::accepted();
        downloading.push(JobEvent::OutputReady);
        let fetched = made::after(made::job(sandbox, 42, "golden hour", 130), &downloading);
        let waiting = made::after(made::job(sandbox, 43, "storm light", 74), &made::accepted());
        let id = fetched.id;
        jobs.insert(0, fetched);
        jobs.insert(0, waiting);
        jobs.insert(0, made::job(sandbox, 44, "a third one, not sent yet", 3));
        let mut studio = Studio::new(sandbox, size, jobs, assets);
        let figures = Progress {
            bytes: Some(4_200_000),
            bytes_total: Some(12_000_000),
            ..Progress::default()
        };
        studio.tell(Msg::Progress(Arc::new(Board::from([(id, figures)]))));
        studio
    });
}

#[test]
fn a_job_in_doubt_names_its_ways_out() {
    at_every_size("in_doubt", |size| {
        let (jobs, assets) = troubled();
        let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
        studio.keys("Esc");
        studio
    });
}

#[test]
fn a_failed_job_says_why_and_what_to_do() {
    at_every_size("failed", |size| {
        let (jobs, assets) = troubled();
        let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
        studio.keys("Esc j j");
        studio
    });
}

#[test]
fn a_price_that_nobody_knows_is_never_nothing_while_its_take_is_on_its_way() {
    let mut job = made::job(ProviderId::Huggingface, 1, "a red kite", 60);
    (job.estimate, job.hold, job.balance) = (None, Usd::ZERO, Balance::default());
    let mut events = made::accepted();
    events.extend([JobEvent::OutputReady, JobEvent::Saved { charge: Usd::ZERO }]);
    let mut studio =
        Studio::new(ProviderId::Huggingface, (120, 36), vec![made::after(job, &events)], vec![]);
    studio.keys("Esc");
    let shown = text(&studio.buffer());
    assert!(shown.contains("cost      price unknown"), "{shown}");
    assert!(!shown.contains("held"), "{shown}");
}

#[test]
fn a_take_is_shown_with_its_picture_and_its_facts() {
    at_every_size("take", |size| {
        let (jobs, assets) = library(ProviderId::Wavespeed);
        let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
        studio.keys("Esc Tab");
        if size.1 < 20 {
            studio.keys("Tab");
        }
        studio
    });
}

#[test]
fn what_is_no_video_is_shown_as_what_it_is() {
    for (name, keys) in [("sound", "Esc Tab"), ("words", "Esc Tab l")] {
        at_every_size(name, |size| {
            let (jobs, mut assets) = library(ProviderId::Wavespeed);
            let nothing = MediaFacts { codec: None, ..MediaFacts::default() };
            let sound = &mut assets[0];
            (sound.kind, sound.mime) = (MediaKind::Audio, "audio/wav".to_owned());
            sound.path = "takes/2026/11/22/words-0f3a-1.wav".to_owned();
            sound.facts = MediaFacts { duration_ms: Some(12_400), ..nothing.clone() };
            let words = &mut assets[1];
            (words.kind, words.mime) = (MediaKind::Other, "text/plain".to_owned());
            words.path = "takes/2026/11/22/better-0f3a-1.txt".to_owned();
            words.facts = nothing;
            let text = "A red kite climbs over pale dunes.\nSlow dolly in, low sun, 35 mm.";
            words.metadata.insert("words".to_owned(), text.into());
            let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
            studio.keys(keys);
            if size.1 < 20 {
                studio.keys("Tab");
            }
            studio
        });
    }
}

fn asked(size: (u16, u16), preflight: Preflight) -> Studio {
    let (jobs, assets) = library(ProviderId::Wavespeed);
    let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
    studio.write("a red kite over dunes");
    let brief = studio.screen.brief(Some(7));
    let ask = Ask::new(vec![brief]);
    studio.screen.toast = None;
    studio.tell(Msg::Reply(Reply::Preflighted { ask, preflight: Ok(preflight) }));
    studio
}

#[test]
fn spending_is_asked_about_with_every_check() {
    at_every_size("preflight_pass", |size| asked(size, made::checks(ProviderId::Wavespeed)));
}

#[test]
fn a_block_shows_the_way_out_and_no_key_that_spends() {
    at_every_size("preflight_block", |size| {
        let mut preflight = made::checks(ProviderId::Wavespeed);
        preflight.checks[0] = Check::block(
            CheckId::Credential,
            "no key for wavespeed",
            "run `rushes key set wavespeed`, or set WAVESPEED_API_KEY",
        );
        preflight.checks[6] = Check::warn(
            CheckId::Balance,
            "$0.90 at the provider",
            "top up at wavespeed.ai before long",
        );
        asked(size, preflight)
    });
}

#[test]
fn a_budget_that_is_used_up_is_told_with_its_figures_and_how_to_change_it() {
    at_every_size("preflight_budget", |size| {
        let mut preflight = made::checks(ProviderId::Wavespeed);
        preflight.checks[5] = Check::block(
            CheckId::Budget,
            "day budget: $4.60 spent + $0.00 held + $0.41 = $5.01 of $5.00",
            "rushes budget set day 5.01 allows it; or ask for less",
        );
        asked(size, preflight)
    });
}

#[test]
fn what_is_reached_is_told_once_and_by_the_terminal_too() {
    let (jobs, assets) = library(ProviderId::Wavespeed);
    let mut studio = Studio::new(ProviderId::Wavespeed, (80, 24), jobs, assets);
    let told = |effects: &[Effect]| effects.iter().any(|it| matches!(it, Effect::Notify(_)));
    let effects = studio.reach(462);
    let text = "90 % of the day budget: $4.62 of $5.00";
    assert!(effects.contains(&Effect::Notify(text.to_owned())), "{effects:?}");
    assert_eq!(studio.screen.toast.as_ref().unwrap().text, text);
    assert!(!told(&studio.reach(470)), "the same share is not told again");
    studio.screen.desk.notifies = false;
    studio.screen.spending.alerts.clear();
    assert!(!told(&studio.reach(470)), "nobody wants to be rung");
}

#[test]
fn what_is_nearly_used_up_stays_in_the_header() {
    at_every_size("alert", |size| {
        let (jobs, assets) = library(ProviderId::Wavespeed);
        let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
        studio.reach(462);
        studio
    });
}

#[test]
fn help_lists_the_keys_of_its_place() {
    at_every_size("help", |size| {
        let (jobs, assets) = library(ProviderId::Wavespeed);
        let mut studio = Studio::new(ProviderId::Wavespeed, size, jobs, assets);
        studio.keys("Esc ?");
        studio
    });
}

/// Words are offered for the prompt that is in the editor.
fn offered(mut studio: Studio) -> Studio {
    studio.write("a red kite over dunes, slow dolly in, shot with a wide lens");
    let id = studio.screen.assets[1].id;
    let words =
        "A red kite climbs over pale dunes, slow dolly in, golden hour, 35 mm, dust in the air \
                 and the string barely visible against the sun."
            .to_owned();
    studio.tell(Msg::Reply(Reply::Words { id, words: Ok(words) }));
    studio
}

#[test]
fn words_that_were_written_out_are_offered_as_a_change() {
    at_every_size("offered", |size| {
        let (jobs, assets) = library(ProviderId::Sandbox);
        offered(Studio::new(ProviderId::Sandbox, size, jobs, assets))
    });
    let (jobs, assets) = library(ProviderId::Sandbox);
    let studio = Studio::with(ProviderId::Sandbox, (80, 24), jobs, assets, |start| Start {
        style: Style { depth: Depth::None, ascii: true, ..start.style.clone() },
        ..start
    });
    let studio = offered(studio);
    let shown = text(&studio.buffer());
    assert!(shown.contains("[-a-]") && shown.contains("{+A+}"), "{shown}");
    insta::assert_snapshot!("offered_plain_80x24", studio.frame());
}

#[test]
fn without_colours_and_without_symbols_everything_is_still_told() {
    let (mut jobs, assets) = troubled();
    jobs[1].brief.project = None;
    let mut studio = Studio::with(ProviderId::Sandbox, (80, 24), jobs, assets, |start| Start {
        style: Style { depth: Depth::None, ascii: true, ..start.style.clone() },
        ..start
    });
    studio.keys("Esc Tab");
    let buffer = studio.buffer();
    for cell in buffer.content() {
        assert_eq!(
            (cell.fg, cell.bg),
            (ratatui::style::Color::Reset, ratatui::style::Color::Reset)
        );
        assert!(cell.symbol().is_ascii() || "·…×–".contains(cell.symbol()), "{:?}", cell.symbol());
    }
    insta::assert_snapshot!("plain_80x24", studio.frame());
}

#[test]
fn a_letter_in_the_editor_costs_at_most_sixty_bytes_and_a_frame_like_the_last_none() {
    let (jobs, assets) = library(ProviderId::Sandbox);
    let mut studio = Studio::new(ProviderId::Sandbox, (80, 24), jobs, assets);
    let tap = Tap::default();
    let size = || Ok(Size { width: 80, height: 24 });
    let mut terminal = Terminal::new(Wire::new(tap.clone(), size)).unwrap();
    let mut cost = |studio: &Studio| {
        tap.0.lock().unwrap().clear();
        terminal.draw(|frame| view(&studio.screen, frame)).unwrap();
        tap.0.lock().unwrap().len()
    };
    cost(&studio);
    for letter in KITE.chars() {
        studio.keys(if letter == ' ' { "Space".to_owned() } else { letter.to_string() }.as_str());
        let bytes = cost(&studio);
        assert!(bytes <= 60, "{letter:?} cost {bytes} bytes");
    }
    assert_eq!(cost(&studio), 0);
    let later = studio.screen.now + std::time::Duration::from_millis(400);
    studio.tell(Msg::Tick(later));
    assert!(cost(&studio) <= 60, "the counter follows");
}

#[test]
fn right_after_a_rejection_the_letters_that_say_why_are_offered() {
    at_every_size("why", |size| {
        let (jobs, mut assets) = library(ProviderId::Sandbox);
        assets[3].reason = Some("warped".to_owned());
        let mut studio = Studio::new(ProviderId::Sandbox, size, jobs, assets);
        studio.keys("Esc Tab l l -");
        studio
    });
}

#[test]
fn a_studio_that_only_looks_says_so_and_offers_no_key_that_changes_anything() {
    at_every_size("read_only", |size| {
        let (jobs, assets) = library(ProviderId::Sandbox);
        let mut studio = Studio::with(ProviderId::Sandbox, size, jobs, assets, |start| Start {
            read_only: true,
            ..start
        });
        studio.keys("Esc Tab +");
        studio
    });
}

#[test]
fn a_screen_too_small_says_so_in_one_line() {
    let studio = Studio::new(ProviderId::Sandbox, (38, 9), vec![], vec![]);
    assert_eq!(text(&studio.buffer()).trim_end(), "rushes needs 40x10 cells");
}

#[test]
fn no_frame_is_drawn_beyond_its_screen_at_any_size() {
    let (jobs, assets) = troubled();
    for width in (1..220).step_by(17) {
        for height in (1..70).step_by(5) {
            let mut studio =
                Studio::new(ProviderId::Wavespeed, (width, height), jobs.clone(), assets.clone());
            for keys in ["Esc", "Tab", "Tab", "?", "Esc", "A-x", "Esc", ":", "Esc", "y"] {
                studio.keys(keys);
                studio.buffer();
            }
        }
    }
}

#[test]
fn a_preset_is_chosen_by_what_it_changes_and_can_be_taken_back() {
    at_every_size("presets", |size| {
        let (jobs, assets) = library(ProviderId::Sandbox);
        let mut studio = Studio::new(ProviderId::Sandbox, size, jobs, assets);
        studio.write("a red kite over dunes");
        studio.keys("A-p");
        studio.write("cam");
        studio.keys("Down Down");
        studio
    });
    let (jobs, assets) = library(ProviderId::Sandbox);
    let mut studio = Studio::new(ProviderId::Sandbox, (80, 24), jobs, assets);
    studio.write("a red kite over dunes");
    let before = studio.screen.draft();
    studio.keys("A-p");
    studio.write("tall");
    studio.keys("Enter A-p");
    studio.write("dolly in");
    studio.keys("Enter");
    let after = studio.screen.draft();
    assert_eq!(after.prompt, "a red kite over dunes, slow dolly in");
    assert_eq!(after.params["size"], "720*1280");
    studio.keys("Esc z z");
    assert_eq!(studio.screen.draft(), before);
}
