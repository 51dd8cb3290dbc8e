//! Tests of keys: where they come from, and that they go nowhere else.

use std::time::{Duration, Instant};

use super::*;

const KEY: &str = "wsk_0123456789abcdef";
const WAVESPEED: ProviderId = ProviderId::Wavespeed;

fn home() -> (tempfile::TempDir, Paths) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let paths = Paths::under(folder.path());
    (folder, paths)
}

fn env(pairs: &[(&str, &str)]) -> Env {
    let path = Env::of_process().path("PATH").unwrap_or_default().into_os_string();
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.into()));
    Env::of_pairs(pairs.chain([("PATH".to_owned(), path)]))
}

fn key(text: &str) -> ApiKey {
    ApiKey::read(text).expect("the test's key is fit")
}

#[test]
fn a_key_is_never_printed() {
    let credential = Credential { key: key(KEY), source: CredentialSource::Inherited };
    let shown = format!("{credential:?} {:?} {}", credential.key, credential.key);
    assert!(!shown.contains("wsk"), "{shown}");
    assert_eq!(credential.key.expose(), KEY);
}

#[test]
fn a_fingerprint_tells_keys_and_addresses_apart() {
    let one = key(KEY).fingerprint("https://api.wavespeed.ai");
    assert_eq!(
        (one.as_str().len(), one.clone()),
        (12, key(KEY).fingerprint("https://api.wavespeed.ai"))
    );
    assert_ne!(one, key(KEY).fingerprint("https://other.example"));
    assert_ne!(one, key("another").fingerprint("https://api.wavespeed.ai"));
    assert!(one.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn what_no_header_can_carry_is_no_key() {
    let check = |text: &str, fault| assert_eq!(ApiKey::read(text), Err(fault), "{text:?}");
    check("", UnfitKey::Empty);
    check(" \n", UnfitKey::Empty);
    check("wsk_a b", UnfitKey::Unprintable);
    check("wsk_a\u{1b}[31m", UnfitKey::Unprintable);
    check("wsk_ł", UnfitKey::Unprintable);
    check(&"a".repeat(5000), UnfitKey::TooLong);
    assert_eq!(ApiKey::read(" wsk_a\n"), Ok(key("wsk_a")));
}

#[test]
fn fals_own_key_counts_where_there_is_no_token() {
    let (_folder, paths) = home();
    let find = |pairs: &[(&str, &str)]| {
        let found = find(ProviderId::Huggingface, &paths, &env(pairs), None).expect("it is fit");
        found.map(|found| (found.key.expose().to_owned(), found.source))
    };
    let from = |text: &str, name| Some((text.to_owned(), CredentialSource::Environment(name)));
    assert_eq!(find(&[("FAL_KEY", "1a:2b")]), from("1a:2b", "FAL_KEY"));
    assert_eq!(find(&[("FAL_KEY", "1a:2b"), ("HF_TOKEN", "hf_x")]), from("hf_x", "HF_TOKEN"));
    assert_eq!(find(&[("HF_TOKEN", ""), ("WAVESPEED_API_KEY", "w")]), None);
}

#[test]
fn the_environment_goes_before_the_file_and_the_file_before_the_command() {
    let (_folder, paths) = home();
    let find = |pairs: &[(&str, &str)], command: Option<&str>| {
        let found = find(WAVESPEED, &paths, &env(pairs), command).expect("every key is fit");
        found.map(|found| (found.key.expose().to_owned(), found.source))
    };
    assert_eq!(find(&[], None), None);
    let command = "printf 'from-command\\nsecond line\\n'";
    let said = Some(("from-command".to_owned(), CredentialSource::Command(command.to_owned())));
    assert_eq!(find(&[], Some(command)), said);
    set_key(&paths, WAVESPEED, &key("from-file")).expect("it can be written");
    let file = CredentialSource::File(paths.credentials_file());
    assert_eq!(
        find(&[("WAVESPEED_API_KEY", "")], Some(command)),
        Some(("from-file".to_owned(), file))
    );
    let variable = CredentialSource::Environment("WAVESPEED_API_KEY");
    assert_eq!(
        find(&[("WAVESPEED_API_KEY", "from-env ")], Some(command)),
        Some(("from-env".to_owned(), variable))
    );
}

#[test]
fn an_unfit_key_is_told_and_not_passed_over() {
    let (_folder, paths) = home();
    set_key(&paths, WAVESPEED, &key(KEY)).expect("it can be written");
    let error = find(WAVESPEED, &paths, &env(&[("WAVESPEED_API_KEY", "a b-secret")]), None)
        .expect_err("there is a blank in it");
    assert!(error.to_string().starts_with("$WAVESPEED_API_KEY: the key has characters"), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn a_stored_key_is_for_the_user_alone() {
    let (_folder, paths) = home();
    set_key(&paths, WAVESPEED, &key(KEY)).expect("it can be written");
    let file = paths.credentials_file();
    let mode = || file.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    let error = find(WAVESPEED, &paths, &env(&[]), None).expect_err("others can read it");
    assert!(error.to_string().ends_with("can be read by others (mode 640)"), "{error}");
    assert_eq!(error.hint(), Some(format!("chmod 600 {}", file.display())));
    assert!(set_key(&paths, WAVESPEED, &key(KEY)).is_err(), "a key that others saw is not hidden");
}

#[test]
fn a_forgotten_key_is_gone() {
    let (_folder, paths) = home();
    assert!(matches!(forget_key(&paths, WAVESPEED), Ok(false)));
    set_key(&paths, WAVESPEED, &key(KEY)).expect("it can be written");
    assert!(matches!(forget_key(&paths, WAVESPEED), Ok(true)));
    assert!(matches!(find(WAVESPEED, &paths, &env(&[]), None), Ok(None)));
    let text = std::fs::read_to_string(paths.credentials_file()).expect("it is there");
    assert!(!text.contains(KEY));
}

#[test]
fn a_broken_file_of_keys_is_told_without_its_text() {
    let (_folder, paths) = home();
    super::super::write::whole(&paths.credentials_file(), "[wavespeed]\nkey = wsk_secret\n", 0o600)
        .expect("it can be written");
    let error = find(WAVESPEED, &paths, &env(&[]), None).expect_err("the quotes are missing");
    assert!(error.to_string().ends_with("line 2 is not TOML"), "{error}");
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn a_key_command_sees_none_of_our_secrets() {
    let (_folder, paths) = home();
    let env = env(&[("WAVESPEED_BASE_URL", "x"), ("HOME", "/home/me")]);
    let command = "echo \"${WAVESPEED_BASE_URL:-none},${RUSHES_HOME:-none},$HOME\"";
    let found = find(WAVESPEED, &paths, &env, Some(command)).expect("it prints a line");
    assert_eq!(found.map(|found| found.key), Some(key("none,none,/home/me")));
}

#[test]
fn a_key_command_that_fails_or_hangs_says_so() {
    let check = |command: &str, deadline: Duration, message: &str| {
        let error = key_command::first_line(command, &env(&[]), deadline);
        assert_eq!(error.expect_err("there is no key"), message);
    };
    let long = Duration::from_secs(20);
    check("echo secret; echo no such entry >&2; exit 1", long, "it failed: no such entry");
    check("true", long, "it printed no key");
    let began = Instant::now();
    check("sleep 60", Duration::from_millis(50), "no answer within 0 s");
    check("echo key; sleep 60", Duration::from_millis(300), "no answer within 0 s");
    assert!(began.elapsed() < Duration::from_secs(10), "the command was waited for");
}
