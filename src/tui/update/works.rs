//! What keys do to the selected job or take.

use super::super::action::Action;
use super::super::backend::Trouble;
use super::super::dialog::Dialog;
use super::super::draft::Draft;
use super::super::form::give::NoPlace;
use super::super::layout;
use super::super::msg::Effect;
use super::super::playing;
use super::super::screen::{Looking, Pane, Screen, Subject, Undo};
use super::{improve, order, put_draft, studio, touched, verdicts};
use crate::catalog::ModelSpec;
use crate::domain::brief::Source;
use crate::domain::{AssetId, Brief, Job, Params, StageName, Verdict};

/// Actions on lists and on what is selected in them; `None` for what is none of these.
pub(super) fn act(screen: &mut Screen, action: Action) -> Option<Vec<Effect>> {
    if travel(screen, action) {
        return Some(vec![]);
    }
    let effects = match action {
        Action::EditBrief => edit_brief(screen),
        Action::Again => again(screen, true),
        Action::ExactlyAgain => again(screen, false),
        Action::Details => details(screen),
        Action::Cancel => cancel(screen),
        Action::Resume => resume(screen),
        Action::Find => in_doubt(screen, |job| vec![Effect::Find(job.id)]),
        Action::Settle => {
            if let Some((id, number)) = doubted(screen).map(|job| (job.id, job.number)) {
                screen.dialogs.push(Dialog::Settle { id, number });
                return Some(vec![]);
            }
            in_doubt(screen, |_| vec![])
        }
        Action::Keep => verdicts::decide(screen, Verdict::Kept),
        Action::Reject => verdicts::decide(screen, Verdict::Rejected),
        Action::UseAsInput => use_as_input(screen),
        Action::UseWords => improve::use_words(screen),
        Action::Favourite => favourite(screen),
        Action::Trash => trash(screen),
        Action::Play => playing::toggle(screen),
        Action::FrameBack => playing::step(screen, true),
        Action::FrameOn => playing::step(screen, false),
        Action::CopyPrompt | Action::CopySeed | Action::CopyId | Action::CopyPath => {
            copy(screen, action)
        }
        _ => return None,
    };
    Some(effects)
}

/// Moves the selection of the pane that has the focus.
fn travel(screen: &mut Screen, action: Action) -> bool {
    let areas = screen.areas();
    let (line, half) = match screen.focus {
        Pane::Jobs => (1, isize::try_from(areas.jobs.height / 2).unwrap_or(1)),
        Pane::Takes | Pane::Preview => {
            let across = layout::posters_across(areas.takes);
            let shown = layout::posters(areas.takes).len().max(1);
            let step = isize::try_from(across).unwrap_or(1);
            // In a strip of one row, down goes on like right does.
            let step = if shown == across { 1 } else { step };
            (step, isize::try_from(shown).unwrap_or(1))
        }
        Pane::Prompt | Pane::Settings => return false,
    };
    let jobs = screen.focus == Pane::Jobs;
    let by = match action {
        Action::Down => line,
        Action::Up => -line,
        Action::Right if !jobs => 1,
        Action::Left if !jobs => -1,
        Action::Right | Action::Left => return true,
        Action::HalfDown => half,
        Action::HalfUp => -half,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        _ => return false,
    };
    if jobs {
        let ids = screen.job_ids();
        screen.job_at.move_by(&ids, by);
    } else {
        let ids = screen.take_ids();
        screen.take_at.move_by(&ids, by);
    }
    true
}

/// The brief of what is selected, and the take that a new brief comes from.
fn chosen(screen: &Screen) -> Option<(Brief, Option<AssetId>)> {
    match screen.subject() {
        Subject::Job(job) => Some((job.brief.clone(), job.brief.parent)),
        Subject::Take(asset) => {
            let brief = match screen.job_of(asset) {
                Some(job) => job.brief.clone(),
                None => brief_of_origin(screen, asset)?,
            };
            Some((brief, Some(asset.id)))
        }
        Subject::Nothing => None,
    }
}

/// What is still known of a brief whose job is too old to be in the list.
fn brief_of_origin(screen: &Screen, asset: &crate::domain::Asset) -> Option<Brief> {
    let origin = asset.origin.as_ref()?;
    let spec = screen.settings.find(&origin.model)?;
    let mut params = Params::new();
    if let Some(key) = spec.words_key() {
        params.insert(key.to_owned(), asset.prompt.clone().into());
    }
    if let Some(seed) = origin.seed {
        params.insert("seed".to_owned(), seed.into());
    }
    Some(Brief {
        provider: origin.provider,
        model: origin.model.clone(),
        operation: origin.operation,
        params: spec.complete(&params),
        inputs: Vec::new(),
        project: asset.project.clone(),
        tags: Vec::new(),
        parent: None,
        scene: None,
    })
}

fn nothing(screen: &mut Screen) -> Vec<Effect> {
    screen.say("nothing is selected that was made from a brief");
    vec![]
}

fn edit_brief(screen: &mut Screen) -> Vec<Effect> {
    let Some((brief, parent)) = chosen(screen) else { return nothing(screen) };
    let before = screen.draft();
    // With its seed: then what is changed in the prompt is all that changes in the picture.
    let known = put_draft(screen, &Draft::of(&brief, parent));
    if !before.prompt.trim().is_empty() {
        screen.undo.push(Undo::Draft(Box::new(before)));
    }
    studio::focus(screen, Pane::Prompt);
    if !known {
        screen.warn(Trouble {
            what: format!("{} is not on offer here: only its prompt was taken", brief.model),
            hint: None,
        });
    }
    vec![]
}

fn again(screen: &mut Screen, with_new_seed: bool) -> Vec<Effect> {
    let Some((mut brief, parent)) = chosen(screen) else { return nothing(screen) };
    brief.parent = parent;
    let takes_seed = brief.params.contains_key("seed")
        || screen.settings.find(&brief.model).is_some_and(ModelSpec::takes_seed);
    if with_new_seed && takes_seed {
        brief.params.insert("seed".to_owned(), screen.new_seed().into());
    }
    order::check(screen, vec![brief])
}

fn details(screen: &mut Screen) -> Vec<Effect> {
    let id = match screen.subject() {
        Subject::Job(job) => Some(job.id),
        Subject::Take(asset) => asset.origin.as_ref().map(|origin| origin.job),
        Subject::Nothing => None,
    };
    let Some(id) = id else { return nothing(screen) };
    screen.dialogs.push(Dialog::Timeline { id, events: None, top: 0 });
    vec![Effect::Timeline(id)]
}

/// The job that keys act on: the selected one, or the one that made the selected take.
fn job(screen: &Screen) -> Option<&Job> {
    match (screen.looking, screen.subject()) {
        (Looking::Jobs, _) => screen.job(),
        (_, Subject::Job(job)) => Some(job),
        (_, Subject::Take(asset)) => screen.job_of(asset),
        (_, Subject::Nothing) => None,
    }
}

fn cancel(screen: &mut Screen) -> Vec<Effect> {
    let Some(job) = job(screen) else {
        screen.say("no job is selected");
        return vec![];
    };
    let job = job.clone();
    give_up(screen, &job)
}

/// Asks whether this job shall be given up, and says what that means.
pub(super) fn give_up(screen: &mut Screen, job: &Job) -> Vec<Effect> {
    let (id, number, stage) = (job.id, job.number, job.shown_stage());
    let Some(detail) = giving_up(stage) else {
        screen.say(format!("job {number} is {}: there is nothing to cancel", stage.words()));
        return vec![];
    };
    screen.dialogs.push(Dialog::Confirm {
        question: format!("Give job {number} up?"),
        detail: detail.to_owned(),
        yes: Effect::Cancel(id),
    });
    vec![]
}

/// What giving a job up means at this stage; `None` where there is nothing to give up.
fn giving_up(stage: StageName) -> Option<&'static str> {
    match stage {
        StageName::Queued | StageName::Checking => {
            Some("nothing was sent: its money is free again")
        }
        StageName::Submitting => Some("its submission is on its way and is seen through first"),
        StageName::Waiting | StageName::Downloading => {
            Some("the provider has it: where it cannot be stopped there, it may still be billed")
        }
        _ => None,
    }
}

/// A job moved: a question about it says what yes means now, or is not asked any more.
pub(super) fn ask_anew(screen: &mut Screen, job: &Job) {
    let meaning = giving_up(job.shown_stage());
    screen.dialogs.retain_mut(|dialog| {
        let Dialog::Confirm { detail, yes: Effect::Cancel(id), .. } = dialog else { return true };
        if *id == job.id
            && let Some(meaning) = meaning
        {
            meaning.clone_into(detail);
        }
        *id != job.id || meaning.is_some()
    });
}

fn resume(screen: &mut Screen) -> Vec<Effect> {
    match job(screen).map(|job| (job.id, job.number, job.is_held())) {
        Some((id, _, true)) => vec![Effect::Resume(Some(id))],
        Some((_, number, false)) => {
            screen.say(format!("job {number} is not held"));
            vec![]
        }
        None => vec![],
    }
}

fn doubted(screen: &Screen) -> Option<&Job> {
    job(screen).filter(|job| job.shown_stage() == StageName::InDoubt)
}

fn in_doubt(screen: &mut Screen, effects: impl Fn(&Job) -> Vec<Effect>) -> Vec<Effect> {
    if let Some(job) = doubted(screen) {
        return effects(job);
    }
    screen.say("this is for jobs in doubt");
    vec![]
}

/// The take that keys act on.
pub(super) fn take(screen: &mut Screen) -> Option<AssetId> {
    if let Subject::Take(asset) = screen.subject() {
        return Some(asset.id);
    }
    screen.say("no take is selected");
    None
}

/// Goes on to the next take after something was decided, where takes are being looked through.
pub(super) fn advance(screen: &mut Screen) {
    if screen.looking == Looking::Takes {
        let ids = screen.take_ids();
        screen.take_at.move_by(&ids, 1);
    }
}

fn favourite(screen: &mut Screen) -> Vec<Effect> {
    let Some(id) = take(screen) else { return vec![] };
    let Some(asset) = screen.assets.iter_mut().find(|asset| asset.id == id) else { return vec![] };
    let before = asset.favourite;
    asset.favourite = !before;
    screen.undo.push(Undo::Favourite(id, before));
    if !before {
        advance(screen);
    }
    vec![Effect::Favourite(id, !before)]
}

/// Gives the selected take to the model in the settings, or to one that takes it.
fn use_as_input(screen: &mut Screen) -> Vec<Effect> {
    let Some(id) = take(screen) else { return vec![] };
    let Some(asset) = screen.assets.iter().find(|asset| asset.id == id) else { return vec![] };
    let (kind, label) = (asset.kind, asset.label());
    match screen.settings.give(Source::Asset(id), kind) {
        Ok(given) => {
            touched(screen);
            screen.count();
            studio::focus(screen, Pane::Settings);
            let model = screen.settings.model().name.clone();
            let chose =
                if given.chose { format!(": {model} was chosen for it") } else { String::new() };
            screen.say(format!("take {label} is the {} of {model}{chose}", given.label));
        }
        Err(NoPlace::Full(model)) => screen.say(format!(
            "{model} has all the files it takes: take one away in the settings first"
        )),
        Err(NoPlace::NoModel) => {
            screen.say(format!("no model that runs here takes a {} as input", kind.as_str()));
        }
    }
    vec![]
}

fn trash(screen: &mut Screen) -> Vec<Effect> {
    let Some(id) = take(screen) else { return vec![] };
    let ids = screen.take_ids();
    let place = ids.iter().position(|known| *known == id).unwrap_or_default();
    let label = screen.assets.iter().find(|asset| asset.id == id).map(crate::domain::Asset::label);
    screen.assets.retain(|asset| asset.id != id);
    let left = screen.take_ids();
    screen.take_at.go(&left, place);
    screen.undo.push(Undo::Trash(id));
    let places = screen.places();
    let key = screen.keymap.key(&places, Action::Undo);
    let back = key.map(|key| format!(": {key} brings it back")).unwrap_or_default();
    screen.say(format!("take {} is in the trash{back}", label.unwrap_or_default()));
    vec![Effect::Trash(id)]
}

fn copy(screen: &mut Screen, action: Action) -> Vec<Effect> {
    let (brief, seed) = match chosen(screen) {
        Some((brief, _)) => (Some(brief.prompt().to_owned()), brief.seed()),
        None => (None, None),
    };
    let text = match (action, screen.subject()) {
        (Action::CopyPrompt, Subject::Take(asset)) => Some(asset.prompt.clone()),
        (Action::CopyPrompt, _) => brief,
        (Action::CopySeed, _) => seed.map(|seed| seed.to_string()),
        (Action::CopyId, Subject::Take(asset)) => Some(asset.id.to_string()),
        (Action::CopyId, Subject::Job(job)) => Some(job.id.to_string()),
        (Action::CopyPath, Subject::Take(asset)) => Some(asset.path.clone()),
        _ => None,
    };
    let Some(text) = text else {
        screen.say(format!("there is no {} to copy here", action.label()));
        return vec![];
    };
    screen.say(format!("{} copied", action.label()));
    vec![Effect::Copy(text)]
}
