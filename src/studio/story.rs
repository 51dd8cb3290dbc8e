//! Stories for the screen: the file read and changed, and runs that were begun here, each going on as soon as what it
//! waits for is there.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::Desk;
use super::desk::{stored, trouble};
use super::files;
use crate::domain::text::printable;
use crate::domain::{Ask, Check, CheckId, SceneStep, StoryId, Usd};
use crate::story::identified::NotIdentified;
use crate::story::run::{Refused, Run};
use crate::story::{
    self, Agreed, Plan, Revision, Selection, Sheet, Standing, Status, Story, StoryFault,
};
use crate::tui::backend::Trouble;
use crate::tui::story::desk::{Known, Storyboard};
use crate::tui::story::{Ran, RunLook};

/// Where the stories are remembered that were open, the last first: a list of paths.
const OPENED: &str = "studio.stories";

/// So many are remembered.
const MOST_OPENED: usize = 20;

/// In a folder with more files than this, nobody looks for stories by themselves.
const MOST_FILES: usize = 2_000;

/// A run that was begun here.
pub(super) struct Running {
    file: PathBuf,
    story: StoryId,
    run: Run,
    /// It makes what is missing, whatever that is.
    is_of_missing: bool,
    agreed: Agreed,
    /// No other process runs the story meanwhile.
    lock: Arc<File>,
}

#[async_trait]
impl Storyboard for Desk {
    async fn known(&self) -> Known {
        let opened = self.opened().await;
        let found = tokio::task::spawn_blocking(move || {
            let here = std::env::current_dir().map(|folder| stories_in(&folder));
            let mut files: Vec<PathBuf> =
                opened.into_iter().filter(|file| file.is_file()).collect();
            let is_opened = !files.is_empty();
            for file in here.unwrap_or_default() {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
            Known { files, is_opened }
        });
        found.await.unwrap_or_default()
    }

    async fn read(&self, file: PathBuf) -> Result<Option<Sheet>, Trouble> {
        let whole = self.whole(&file)?;
        let there = whole.clone();
        let is_there = tokio::task::spawn_blocking(move || there.exists()).await.unwrap_or(false);
        if !is_there {
            return Ok(None);
        }
        let run = self.open_run(&whole, Selection::Missing).await?;
        let sheet = run.sheet().await.map_err(|error| stored(&error))?;
        self.remember(whole).await;
        Ok(Some(sheet))
    }

    async fn create(&self, file: PathBuf) -> Result<(), Trouble> {
        self.read_only()?;
        let (file, fresh) = (self.whole(&file)?, self.assembly().fresh_story_id());
        blocking(move || story::file::create(&file, fresh)).await
    }

    async fn revise(&self, file: PathBuf, revision: Revision) -> Result<(String, String), Trouble> {
        self.read_only()?;
        let (file, fresh) = (self.whole(&file)?, self.assembly().fresh_story_id());
        blocking(move || {
            let mut before = String::new();
            let now = story::file::change(&file, |text| {
                text.clone_into(&mut before);
                story::revise(text, &revision, fresh).map(Some)
            })?;
            Ok((before, now))
        })
        .await
    }

    async fn look(
        &self,
        file: PathBuf,
        selection: Selection,
        max_cost: Option<Usd>,
    ) -> Result<RunLook, Trouble> {
        let run = self.open_run(&self.whole(&file)?, selection).await?;
        let looked =
            run.look(max_cost, Some(Agreed::default())).await.map_err(|error| stored(&error))?;
        let mut preflight = looked.preflight;
        if !preflight.blocks_on(CheckId::Consent) {
            // Told outright, so that the screen never has to guess when a dialog may stay closed.
            preflight.checks.push(Check::pass(CheckId::Consent, "need not be asked for"));
        }
        let missing = || looked.plan.missing();
        let scenes: BTreeSet<&str> = missing().map(|(scene, _)| scene.id.as_str()).collect();
        Ok(RunLook {
            jobs: missing().count(),
            scenes: scenes.len(),
            costs: missing().any(|(_, step)| step.brief.provider.is_paid()),
            simulated: missing().any(|(_, step)| step.brief.provider.is_simulated()),
            preflight,
        })
    }

    async fn run(
        &self,
        file: PathBuf,
        selection: Selection,
        agreed: Agreed,
    ) -> Result<Ran, Trouble> {
        self.read_only()?;
        let file = self.whole(&file)?;
        let mut running = self.running().lock().await;
        let is_of_missing = selection == Selection::Missing;
        let mut run = self.open_run(&file, selection).await?;
        let fresh = self.assembly().fresh_story_id();
        let written = file.clone();
        let (run_back, id) = tokio::task::spawn_blocking(move || {
            let id = run.write_ids(&written, fresh);
            (run, id)
        })
        .await
        .map_err(|error| plain(&error))?;
        run = run_back;
        let id = id.map_err(|error| not_identified(&file, &error))?;
        let known = running.iter().find(|known| known.story == id);
        let lock = match known.map(|known| Arc::clone(&known.lock)) {
            Some(lock) => lock,
            None => self.lock(id).await?,
        };
        let plan = run.plan().await.map_err(|error| stored(&error))?;
        for going in run.adopt(&plan) {
            let sent = self.assembly().pipeline.resume(Some(going)).await;
            if !sent.map_err(|error| trouble(&error))?.is_empty() {
                self.supervisor().drive(going).await;
            }
        }
        // What an earlier one of the same would have ordered is part of this one.
        running.retain(|known| known.story != id || !known.is_of_missing || !is_of_missing);
        running.push(Running { file, story: id, run, is_of_missing, agreed, lock });
        self.order_all(&mut running).await
    }

    async fn go_on(&self) -> Result<Ran, Trouble> {
        let mut running = self.running().lock().await;
        self.order_all(&mut running).await
    }

    async fn stop(&self, file: PathBuf) -> Result<Ran, Trouble> {
        let file = self.whole(&file)?;
        let mut running = self.running().lock().await;
        let before = running.len();
        running.retain(|one| one.file != file);
        let ended = match before - running.len() {
            0 => "no run of this story is under way here",
            _ => "nothing more is ordered of this run; what is under way goes on",
        };
        let ended = Some(ended.to_owned());
        Ok(Ran { goes_on: !running.is_empty(), ended, ..Ran::default() })
    }

    async fn assembly(&self, file: PathBuf) -> Result<Ask, Trouble> {
        let run = self.open_run(&self.whole(&file)?, Selection::Missing).await?;
        let plan = run.plan().await.map_err(|error| stored(&error))?;
        if let Some(why) = not_whole(&plan) {
            return Err(why);
        }
        let crossfade = run.story().crossfade.unwrap_or_default();
        let brief = run
            .assembly(&plan, crossfade)
            .map_err(|unknown| Trouble { what: unknown.to_string(), hint: Some(unknown.hint()) })?;
        let brief = brief.map_err(|fault| Trouble { what: fault.message, hint: fault.hint })?;
        Ok(Ask::new(vec![brief]))
    }

    async fn edit(&self, file: PathBuf) -> Result<(), Trouble> {
        self.read_only()?;
        let edited = super::editor::edit_file(&self.assembly().env, &self.whole(&file)?).await;
        edited.map_err(|error| super::editor::failed(&error))
    }
}

impl Desk {
    /// The whole path of a file; `~` is the home folder.
    fn whole(&self, file: &Path) -> Result<PathBuf, Trouble> {
        files::whole(self.assembly(), file)
    }

    /// Reads the file and looks up what it names.
    async fn open_run(&self, file: &Path, selection: Selection) -> Result<Run, Trouble> {
        let assembly = self.assembly();
        let read = read(file).await?;
        let place = assembly.story_place(file).await.map_err(|error| plain(&error))?;
        let run = Run::new(Arc::clone(&assembly.pipeline), read, place, selection).await;
        run.map_err(|error| stored(&error))
    }

    async fn lock(&self, story: StoryId) -> Result<Arc<File>, Trouble> {
        let state = self.assembly().paths.state.clone();
        let lock = blocking(move || story::file::lock(&state, story)).await?;
        lock.map(Arc::new).ok_or_else(|| Trouble {
            what: "another process is running this story".to_owned(),
            hint: Some("wait for it, or end it: what it ordered goes on either way".to_owned()),
        })
    }

    /// Orders what can be ordered of every run; those that have come to their end are done with.
    async fn order_all(&self, running: &mut Vec<Running>) -> Result<Ran, Trouble> {
        let mut ran = Ran::default();
        let mut going = Vec::new();
        for mut one in std::mem::take(running) {
            let is_going = self.order_one(&mut one, &mut ran).await;
            match is_going {
                Ok(true) => going.push(one),
                Ok(false) => {}
                Err(trouble) => ran.refused.push(trouble),
            }
        }
        *running = going;
        ran.goes_on = !running.is_empty();
        Ok(ran)
    }

    /// Orders what can be ordered of one run. Whether anything of it is under way.
    async fn order_one(&self, one: &mut Running, ran: &mut Ran) -> Result<bool, Trouble> {
        let (now, _) = read(&one.file).await?;
        if !one.run.orders_the_same(&now) {
            let what = "the story was changed: this run orders no more";
            let hint = "run it again for the rest";
            ran.refused.push(Trouble { what: what.to_owned(), hint: Some(hint.to_owned()) });
            return Ok(false);
        }
        let ordered = one.run.order(one.agreed, None).await.map_err(|error| trouble(&error))?;
        for job in &ordered.jobs {
            self.supervisor().drive(job.id).await;
        }
        for refused in ordered.refused {
            match refused {
                Refused::Blocked(preflight) => ran.blocked = Some(preflight),
                Refused::Beyond { steps, price, left } => {
                    one.run.leave_out(&steps);
                    ran.refused.push(beyond(&steps, price, left));
                }
            }
        }
        let plan = one.run.plan().await.map_err(|error| stored(&error))?;
        let is_going = !ordered.jobs.is_empty() || is_going(&plan);
        ran.jobs.extend(ordered.jobs);
        if !is_going {
            ran.ended = Some(ended(one.run.story(), &plan));
        }
        Ok(is_going)
    }

    async fn opened(&self) -> Vec<PathBuf> {
        let kept = self.assembly().store.recall(OPENED).await.ok().flatten();
        kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// A story that was read is offered the next time, the newest first.
    async fn remember(&self, file: PathBuf) {
        let mut opened = self.opened().await;
        if self.assembly().flags.read_only || opened.first() == Some(&file) {
            return;
        }
        opened.retain(|known| *known != file);
        opened.insert(0, file);
        opened.truncate(MOST_OPENED);
        if let Ok(text) = serde_json::to_string(&opened) {
            // What cannot be remembered is opened by its name the next time.
            let _ = self.assembly().store.keep(OPENED, text).await;
        }
    }
}

fn is_going(plan: &Plan) -> bool {
    let wanted = plan.scenes.iter().filter(|scene| scene.is_wanted);
    wanted.flat_map(|scene| &scene.steps).any(|step| matches!(step.standing, Standing::Going(_)))
}

/// How a run came to its end.
fn ended(story: &Story, plan: &Plan) -> String {
    let done = plan.scenes.iter().filter(|scene| scene.status() == Status::Done).count();
    let title = printable(&story.title);
    let title = if title.is_empty() { "the story".to_owned() } else { title };
    format!("{title}: {done} of {} scenes are done", plan.scenes.len())
}

fn beyond(steps: &[(String, SceneStep)], price: Usd, left: Usd) -> Trouble {
    let names: Vec<String> =
        steps.iter().map(|(scene, step)| format!("{scene} ({step})")).collect();
    let left = left.max(Usd::ZERO);
    Trouble {
        what: format!(
            "{} costs {price}; {left} is left of what was agreed: not ordered",
            names.join(", ")
        ),
        hint: Some("run it again: then its price is known before".to_owned()),
    }
}

/// Why the takes cannot be put together: a scene has none.
fn not_whole(plan: &Plan) -> Option<Trouble> {
    let without: Vec<&str> = plan
        .scenes
        .iter()
        .filter(|scene| scene.chosen.is_none())
        .map(|scene| scene.title.as_str())
        .collect();
    let hint = Some("run the story first: it makes what is missing".to_owned());
    match without.as_slice() {
        _ if plan.scenes.is_empty() => {
            Some(Trouble { what: "the story has no scene".to_owned(), hint: None })
        }
        [] => None,
        [one] => Some(Trouble { what: format!("scene {one} has no take"), hint }),
        more => Some(Trouble {
            what: format!("{} scenes have no take: {}", more.len(), more.join(", ")),
            hint,
        }),
    }
}

async fn read(file: &Path) -> Result<(Story, Vec<StoryFault>), Trouble> {
    let path = file.to_owned();
    let text = blocking(move || story::file::read(&path)).await?;
    story::read(&text).map_err(|error| not_toml(file, &error))
}

fn not_toml(file: &Path, error: &story::NotToml) -> Trouble {
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    Trouble { what: format!("{name}:{error}"), hint: Some("the file must be TOML".to_owned()) }
}

fn not_identified(file: &Path, error: &NotIdentified) -> Trouble {
    match error {
        NotIdentified::File(error) => plain(error),
        NotIdentified::NotToml(error) => not_toml(file, error),
        NotIdentified::Changed => Trouble {
            what: error.to_string(),
            hint: Some("nothing was sent: run it again".to_owned()),
        },
    }
}

/// Every story in this folder: files that begin with what only a story has.
fn stories_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let files = entries.flatten().take(MOST_FILES).map(|entry| entry.path());
    let is_story = |path: &PathBuf| {
        path.extension().is_some_and(|it| it == "toml")
            && story::file::read(path).is_ok_and(|text| {
                story::read(&text).is_ok_and(|(story, _)| !story.scenes.is_empty())
            })
    };
    let mut stories: Vec<PathBuf> = files.filter(is_story).collect();
    stories.sort();
    stories
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| plain(&error))?;
    done.map_err(|error| Trouble { what: format!("{error:#}"), hint: None })
}

fn plain(error: &impl std::fmt::Display) -> Trouble {
    Trouble { what: format!("{error:#}"), hint: None }
}
