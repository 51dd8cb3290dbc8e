//! Words: said by a voice, painted as a picture, written out; in the sandbox, by the operation's name alone.

use rushes::domain::{Picture, Pixels};
use serde_json::Value;

use crate::support::binary::Home;
use crate::support::screen::Screen;

/// The take of an order, as its last line says.
async fn take(home: &Home, words: &[&str]) -> Value {
    let arguments = [&["generate", "--json"], words].concat();
    let ran = home.run(&arguments).await;
    assert_eq!(ran.code(), Some(0), "{words:?}: {} {}", ran.stdout(), ran.stderr());
    ran.lines().pop().expect("a take")
}

#[tokio::test]
async fn words_are_said_and_an_avatar_takes_as_long_as_they_do() {
    let home = Home::empty();
    let said =
        take(&home, &["--op", "speech", "the kite goes up and the wind takes it away"]).await;
    assert_eq!(said["mime"], "audio/wav", "{said}");
    assert_eq!(
        (&said["model_name"], &said["operation"]),
        (&"minimax/speech-02-hd".into(), &"speech".into())
    );
    assert_eq!(said["prompt"], "the kite goes up and the wind takes it away", "what was said");
    // 43 characters at $0.05 a thousand.
    assert_eq!(said["cost"], "0.00215", "{said}");
    let seconds = said["duration"].as_f64().expect("a WAV says how long it is");
    assert!((2.0..8.0).contains(&seconds), "ten words take {seconds} s");

    let face =
        take(&home, &["--op", "image", "a face, seen from the front", "-p", "size=512*768"]).await;
    assert_eq!(face["mime"], "image/png", "{face}");
    assert_eq!((&face["width"], &face["height"]), (&512.into(), &768.into()), "{face}");
    assert_eq!((&face["cost"], &face["duration"]), (&"0.02".into(), &Value::Null), "{face}");

    let of = |take: &Value| format!("asset:{}", take["asset_id"].as_str().expect("an id"));
    let (voice, face) = (of(&said), of(&face));
    let avatar =
        take(&home, &["--op", "talking-avatar", "--image", &face, "--audio", &voice]).await;
    let lasts = avatar["duration"].as_f64().expect("it was measured");
    assert!((lasts - seconds).abs() < 0.1, "{lasts} s of film for {seconds} s of words");
    assert_eq!((&avatar["height"], &avatar["operation"]), (&720.into(), &"talking-avatar".into()));
}

#[tokio::test]
async fn a_picture_that_is_given_is_changed_by_a_model_that_takes_one() {
    let home = Home::empty();
    let first = take(&home, &["--op", "image", "a kite", "-p", "size=320*200"]).await;
    let first = first["path"].as_str().expect("a file").to_owned();
    let second = take(&home, &["--op", "image", "a red one", "--image", &first]).await;
    assert_eq!(second["operation"], "image");
    assert_eq!((&second["width"], &second["height"]), (&320.into(), &200.into()), "{second}");
    let made = second["metadata"]["sandbox"]["made"].as_str().expect("what was made");
    assert!(made.starts_with("the given picture, changed"), "{made}");
}

#[tokio::test]
async fn words_that_are_written_out_are_read_beside_the_path_of_their_file() {
    let home = Home::empty();
    let ran = home
        .run(&["generate", "-m", "prompt-optimizer", "a red kite", "-p", "style=photographic"])
        .await;
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    let path = ran.stdout().trim().to_owned();
    let text = std::fs::read_to_string(&path).expect("the path alone is on stdout");
    assert!(text.starts_with("A red kite, 35 mm"), "{text}");
    assert!(ran.stderr().contains(text.trim()), "{}", ran.stderr());
    let take = &home.json(&["assets", "list", "--json"]).await[0];
    assert_eq!(
        (&take["mime"], &take["prompt"]),
        (&"text/plain".into(), &"a red kite".into()),
        "{take}"
    );
    assert_eq!(take["cost"], "0.001", "{take}");
}

#[tokio::test]
async fn what_a_voice_cannot_say_is_told_before_anything_is_sent() {
    let home = Home::empty();
    let check = async |words: &[&str], told: &str| {
        let ran = home.run(&[&["generate", "--op", "speech"], words].concat()).await;
        assert_eq!(ran.code(), Some(4), "{words:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(told), "{words:?}: {}", ran.stderr());
    };
    let long = "k".repeat(10_001);
    check(&[&long], "text is 10001 characters long; 10000 are allowed").await;
    check(&[" "], "text is blank").await;
    check(&["kite", "-p", "speed=3"], "speed is 3; it takes 0.5 to 2").await;
    check(&["kite", "-p", "emotion=bored"], "emotion must be one of its values").await;
    check(&["kite", "--image", "https://pictures.example/face.png"], "image").await;
    assert_eq!(home.jobs().await, Vec::<Value>::new());
}

const ALT_I: &str = "\x1bi";
const CTRL_C: &str = "\x03";
const ESC: &str = "\x1b";

/// A key of its own: what follows at once would be another.
fn escape(screen: &mut Screen) {
    screen.keys(ESC);
    std::thread::sleep(std::time::Duration::from_millis(150));
}

#[test]
fn the_prompt_is_written_out_by_keys_and_taken_after_it_was_looked_at() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "20");
    let mut screen = Screen::open(&home, 100, 30, &[]);
    screen.wait_for("SANDBOX").wait_for("Jobs").wait_for("$0.00");
    screen.keys("a red kite").wait_for("a red kite");
    screen.keys(ALT_I).wait_for("in which style?").wait_for("photographic");
    screen.keys("\r").wait_for("Take these words as the prompt?");
    // It is deaf for a moment: who types on says nothing.
    screen.wait("the change", |text| text.contains("soft evening light"));
    while screen.text().contains("Take these words") {
        escape(&mut screen);
    }
    screen.wait_for("a red kite");
    assert_eq!(home.takes().len(), 1, "the text is in the library");

    // From the library, after a restart too.
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
    let mut screen = Screen::open(&home, 100, 30, &[]);
    screen.wait_for("a red kite").wait_for("done");
    escape(&mut screen);
    screen.keys("\t").wait_for("A red kite");
    screen.keys("w").wait_for("Take these words as the prompt?");
    std::thread::sleep(std::time::Duration::from_millis(400));
    screen.keys("\r").wait_for("these are the words now");
    escape(&mut screen);
    screen.keys("z");
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
}

#[test]
fn what_was_said_becomes_an_avatar_of_its_length_by_keys() {
    let home = Home::empty().set("RUSHES_SANDBOX_SPEED", "20");
    let config = home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "model = \"minimax/speech-02-hd\"\n").unwrap();
    let size = Pixels { width: 320, height: 320 };
    let picture = Picture::from_rgb(size, vec![90; 320 * 320 * 3]).unwrap();
    let face = home.path().join("face.png");
    picture.write_png(&face).unwrap();

    let mut screen = Screen::open(&home, 100, 30, &[]);
    screen.wait_for("SANDBOX").wait_for("what shall be said");
    screen.keys("the kite goes up and up").wait_for("23 of 10,000 characters");
    screen.keys("\x07").wait_for("done").wait_for("Take 1");
    escape(&mut screen);
    screen.keys("\tI").wait_for("is the audio of InfiniteTalk").wait_for("2.4 s");
    screen.keys("k");
    screen.keys(&format!("\x1b[200~{}\x1b[201~", face.display())).wait_for("face.png  320×320");
    screen.keys("\x07").wait_for("Take 2").wait_for("2.4 s");
    screen.keys(CTRL_C);
    assert_eq!(screen.ended(), 0);
    assert_eq!(home.takes().len(), 2);
}
