//! Tests of the settings: layers, wrong files, and setting one value.

use super::*;

struct Home {
    _folder: tempfile::TempDir,
    paths: Paths,
}

fn home(config: &str) -> Home {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let paths = Paths::under(folder.path());
    paths.make().expect("the folders can be made");
    if !config.is_empty() {
        std::fs::write(paths.config_file(), config).expect("it can be written");
    }
    Home { _folder: folder, paths }
}

fn load(config: &str) -> Result<Settings, String> {
    let home = home(config);
    Settings::load(&home.paths, &Env::default(), &[]).map_err(|error| {
        let hint = error.hint().map(|hint| format!(" | {hint}")).unwrap_or_default();
        format!("{error}{hint}").replace(&home.paths.config_file().display().to_string(), "FILE")
    })
}

#[test]
fn every_setting_has_a_default_and_a_comment() {
    let settings = load("").expect("the built-in settings are right");
    assert_eq!((settings.provider, settings.confirm_above), (None, Usd::ZERO));
    assert_eq!(settings.wavespeed.base_url.as_str(), "https://api.wavespeed.ai");
    assert_eq!(settings.wavespeed.key_cmd, None);
    let mut before = "";
    for line in BUILT_IN.lines() {
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(before.starts_with('#'), "no comment above {line}");
        }
        before = line;
    }
}

#[test]
fn a_later_layer_wins_and_every_value_knows_its_own() {
    let home = home(
        "provider = \"sandbox\"\nproject = \"night\"\n[sandbox]\nspeed = 4\nfaults = \"slow\"\n",
    );
    let env = Env::of_pairs([("RUSHES_SANDBOX_SPEED", "10"), ("RUSHES_PROVIDER", "sandbox")]);
    let flag = Flag { name: "--provider", key: "provider", text: "wavespeed".to_owned() };
    let settings = Settings::load(&home.paths, &env, &[flag]).expect("all layers are right");
    assert_eq!(settings.provider, Some(ProviderId::Wavespeed));
    assert_eq!(
        settings.sandbox,
        SandboxSettings { speed: 10.0, most_drawn: 2_700_000_000, faults: "slow".to_owned() }
    );
    let origin = |key: &str| {
        let rows = settings.explain();
        let row = rows.into_iter().find(|(name, ..)| name == key);
        row.map(|(_, value, origin)| (value, origin)).expect("it is a setting")
    };
    assert_eq!(origin("provider"), ("wavespeed".to_owned(), Origin::Flag("--provider")));
    assert_eq!(origin("sandbox.speed").1, Origin::Environment("RUSHES_SANDBOX_SPEED"));
    assert_eq!(origin("project"), ("night".to_owned(), Origin::File(home.paths.config_file())));
    assert_eq!(origin("confirm_above"), ("0".to_owned(), Origin::BuiltIn));
}

#[test]
fn a_wrong_file_is_one_error_with_the_nearest_key() {
    let check = |config: &str, message: &str| {
        assert_eq!(load(config).expect_err("it is wrong"), message);
    };
    check("provder = \"x\"", "FILE: unknown setting provder | did you mean provider?");
    check(
        "[wavespeed]\nurl = \"x\"",
        "FILE: unknown setting wavespeed.url | did you mean wavespeed.base_url?",
    );
    check(
        "[wavespeed]\nbase_ur = \"x\"",
        "FILE: unknown setting wavespeed.base_ur | did you mean wavespeed.base_url?",
    );
    check("wavespeed = \"x\"", "FILE: wavespeed must be a section, [wavespeed]");
    check("model = 5", "FILE: model must be text in quotes, not 5");
    check("[sandbox]\nspeed = 0", "FILE: sandbox.speed: must be above 0");
    let none = "[sandbox]\nmost_megapixels = 0";
    check(none, "FILE: sandbox.most_megapixels: must be above 0");
    check(
        "provider = \"sora\"",
        "FILE: provider: unknown provider \"sora\"; known: sandbox, wavespeed, huggingface, local",
    );
    check(
        "confirm_above = \"much\"",
        "FILE: confirm_above: \"much\" is not an amount in US dollars, like 0.50",
    );
    assert!(
        load("time_zone = \"Mars/Base\"").is_err_and(|error| error.contains("FILE: time_zone: "))
    );
    assert!(load("a = [").is_err_and(|error| error.starts_with("FILE: line 1: ")));
}

#[test]
fn an_unfit_address_is_refused_where_it_was_said() {
    let home = home("");
    let env = Env::of_pairs([("WAVESPEED_BASE_URL", "http://wavespeed.example")]);
    let error = Settings::load(&home.paths, &env, &[]).expect_err("the key would be readable");
    assert_eq!(
        error.to_string(),
        "$WAVESPEED_BASE_URL: wavespeed.base_url: http://wavespeed.example would send the key unencrypted"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("allow_plain_http")));
    let allowed = "[wavespeed]\nbase_url = \"http://wavespeed.example/\"\nallow_plain_http = true";
    let settings = load(allowed).expect("the user says that it may be");
    assert_eq!(settings.wavespeed.base_url.as_str(), "http://wavespeed.example");
}

#[test]
fn where_a_token_goes_must_be_encrypted_and_where_none_goes_need_not() {
    let home = home("");
    let load = |name: &'static str| {
        let env = Env::of_pairs([(name, "http://mirror.example")]);
        Settings::load(&home.paths, &env, &[])
    };
    let settings = load("HF_ENDPOINT").expect("the hub gets no key");
    assert_eq!(settings.huggingface.hub_url.as_str(), "http://mirror.example");
    for (name, key) in [("HF_ROUTER_URL", "router_url"), ("FAL_QUEUE_URL", "queue_url")] {
        let error = load(name).expect_err("the key would be readable");
        assert!(error.to_string().contains(&format!("huggingface.{key}: ")), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("huggingface.allow_plain_http")));
    }
}

#[test]
fn setting_one_value_keeps_the_rest_of_the_file() {
    let home = home("# mine\nproject = \"night\" # for now\n\n[sandbox]\nfaults = \"slow\"\n");
    set(&home.paths, "project", "day").expect("it is a setting");
    set(&home.paths, "sandbox.speed", "2.5").expect("it is a setting");
    set(&home.paths, "wavespeed.account_level", "gold").expect("it is a setting");
    let text = std::fs::read_to_string(home.paths.config_file()).expect("it is there");
    assert_eq!(
        text,
        "# mine\nproject = \"day\" # for now\n\n[sandbox]\nfaults = \"slow\"\nspeed = 2.5\n\n[wavespeed]\naccount_level = \"gold\"\n"
    );
    let wrong = set(&home.paths, "sandbox.speed", "-1").expect_err("it must be above 0");
    assert!(wrong.to_string().contains("sandbox.speed: must be above 0"), "{wrong}");
    assert!(set(&home.paths, "projekt", "x").is_err());
    assert_eq!(std::fs::read_to_string(home.paths.config_file()).expect("it is there"), text);
}

#[test]
fn a_linked_file_stays_a_link() {
    let home = home("");
    let real = home.paths.data.join("dotfiles.toml");
    std::fs::write(&real, "project = \"a\"\n").expect("it can be written");
    std::os::unix::fs::symlink(&real, home.paths.config_file()).expect("it can be linked");
    set(&home.paths, "project", "b").expect("it is a setting");
    assert_eq!(std::fs::read_to_string(&real).expect("it is there"), "project = \"b\"\n");
    assert!(home.paths.config_file().is_symlink());
}
