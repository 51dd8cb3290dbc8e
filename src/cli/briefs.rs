//! From the words of a command line to briefs.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;

use crate::catalog::{Catalog, InputKind, InputSpec, ModelSpec};
use crate::clock::Dice;
use crate::domain::brief::Source;
use crate::domain::{AssetId, Brief, Operation, Params, ProviderId};

use super::args::Generate;
use super::exit::WrongUsage;

/// Where a command's prompt is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PromptIs {
    /// On the command line.
    Said(String),
    /// On standard input.
    Piped,
    /// The model makes do without one, or has it as `-p prompt=`.
    NotNeeded,
    /// It is needed, and there is none.
    Nowhere,
}

impl PromptIs {
    /// Of several models, the one that needs most decides.
    pub(super) fn weight(&self) -> u8 {
        match self {
            Self::NotNeeded => 0,
            Self::Nowhere => 1,
            Self::Piped => 2,
            Self::Said(_) => 3,
        }
    }
}

/// Where the prompt is. Standard input is read only for a prompt that is needed: in a shell's loop it
/// belongs to somebody else.
pub(super) fn where_prompt_is(
    args: &Generate,
    spec: Option<&ModelSpec>,
    stdin_is_terminal: bool,
) -> PromptIs {
    match args.prompt.as_deref() {
        Some("-") => return PromptIs::Piped,
        Some(text) => return PromptIs::Said(text.to_owned()),
        None => {}
    }
    // A model that nobody knows is told as such, prompt or not.
    let words = spec.and_then(ModelSpec::words);
    let is_key = |key: &str| words.is_some_and(|words| words.key == key);
    let mut pairs = args.params.iter().filter_map(|pair| pair.split_once('='));
    let is_a_param = pairs.any(|(key, _)| is_key(key));
    let needed = words.is_some_and(|words| words.required);
    match (needed && !is_a_param, stdin_is_terminal) {
        (false, _) => PromptIs::NotNeeded,
        (true, false) => PromptIs::Piped,
        (true, true) => PromptIs::Nowhere,
    }
}

/// What is to be done where no model is named: what was said, else what a picture is given for.
pub(super) fn operation_meant(args: &Generate) -> Operation {
    let from_picture = || !args.image.is_empty() || !args.last_image.is_empty();
    let usual = || if from_picture() { Operation::ImageToVideo } else { Operation::TextToVideo };
    args.op.unwrap_or_else(usual)
}

/// The model that a name means. One that does not say its operation means the member of its family that
/// does what is asked: what `--op` says, or what can be done with the files that are given.
pub(super) fn model_meant<'a>(
    catalog: &'a Catalog,
    name: &str,
    args: &Generate,
) -> Option<&'a ModelSpec> {
    if let Some(operation) = args.op {
        return catalog.find_for(name, operation).ok();
    }
    let named = catalog.find(name).ok()?;
    if fits(named, args) {
        return Some(named);
    }
    let sibling = catalog.find_for(name, operation_meant(args)).ok();
    Some(sibling.filter(|sibling| fits(sibling, args)).unwrap_or(named))
}

/// The model of an operation where none is named: the usual one, or where that does not take what is given,
/// the first that does. A picture to change is not for a model that only paints new ones.
pub(super) fn usual_meant<'a>(
    catalog: &'a Catalog,
    operation: Operation,
    provider: ProviderId,
    args: &Generate,
) -> Option<&'a ModelSpec> {
    let usual = catalog.default_on(operation, provider)?;
    let here =
        |spec: &&ModelSpec| spec.operation == operation && spec.available && spec.runs_on(provider);
    let mut others = catalog.all().iter().filter(here).filter(|spec| fits(spec, args));
    if takes_all(usual, args) { Some(usual) } else { others.next().or(Some(usual)) }
}

/// Whether the model takes every kind of file that is given.
fn takes_all(spec: &ModelSpec, args: &Generate) -> bool {
    let takes = |kind| spec.inputs.iter().any(|input| input.kind.takes(kind));
    files(args).iter().all(|(kind, files)| files.is_empty() || takes(*kind))
}

/// Whether the model takes every file that is given, and is given every one that it needs.
fn fits(spec: &ModelSpec, args: &Generate) -> bool {
    let is_given = |input: &InputSpec| {
        let by_key = |pair: &String| pair.split_once('=').is_some_and(|(key, _)| key == input.key);
        let by_kind = |(kind, files): &(_, &[String])| !files.is_empty() && input.kind.takes(*kind);
        args.params.iter().any(by_key) || files(args).iter().any(by_kind)
    };
    takes_all(spec, args) && spec.inputs.iter().filter(|input| input.required).all(is_given)
}

/// Reads a prompt from standard input, to its end.
pub(super) fn read_prompt() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(1024 * 1024)
        .read_to_string(&mut text)
        .context("reading the prompt from standard input")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// The assets that a command line names as `asset:NAME`, by that name.
pub(super) type Named = HashMap<String, AssetId>;

/// What `asset:NAME` names anywhere among the inputs.
pub(super) fn named_assets(args: &Generate) -> impl Iterator<Item = &str> {
    let by_key = args.params.iter().filter_map(|pair| Some(pair.split_once("=@")?.1));
    let by_kind = files(args).into_iter().flat_map(|(_, files)| files.iter().map(String::as_str));
    by_key.chain(by_kind).filter_map(|text| text.strip_prefix("asset:"))
}

/// The model's parameters and inputs as they were given. What cannot be read stays text, and is a fault of
/// its parameter like any other: all of them are told at once.
pub(super) fn fill(
    brief: &mut Brief,
    spec: Option<&ModelSpec>,
    args: &Generate,
    named: &Named,
) -> anyhow::Result<()> {
    for pair in &args.params {
        let Some((key, text)) = pair.split_once('=') else {
            let what = format!("{pair:?} is not KEY=VALUE");
            return Err(WrongUsage { what, hint: "-p duration=8" }.into());
        };
        if let Some(file) = text.strip_prefix('@') {
            brief.inputs.push((key.to_owned(), source(file, named)));
            continue;
        }
        let value = spec
            .and_then(|spec| spec.parse_param(key, text).ok())
            .unwrap_or_else(|| Value::from(text));
        brief.params.insert(key.to_owned(), value);
    }
    for (kind, files) in files(args) {
        give(brief, spec, (kind, files), named);
    }
    Ok(())
}

/// The files and addresses that were given, by what they are.
fn files(args: &Generate) -> [(InputKind, &[String]); 5] {
    [
        (InputKind::Image, &args.image),
        (InputKind::Audio, &args.audio),
        (InputKind::Video, &args.video),
        (InputKind::Mask, &args.mask),
        (InputKind::LastImage, &args.last_image),
    ]
}

/// Fills the declared inputs of a kind in schema order. One more than there are places stays with the last,
/// or with the kind's own name, and is told as a fault.
fn give(
    brief: &mut Brief,
    spec: Option<&ModelSpec>,
    (kind, files): (InputKind, &[String]),
    named: &Named,
) {
    let mut places: Vec<(&str, usize)> = spec
        .map(|spec| {
            let declared = spec.inputs.iter().filter(|input| input.kind.takes(kind));
            declared.map(|input| (input.key.as_str(), input.how_many.max(1))).collect()
        })
        .unwrap_or_default();
    let last = places.last().map_or(kind.as_str(), |(key, _)| key).to_owned();
    for file in files {
        let place =
            places.iter_mut().find(|(key, room)| *room > 0 && !brief.params.contains_key(*key));
        let key = match place {
            Some((key, room)) => {
                *room -= 1;
                (*key).to_owned()
            }
            None => last.clone(),
        };
        brief.inputs.push((key, source(file, named)));
    }
}

fn source(text: &str, named: &Named) -> Source {
    if let Some(id) = text.strip_prefix("asset:").and_then(|name| named.get(name)) {
        return Source::Asset(*id);
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Source::Url(text.to_owned());
    }
    let path = PathBuf::from(text);
    Source::File(std::path::absolute(&path).unwrap_or(path))
}

/// A brief with nothing but a prompt, where its model has the words.
pub(super) fn empty(
    provider: ProviderId,
    model: &str,
    operation: Operation,
    prompt: Option<(String, &str)>,
) -> Brief {
    let mut params = Params::new();
    if let Some((prompt, key)) = prompt {
        params.insert(key.to_owned(), prompt.into());
    }
    Brief {
        provider,
        model: crate::domain::ModelId::new(model),
        operation,
        params,
        inputs: vec![],
        project: None,
        tags: vec![],
        parent: None,
        scene: None,
    }
}

/// So many takes of a brief, each with a seed of its own where the model takes one: counted up from the one
/// that was given, else thrown, so that every take can be made again.
pub(super) fn takes(brief: &Brief, count: u32, takes_seed: bool, dice: &Dice) -> Vec<Brief> {
    (0..i64::from(count))
        .map(|take| {
            let mut brief = brief.clone();
            let given = brief.params.get("seed").cloned();
            let wanted = match given.as_ref().map(Value::as_i64) {
                Some(Some(seed)) if seed >= 0 => Some(seed.saturating_add(take)),
                // -1 is how the provider says "any".
                None | Some(Some(-1)) => Some(dice.seed()),
                // Something that is no seed: a fault to be told, not to be hidden.
                Some(_) => None,
            };
            if let Some(seed) = wanted.filter(|_| takes_seed) {
                brief.params.insert("seed".to_owned(), seed.into());
            }
            brief
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief() -> Brief {
        empty(ProviderId::Sandbox, "m", Operation::TextToVideo, Some(("kite".into(), "prompt")))
    }

    #[test]
    fn takes_have_seeds_of_their_own() {
        let dice = Dice::seeded(1);
        let seeds = |brief: &Brief, takes_seed| -> Vec<Option<i64>> {
            takes(brief, 3, takes_seed, &dice).iter().map(Brief::seed).collect()
        };
        let mut given = brief();
        given.params.insert("seed".into(), 7.into());
        assert_eq!(seeds(&given, true), [Some(7), Some(8), Some(9)]);
        let thrown = seeds(&brief(), true);
        assert!(thrown.iter().all(Option::is_some));
        assert!(thrown[0] != thrown[1] && thrown[1] != thrown[2]);
        assert_eq!(seeds(&brief(), false), [None, None, None]);
        for odd in [serde_json::json!("odd"), serde_json::json!(-2)] {
            given.params.insert("seed".into(), odd.clone());
            assert_eq!(takes(&given, 1, true, &dice)[0].params["seed"], odd);
        }
    }

    fn said(words: &[&str]) -> Generate {
        use clap::Parser;

        use crate::cli::{Cli, Command};

        let words = ["rushes", "generate"].iter().chain(words);
        let Some(Command::Generate(args)) = Cli::parse_from(words).command else { panic!() };
        args
    }

    #[test]
    fn a_name_without_its_operation_means_the_one_of_its_family_that_does_it() {
        let catalog = Catalog::builtin().unwrap();
        let check = |name: &str, words: &[&str], expected: &str| {
            let spec = model_meant(&catalog, name, &said(words)).unwrap();
            assert_eq!(spec.id.as_str(), expected, "{name} {words:?}");
        };
        let (text, image) = ("alibaba/wan-2.5/text-to-video", "alibaba/wan-2.5/image-to-video");
        check("alibaba/wan-2.5", &["kite"], text);
        check("alibaba/wan-2.5", &["kite", "--image", "a.png"], image);
        check("alibaba/wan-2.5", &["kite", "--op", "image-to-video"], image);
        check("alibaba/wan-2.5", &["kite", "--op", "text-to-video", "--image", "a.png"], text);
        // What says its operation keeps it, whatever is given: the fault is told.
        check(text, &["kite", "--image", "a.png"], text);
        check(image, &["kite", "--op", "text-to-video"], image);
        check(
            "infinitetalk",
            &["--image", "a.png", "--audio", "b.wav"],
            "wavespeed-ai/infinitetalk",
        );
        assert!(model_meant(&catalog, "no-such-model", &said(&["kite"])).is_none());
        assert_eq!(operation_meant(&said(&["kite"])), Operation::TextToVideo);
        assert_eq!(operation_meant(&said(&["--image", "a.png"])), Operation::ImageToVideo);
    }

    #[test]
    fn addresses_files_and_assets_are_told_apart() {
        let args = said(&["--image", "asset:7", "--image", "a.png", "-p", "video=@asset:01890a5d"]);
        assert_eq!(named_assets(&args).collect::<Vec<_>>(), ["01890a5d", "7"]);
        let id: AssetId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let named = Named::from([("7".to_owned(), id)]);
        assert!(matches!(source("https://x.test/a.png", &named), Source::Url(_)));
        assert!(matches!(source("a.png", &named), Source::File(path) if path.is_absolute()));
        assert_eq!(source("asset:7", &named), Source::Asset(id));
    }

    #[test]
    fn standard_input_is_read_only_for_a_prompt_that_is_needed() {
        let catalog = Catalog::builtin().unwrap();
        let needs = catalog.default_for(Operation::TextToVideo).unwrap();
        let check = |words: &[&str], spec: Option<&ModelSpec>, terminal, expected| {
            let args = said(words);
            assert_eq!(where_prompt_is(&args, spec, terminal), expected, "{args:?}");
        };
        check(&["kite"], Some(needs), true, PromptIs::Said("kite".into()));
        check(&["-"], Some(needs), true, PromptIs::Piped);
        check(&[], Some(needs), false, PromptIs::Piped);
        check(&[], Some(needs), true, PromptIs::Nowhere);
        check(&["-p", "prompt=kite"], Some(needs), false, PromptIs::NotNeeded);
        check(&[], None, false, PromptIs::NotNeeded);
        let mut without = needs.clone();
        without.params.retain(|param| param.key != "prompt");
        check(&["--video", "a.mp4"], Some(&without), false, PromptIs::NotNeeded);
    }
}
