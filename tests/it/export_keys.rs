//! A take made ready for two platforms at once, by keys alone, in a pseudo-terminal.

use crate::story::has_ffmpeg;
use crate::support::binary::Home;
use crate::support::given::Given;
use crate::support::screen::Screen;

async fn size_of(file: &str) -> String {
    let shown = "stream=codec_name,width,height";
    let asked = ["-v", "error", "-select_streams", "v", "-show_entries", shown, "-of", "csv=p=0"];
    let ran = tokio::process::Command::new("ffprobe").args(asked).arg(file).output().await.unwrap();
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}

#[tokio::test]
async fn two_platforms_are_ticked_and_made_of_one_take() {
    if !has_ffmpeg() {
        return;
    }
    let home = Home::empty();
    let given = Given::below(home.path());
    let film = given.film.to_str().unwrap();
    let imported = home.json(&["assets", "import", film, "--json"]).await;
    let mut screen = Screen::open(&home, 100, 30, &[]);
    screen.wait_for("SANDBOX").wait_for("640x480");
    screen.keys("\u{1b}");
    screen.wait("the jobs have the keys", |shown| shown.contains("▌Jobs"));
    screen.keys("\tE");
    screen.wait_for("Export or edit take 1");
    screen.keys("square");
    screen.wait("only those that are square", |shown| !shown.contains("TikTok"));
    screen.keys("\t\t");
    screen.wait_for("make 2");
    screen.keys("\r");
    screen.wait_for("2 done").wait("which is which", |shown| {
        shown.contains("linkedin-s") && shown.contains("facebook-s")
    });
    let takes = home.json(&["assets", "list", "--json"]).await;
    let made: Vec<_> = takes
        .as_array()
        .unwrap()
        .iter()
        .filter(|take| take["parent"] == imported["asset_id"])
        .collect();
    assert_eq!(made.len(), 2, "{takes:#}");
    for take in made {
        let made_file = home.path().join("data").join(take["path"].as_str().unwrap());
        assert_eq!(size_of(made_file.to_str().unwrap()).await, "h264,1080,1080", "{take}");
        assert_eq!(take["cost"], "0.00", "{take}");
    }
    let listed = home.run(&["assets", "list"]).await.stdout();
    for platform in ["linkedin-square export", "facebook-square export"] {
        assert!(listed.contains(platform), "they are told apart: {listed}");
    }
    let charged: Vec<_> = home.ledger().into_iter().filter(|(kind, _)| kind == "charge").collect();
    assert_eq!(charged, [("charge".to_owned(), 0), ("charge".to_owned(), 0)]);
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
}
