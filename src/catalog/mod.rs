//! The models on offer: the built-in files, the provider's own list beside them, and the user's files, which
//! replace both by id. Pure but for one read of the user's folder.

mod builtin;
mod check;
mod conditions;
mod differences;
mod file;
mod fitted;
mod formula;
mod input;
mod listed;
mod measured;
pub mod nearest;
mod param;
mod parse;
pub mod platforms;
pub mod presets;
mod price;
mod ratio;
mod schema;
mod search;
mod shelf;
mod spec;
pub mod toml_file;
mod value;

use std::collections::{HashMap, HashSet};
use std::path::Path;

pub use check::Fault;
pub use conditions::{Condition, Then};
pub use differences::{Difference, differences};
pub use formula::Formula;
pub use input::{FileFacts, InputKind, InputSpec};
pub use listed::{Listing, NotAListing};
pub use measured::Measured;
pub use param::{ItemKind, ParamKind, ParamSpec};
pub use price::{Price, PriceList};
pub use ratio::{NotARatio, Ratio};
pub use shelf::Shelf;
pub use spec::{ModelSpec, Origin};
pub use value::plain;

use crate::domain::{ModelId, Operation, ProviderId};

/// Every model that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    models: Vec<ModelSpec>,
}

/// Why there is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The user's folder, or a file in it, cannot be read.
    #[error("reading {file}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what a model's file must be.
    #[error("{file}: {message}")]
    Wrong {
        /// Which.
        file: String,
        /// What is wrong with it, with its line.
        message: String,
    },
}

/// A name that no model has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown model {name:?}")]
pub struct UnknownModel {
    /// What was asked for.
    pub name: String,
    /// Ids that may have been meant, the nearest first.
    pub near: Vec<ModelId>,
}

impl UnknownModel {
    /// What to do about it.
    pub fn hint(&self) -> String {
        if self.near.is_empty() {
            return "`rushes models list` shows every model".to_owned();
        }
        let near: Vec<&str> = self.near.iter().map(ModelId::as_str).collect();
        format!("did you mean {}?", near.join(" or "))
    }
}

impl Catalog {
    /// The models that are compiled in.
    pub fn builtin() -> Result<Self, CatalogError> {
        let read = |(name, text): &(&str, &str)| {
            file::read(&format!("assets/models/{name}"), text, Origin::BuiltIn)
        };
        let models = builtin::FILES.iter().map(read).collect::<Result<_, _>>()?;
        Self { models }.without_doubles()
    }

    /// The built-in models and the user's: every `*.toml` in the folder, by name. One that carries the id of
    /// a built-in model replaces it. A folder that does not exist is an empty one.
    pub fn load(user_folder: &Path) -> Result<Self, CatalogError> {
        Self::with_listed(user_folder, Vec::new())
    }

    /// The same with the provider's own list: built-in, then listed, then the user's. What is built in is
    /// not replaced by the list, because its limits and its price were checked; the user's file wins.
    pub fn with_listed(user_folder: &Path, listed: Vec<ModelSpec>) -> Result<Self, CatalogError> {
        let mut catalog = Self::builtin()?;
        let mut users = Vec::new();
        for path in toml_files(user_folder)? {
            let file = path.display().to_string();
            let text = std::fs::read_to_string(&path)
                .map_err(|source| CatalogError::Unreadable { file: file.clone(), source })?;
            let spec = file::read(&file, &text, Origin::User)?;
            match catalog.models.iter_mut().find(|known| known.id == spec.id) {
                Some(known) => *known = spec,
                None => users.push(spec),
            }
        }
        let builtin = catalog.models.len();
        catalog.models.extend(users);
        let mut catalog = catalog.without_doubles()?;
        let users = catalog.models.split_off(builtin);
        let mut known: HashSet<ModelId> =
            catalog.models.iter().chain(&users).map(|spec| spec.id.clone()).collect();
        catalog.models.extend(listed.into_iter().filter(|spec| known.insert(spec.id.clone())));
        catalog.models.extend(users);
        Ok(catalog)
    }

    /// The same models as they are on this machine: `fit` may switch one off, or say what there is to choose.
    #[must_use]
    pub fn fitted(mut self, mut fit: impl FnMut(&mut ModelSpec)) -> Self {
        self.models.iter_mut().for_each(&mut fit);
        self
    }

    /// Every model that fits the words of a query, the best first: all words have to be found, in any
    /// order, whole, in part, or (in the id) letter by letter.
    pub fn search(&self, query: &str) -> Vec<&ModelSpec> {
        search::search(&self.models, query)
    }

    /// The same as places in [`Self::all`].
    pub fn places(&self, query: &str) -> Vec<usize> {
        search::places(&self.models, query)
    }

    /// What the built-in models and the user's say otherwise than the provider's list, for those that differ. A model
    /// that the list no longer has is one difference.
    pub fn compared_with(&self, listed: &[ModelSpec]) -> Vec<(&ModelSpec, Vec<Difference>)> {
        let of_files = self.models.iter().filter(|spec| spec.is_compared());
        let compared = of_files.map(|spec| {
            let theirs = listed.iter().find(|theirs| theirs.id == spec.id);
            (spec, theirs.map_or_else(|| vec![Difference::withdrawn()], |it| differences(spec, it)))
        });
        compared.filter(|(_, differences)| !differences.is_empty()).collect()
    }

    /// Every model, switched-off ones too, in the order of the files.
    pub fn all(&self) -> &[ModelSpec] {
        &self.models
    }

    /// The model with exactly this id or alias, in capitals or not; never one that merely looks like it.
    pub fn find(&self, name: &str) -> Result<&ModelSpec, UnknownModel> {
        let by_id = self.models.iter().find(|spec| spec.id.as_str() == name);
        let by_alias =
            || self.models.iter().find(|spec| spec.aliases.iter().any(|alias| alias == name));
        let by_letters = || self.names().find(|(known, _)| known.eq_ignore_ascii_case(name));
        by_id
            .or_else(by_alias)
            .or_else(|| by_letters().map(|(_, spec)| spec))
            .ok_or_else(|| self.unknown(name))
    }

    /// The model with this name, where a name that does not say its operation means the one of its family
    /// that does that: `alibaba/wan-2.5` for text to video is `alibaba/wan-2.5/text-to-video`.
    pub fn find_for(&self, name: &str, operation: Operation) -> Result<&ModelSpec, UnknownModel> {
        if let Ok(exact) = self.find(&format!("{name}/{operation}")) {
            return Ok(exact);
        }
        let found = self.find(name)?;
        let says = format!("/{}", found.operation);
        if name.ends_with(&says) || found.operation == operation {
            return Ok(found);
        }
        let family = found.id.as_str().strip_suffix(&says);
        let sibling = family.and_then(|family| self.find(&format!("{family}/{operation}")).ok());
        Ok(sibling.unwrap_or(found))
    }

    /// What an operation uses when no model is named: the one that says so, else the first that is on.
    pub fn default_for(&self, operation: Operation) -> Option<&ModelSpec> {
        let mut on =
            self.models.iter().filter(|spec| spec.operation == operation && spec.available);
        on.clone().find(|spec| spec.is_default).or_else(|| on.next())
    }

    /// The same for one service: of the models that it runs, where it runs any for that.
    pub fn default_on(&self, operation: Operation, provider: ProviderId) -> Option<&ModelSpec> {
        let here = |spec: &&ModelSpec| {
            spec.operation == operation && spec.available && spec.runs_on(provider)
        };
        let usual = self.default_for(operation);
        usual.filter(here).or_else(|| self.models.iter().find(here)).or(usual)
    }

    /// Near are whole names, and parts of them: whoever says `wan-25` does not know that it is Alibaba's.
    fn unknown(&self, name: &str) -> UnknownModel {
        let is_operation = |part: &str| Operation::ALL.iter().any(|it| it.as_str() == part);
        let wholes = self.names().map(|(whole, spec)| (whole, &spec.id));
        let parts = self.names().flat_map(|(whole, spec)| {
            let parts = whole.split('/').filter(move |part| *part != whole && !is_operation(part));
            parts.map(|part| (part, &spec.id))
        });
        // Who has the whole name comes before who has it as a part.
        let parts: Vec<(&str, &ModelId)> = wholes.chain(parts).collect();
        let mut near: Vec<ModelId> = Vec::new();
        for word in nearest::near(name, parts.iter().map(|(part, _)| *part), 64) {
            let ids = parts.iter().filter(|(part, _)| *part == word).map(|(_, id)| *id);
            for id in ids {
                if !near.contains(id) {
                    near.push(id.clone());
                }
            }
        }
        near.truncate(3);
        UnknownModel { name: name.to_owned(), near }
    }

    fn names(&self) -> impl Iterator<Item = (&str, &ModelSpec)> {
        self.models.iter().flat_map(|spec| {
            let aliases = spec.aliases.iter().map(String::as_str);
            std::iter::once(spec.id.as_str()).chain(aliases).map(move |name| (name, spec))
        })
    }

    /// A name that finds two models would send money to the wrong one.
    fn without_doubles(self) -> Result<Self, CatalogError> {
        let mut seen: HashMap<&str, &ModelSpec> = HashMap::new();
        for (name, spec) in self.names() {
            if let Some(other) = seen.insert(name, spec) {
                let message = format!("{name:?} names both {} and {}", other.id, spec.id);
                return Err(CatalogError::Wrong { file: "the model files".to_owned(), message });
            }
        }
        Ok(self)
    }
}

fn toml_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, CatalogError> {
    let unreadable =
        |source| CatalogError::Unreadable { file: folder.display().to_string(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "models_tests.rs"]
mod models_tests;

#[cfg(test)]
#[path = "names_tests.rs"]
mod names_tests;

#[cfg(test)]
#[path = "spoken_tests.rs"]
mod spoken_tests;
#[cfg(test)]
#[path = "vectors_tests.rs"]
mod vectors_tests;
