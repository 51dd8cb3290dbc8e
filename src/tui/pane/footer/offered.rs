//! Which keys the footer offers, place by place.

use super::super::super::action::Action;
use super::super::super::form::rows::What;
use super::super::super::layout::Room;
use super::super::super::models::Part;
use super::super::super::screen::{Pane, Screen, Subject};
use super::super::super::usage::Section;
use super::super::super::views::View;
use crate::story::Status;

/// What is offered here, the most needed first.
pub(super) fn offered(screen: &Screen) -> Vec<Action> {
    let mut actions = offered_in(screen).to_vec();
    actions.retain(|action| !(screen.desk.read_only && action.changes()));
    if screen.view == View::Studio
        && screen.focus == Pane::Settings
        && screen.settings.editing.is_none()
    {
        let useful = useful(&screen.settings.row().what);
        actions.retain(|action| !ON_ROWS.contains(action) || useful.contains(action));
    }
    if screen.view == View::Studio && screen.areas().room == Room::Narrow {
        // What `Tab` leads to is not on the screen: it is told early.
        actions.retain(|action| *action != Action::NextPane);
        actions.insert(1, Action::NextPane);
    }
    actions
}

/// Actions that mean something on some rows of the form only.
const ON_ROWS: [Action; 6] = [
    Action::Choose,
    Action::NextChoice,
    Action::Change,
    Action::AddItem,
    Action::RemoveItem,
    Action::ShowAll,
];

/// Those that mean something on this one.
fn useful(what: &What) -> &'static [Action] {
    match what {
        What::Model => &[Action::Choose, Action::NextChoice],
        What::File { .. } => &[Action::Choose, Action::Change, Action::RemoveItem],
        What::Value(spot) if spot.item().is_some() => {
            &[Action::NextChoice, Action::Change, Action::AddItem, Action::RemoveItem]
        }
        What::Value(_) => &[Action::Choose, Action::NextChoice, Action::RemoveItem],
        What::List(_) | What::Add(_) => &[Action::AddItem, Action::RemoveItem],
        What::Group(_) => &[],
        What::Seed | What::Takes => &[Action::NextChoice, Action::Change],
        What::More(_) => &[Action::ShowAll],
    }
}

fn offered_in(screen: &Screen) -> &'static [Action] {
    if screen.line.is_some() {
        return &[Action::Accept, Action::Down, Action::Up, Action::Back];
    }
    if screen.view == View::Models {
        return match screen.models.part {
            Part::List => &[
                Action::ChooseModel,
                Action::Filter,
                Action::ModelFacts,
                Action::NextOperation,
                Action::NextProvider,
                Action::FavouriteModel,
                Action::OnlyFavourites,
                Action::EveryModel,
                Action::Back,
                Action::RefreshModels,
            ],
            Part::Facts => &[
                Action::ChooseModel,
                Action::Back,
                Action::Down,
                Action::HalfDown,
                Action::FavouriteModel,
            ],
        };
    }
    if screen.view == View::Usage {
        return in_usage(screen);
    }
    if screen.view == View::Story {
        return in_story(screen);
    }
    match screen.focus {
        Pane::Prompt => &[
            Action::Generate,
            Action::NextPane,
            Action::Back,
            Action::Palette,
            Action::ImprovePrompt,
            Action::Presets,
            Action::UndoEdit,
            Action::Leave,
        ],
        Pane::Settings if screen.settings.editing.is_some() => {
            &[Action::Accept, Action::Back, Action::EditOutside]
        }
        Pane::Settings => &[
            Action::Generate,
            Action::Choose,
            Action::NextChoice,
            Action::Change,
            Action::AddItem,
            Action::RemoveItem,
            Action::ShowAll,
            Action::NextPane,
            Action::Leave,
        ],
        Pane::Jobs if screen.is_in_doubt() => &[
            Action::Find,
            Action::Settle,
            Action::Details,
            Action::NextPane,
            Action::Filter,
            Action::Leave,
        ],
        Pane::Jobs if matches!(screen.subject(), Subject::Job(job) if !job.stage.is_live()) => &[
            Action::EditBrief,
            Action::Again,
            Action::Details,
            Action::NextPane,
            Action::Filter,
            Action::Command,
            Action::Leave,
        ],
        Pane::Jobs if matches!(screen.subject(), Subject::Job(_)) => &[
            Action::Cancel,
            Action::EditBrief,
            Action::Again,
            Action::Details,
            Action::NextPane,
            Action::Filter,
            Action::Command,
            Action::Leave,
        ],
        Pane::Jobs | Pane::Takes | Pane::Preview => &[
            Action::EditBrief,
            Action::Again,
            Action::Keep,
            Action::Reject,
            Action::Play,
            Action::Favourite,
            Action::Trash,
            Action::Details,
            Action::UseAsInput,
            Action::Export,
            Action::Filter,
            Action::Command,
            Action::Leave,
        ],
    }
}

/// The same in the story view.
fn in_story(screen: &Screen) -> &'static [Action] {
    let story = &screen.story;
    if story.file.is_none() {
        return if story.known.as_ref().is_some_and(|known| !known.is_empty()) {
            &[Action::ShowTake, Action::Command, Action::Back]
        } else {
            &[Action::Command, Action::Back]
        };
    }
    if story.is_new {
        return &[Action::AddScene, Action::OpenStory, Action::Back];
    }
    if story.sheet.is_none() {
        return &[Action::EditStory, Action::OpenStory, Action::Back];
    }
    match (story.part, story.scene().map(crate::story::PlannedScene::status)) {
        (Part::Facts, _) => &[Action::Back, Action::Down, Action::HalfDown, Action::RunScene],
        (Part::List, Some(Status::InDoubt)) => {
            &[Action::Find, Action::Settle, Action::Details, Action::EditStory, Action::Back]
        }
        (Part::List, Some(Status::Running(_))) => &[
            Action::Cancel,
            Action::StopStory,
            Action::EditStory,
            Action::Details,
            Action::AddScene,
            Action::SceneDown,
            Action::SceneUp,
            Action::RunStory,
            Action::Back,
        ],
        (Part::List, None) => {
            &[Action::AddScene, Action::EditStory, Action::OpenStory, Action::Back]
        }
        (Part::List, Some(_)) => &[
            Action::RunStory,
            Action::RunScene,
            Action::EditStory,
            Action::AssembleStory,
            Action::NextTake,
            Action::ChangePrompt,
            Action::AddScene,
            Action::ShowTake,
            Action::SceneDown,
            Action::SceneUp,
            Action::RemoveScene,
            Action::Undo,
            Action::Back,
        ],
    }
}

/// The same in the usage view.
fn in_usage(screen: &Screen) -> &'static [Action] {
    match screen.usage.section {
        Section::Ledger if screen.usage.in_doubt().is_some() => &[
            Action::Find,
            Action::Settle,
            Action::Details,
            Action::CopyDashboard,
            Action::NextPane,
            Action::Filter,
            Action::Back,
        ],
        Section::Ledger | Section::Top => &[
            Action::NextPane,
            Action::Details,
            Action::Filter,
            Action::MonthBack,
            Action::WholeTime,
            Action::ExportUsage,
            Action::SwitchMoney,
            Action::CopyDashboard,
            Action::Back,
        ],
        Section::Budgets => &[
            Action::NextPane,
            Action::OpenLines,
            Action::Filter,
            Action::SwitchMoney,
            Action::Back,
        ],
        Section::Days => &[
            Action::NextPane,
            Action::Left,
            Action::Right,
            Action::OpenLines,
            Action::Filter,
            Action::SwitchMoney,
            Action::Back,
        ],
        Section::Table => &[
            Action::NextPane,
            Action::ByModel,
            Action::ByProvider,
            Action::ByOperation,
            Action::ByProject,
            Action::ByDay,
            Action::Filter,
            Action::ByTag,
            Action::ExportUsage,
            Action::OpenLines,
            Action::MonthBack,
            Action::WholeTime,
            Action::SwitchMoney,
            Action::Back,
        ],
    }
}
