//! Everything a key can do, by name, with its one-line summary: keymap, footer, help and palette derive from it.

use serde::{Deserialize, Serialize};

/// Declares the actions with the word that the footer shows and the sentence that help shows.
macro_rules! actions {
    ($($variant:ident $label:literal $summary:literal;)*) => {
        /// What a key, a command or the palette asks for. Its name in `keymap.toml` is kebab-case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Action {
            $(#[doc = $summary] $variant,)*
        }

        impl Action {
            /// Every action, in the order of help.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// A word or two for the footer.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// One line for help and the palette.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }
        }
    };
}

actions! {
    Generate "generate" "make a take of what is in the editor";
    ImprovePrompt "improve" "have the prompt written out; the words are offered, not put in";
    Presets "presets" "change the brief by a preset: a shape, a camera move, a style";
    NextPane "next pane" "go to the next pane";
    PreviousPane "previous pane" "go to the previous pane";
    Back "back" "close one layer; from the editor, go to the jobs";
    Help "keys" "show the keys of this place";
    Palette "palette" "find an action by its words";
    Command "command" "open the command line";
    Filter "find" "show only jobs and takes with these words";
    ShowStudio "studio" "go to the studio";
    ShowUsage "usage" "see what was spent, and on what";
    ShowModels "models" "search the catalogue of models";
    ShowStory "story" "go to the scenes of the open story";
    Redraw "redraw" "draw the whole screen again";
    Suspend "suspend" "stop here and go back to the shell; jobs go on";
    Leave "leave" "leave the studio; jobs go on";

    Down "down" "move down";
    Up "up" "move up";
    Left "left" "move left";
    Right "right" "move right";
    First "first" "go to the first";
    Last "last" "go to the last";
    HalfDown "half a page down" "move half a page down";
    HalfUp "half a page up" "move half a page up";

    PreviousChoice "previous" "take the previous choice of this setting";
    NextChoice "next" "take the next choice of this setting";
    Choose "choose" "choose a value: a file, one of many, the next, or a typed one";
    Change "type" "type a value for this setting";
    AddItem "add one" "add one more entry below this one";
    RemoveItem "take away" "take the entry, the file or the value away";
    ItemUp "move up" "move the entry up";
    ItemDown "move down" "move the entry down";
    ShowAll "show all" "show what is rarely set, or hide it again";

    EditBrief "edit" "put the whole brief back into the editor";
    Again "again" "run it again with a new seed";
    ExactlyAgain "exactly again" "run it again exactly as it was";
    Details "details" "show what happened to it, step by step";
    Cancel "cancel" "give the job up";
    Resume "resume" "send what is held or paused";
    Find "find" "look for the job in the provider's history";
    Settle "settle" "end a job in doubt by hand";
    Keep "keep" "keep the take and go on to the next";
    Reject "reject" "reject it and go on; a letter right after says why";
    UseAsInput "use as input" "give it to the model in the settings, or to one that takes it";
    Export "export" "make it ready for platforms, or edit it on this machine";
    UseWords "use words" "offer a text's words as the prompt, as a change that can be refused";
    Favourite "favourite" "make it a favourite, or not, and go on to the next";
    Trash "trash" "put the take into the trash";
    Undo "undo" "undo the last change, or bring the last draft back";
    Play "play" "play the take in the preview, or pause";
    FrameBack "a frame back" "pause, and go one frame back";
    FrameOn "a frame on" "pause, and go one frame on";
    CopyPrompt "prompt" "copy the prompt";
    CopySeed "seed" "copy the seed";
    CopyId "id" "copy the id";
    CopyPath "file" "copy the path of the file";

    ChooseModel "choose" "take this model into the settings";
    ModelFacts "details" "go to what is known of the model, and back";
    MarkModel "mark" "order with this model too, or not: each is a row";
    UnmarkModels "marks off" "order with the model of the settings alone";
    FavouriteModel "favourite" "make the model a favourite, or not";
    NextOperation "operation" "show only models of the next operation; after the last, all";
    PreviousOperation "operation back" "show only models of the operation before";
    NextProvider "provider" "show only models of the next provider; after the last, all";
    OnlyFavourites "favourites" "show only favourites, or all";
    EveryModel "all" "show models of every operation and provider";
    RefreshModels "refresh" "ask the provider for its list of models";

    ByModel "by model" "sum up by model";
    ByProvider "by provider" "sum up by provider";
    ByOperation "by operation" "sum up by operation";
    ByProject "by project" "sum up by project";
    ByTag "by tag" "sum up by tag";
    ByDay "by day" "sum up by day";
    OpenLines "its lines" "show the lines of the ledger of this row or day";
    MonthBack "month back" "look at the month before";
    MonthOn "month on" "look at the month after";
    WholeTime "ever" "look at everything ever, or at this month";
    SwitchMoney "real or sandbox" "look at what the sandbox pretended, or at real money";
    ExportUsage "export" "write what is shown into a CSV file";
    CopyDashboard "provider's list" "copy the address where the provider shows its own list";

    RunStory "run" "make what is missing or changed of the story";
    RunScene "this again" "make another take of this scene";
    RunAllScenes "all again" "make another take of every scene";
    StopStory "stop" "order nothing more of this run; what is under way goes on";
    AssembleStory "assemble" "put the chosen takes into one film";
    EditStory "edit" "open the story's file in your own editor";
    SceneUp "scene up" "move the scene up in the film";
    SceneDown "scene down" "move the scene down in the film";
    NextTake "next take" "have the next of its takes in the film; after the last, the newest again";
    PreviousTake "take before" "have the take before in the film";
    ChangePrompt "prompt" "change what is to be seen in the scene";
    ChangeTitle "title" "change what the scene is called";
    AddScene "new scene" "add a scene below this one";
    RemoveScene "take away" "take the scene out of the story; its takes stay in the library";
    SceneFacts "facts" "go to everything about the scene, and back";
    ShowTake "its take" "go to the scene's take in the studio, to play or judge it";
    OpenStory "open" "open another story";

    Accept "yes" "say yes to the dialog";
    Tick "tick" "send this row, or not";
    TickAll "all, none" "send every row, or none";
    Letterbox "black bars" "keep the whole picture with black beside it, or cut it off";
    SendUnsent "send" "leave, and let the worker send what was not sent";
    HoldUnsent "hold" "leave, and hold what was not sent";
    CancelUnsent "cancel them" "leave, and give up what was not sent";
    SettleCharged "it was charged" "settle the job as charged";
    SettleFree "it was free" "settle the job as free";
    SwitchSection "switch" "look in the library, or in the file system";
    AnyKind "all kinds" "show files of every kind, or only what fits";
    HiddenFiles "hidden files" "show files whose names begin with a dot, or hide them";
    ParentFolder "up" "go to the folder above";

    NewLine "new line" "begin a new line";
    CharLeft "left" "move one letter left";
    CharRight "right" "move one letter right";
    LineUp "up" "move one line up";
    LineDown "down" "move one line down";
    WordLeft "word left" "move one word left";
    WordRight "word right" "move one word right";
    LineStart "line start" "go to the start of the line";
    LineEnd "line end" "go to the end of the line";
    TextStart "text start" "go to the start of the text";
    TextEnd "text end" "go to the end of the text";
    DeleteBack "delete back" "delete the letter before the cursor";
    DeleteNext "delete" "delete the letter under the cursor";
    DeleteWordBack "delete word back" "delete the word before the cursor";
    DeleteWordNext "delete word" "delete the word after the cursor";
    KillToEnd "cut to end" "cut to the end of the line";
    KillToStart "cut to start" "cut to the start of the line";
    Yank "yank" "put back what was cut";
    EditOutside "editor" "edit the prompt in your own editor";
    UndoEdit "undo" "undo the last change to the text";
    RedoEdit "redo" "do the undone change again";
}

impl Action {
    /// Its name in `keymap.toml`, and on the command line of the studio.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => format!("{self:?}"),
        }
    }

    /// The action with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// Whether it changes, sends or spends anything, so that it is refused where everything is only looked at.
    pub fn changes(self) -> bool {
        matches!(
            self,
            Self::Generate
                | Self::ImprovePrompt
                | Self::Again
                | Self::ExactlyAgain
                | Self::Cancel
                | Self::Resume
                | Self::Find
                | Self::Settle
                | Self::Keep
                | Self::Reject
                | Self::Favourite
                | Self::Trash
                | Self::FavouriteModel
                | Self::RefreshModels
                | Self::ExportUsage
                | Self::RunStory
                | Self::RunScene
                | Self::RunAllScenes
                | Self::StopStory
                | Self::AssembleStory
                | Self::EditStory
                | Self::SceneUp
                | Self::SceneDown
                | Self::NextTake
                | Self::PreviousTake
                | Self::ChangePrompt
                | Self::ChangeTitle
                | Self::AddScene
                | Self::RemoveScene
                | Self::SettleCharged
                | Self::SettleFree
        )
    }

    /// Whether it only means something inside a text field or one dialog, so that no palette offers it.
    pub fn is_local(self) -> bool {
        self >= Self::Accept || (Self::PreviousChoice..=Self::ShowAll).contains(&self)
    }
}
