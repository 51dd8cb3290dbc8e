//! `--matrix`: one command line multiplied into the plain ones that it stands for, each a row with its price.

use serde_json::{Map, Value, json};

use crate::catalog::{ModelSpec, ParamKind};
use crate::domain::batch::{self, Axis, Pattern, Row, TooManyRows};
use crate::domain::{Ask, Brief, Estimate, Usd};

use super::args::Generate;
use super::exit::WrongUsage;

/// More rows than this are told by the first and the last of them.
const TOLD: usize = 20;

/// A command line and the plain ones that it stands for: just itself without `--matrix`.
pub(super) struct Matrix {
    /// Command lines of one model, one prompt, and each parameter once.
    pub lines: Vec<Generate>,
    axes: Vec<Axis>,
    rows: Vec<Row>,
    /// The seeds, where there are several.
    seeds: Option<(usize, Vec<i64>)>,
    takes: u32,
}

/// Multiplies a command line out: models first, then the prompt, then parameters as they were given.
pub(super) fn expand(
    args: &Generate,
    names: &[String],
    prompt: Option<String>,
    specs: &[Option<&ModelSpec>],
) -> Result<Matrix, WrongUsage> {
    let whole = Generate { prompt, ..args.clone() };
    let axes = vec![Axis::plain("model", names)];
    if !args.matrix {
        let (lines, rows) = (vec![whole], batch::rows(&axes, 1).map_err(too_many)?);
        return Ok(Matrix { lines, axes, rows, seeds: None, takes: args.takes });
    }
    let mut axes = axes;
    let words = specs.iter().flatten().find_map(|spec| spec.words_key()).unwrap_or("prompt");
    let mut pairs = Pairs::of(args, specs);
    // A prompt that is given as a parameter takes the place of the other.
    let prompt = whole.prompt.as_deref().filter(|_| pairs.varying.iter().all(|it| it.0 != words));
    if let Some(prompt) = prompt {
        axes.push(Axis::read("prompt", &[Pattern::read(prompt)]).map_err(too_many)?);
    }
    let first = axes.len();
    for (key, texts) in &pairs.varying {
        let varying = if reads_alternatives(specs, key) {
            let patterns: Vec<_> = texts.iter().map(|text| Pattern::read(text)).collect();
            Axis::read(key, &patterns).map_err(too_many)?
        } else {
            Axis::plain(key, texts)
        };
        axes.push(varying);
    }
    let rows = batch::rows(&axes, args.takes).map_err(too_many)?;
    let kept = std::mem::take(&mut pairs.kept);
    let line = |row: &Row| {
        let mut params = kept.clone();
        params.extend((first..axes.len()).map(|at| {
            let Axis { name, values } = &axes[at];
            format!("{name}={}", values[row.at(at)].text)
        }));
        Generate {
            prompt: prompt
                .map(|_| axes[1].values[row.at(1)].text.clone())
                .or_else(|| whole.prompt.clone()),
            models: vec![names[row.at(0)].clone()],
            params,
            matrix: false,
            ..args.clone()
        }
    };
    let lines = rows.iter().map(line).collect();
    let seeds = axes.iter().position(|axis| axis.name == "seed" && axis.values.len() > 1);
    let seeds = seeds.and_then(|at| {
        let values = axes[at].values.iter().map(|seed| seed.text.trim().parse::<i64>().ok());
        let seeds: Option<Vec<i64>> = values.map(|seed| seed.filter(|seed| *seed >= 0)).collect();
        Some((at, seeds?))
    });
    Ok(Matrix { lines, axes, rows, seeds, takes: args.takes })
}

fn too_many(error: TooManyRows) -> WrongUsage {
    WrongUsage { what: error.to_string(), hint: TooManyRows::HINT }
}

/// The `-p` of a command line: those of every row, and the values of those that may differ, by key.
struct Pairs {
    kept: Vec<String>,
    varying: Vec<(String, Vec<String>)>,
}

impl Pairs {
    fn of(args: &Generate, specs: &[Option<&ModelSpec>]) -> Self {
        let mut pairs = Self { kept: Vec::new(), varying: Vec::new() };
        for pair in &args.params {
            // What is no pair is told as that; several files of one input belong together.
            let parts = pair.split_once('=');
            let Some((key, text)) =
                parts.filter(|(key, text)| !text.starts_with('@') || !takes_several(specs, key))
            else {
                pairs.kept.push(pair.clone());
                continue;
            };
            match pairs.varying.iter_mut().find(|(known, _)| known == key) {
                Some((_, texts)) => texts.push(text.to_owned()),
                None => pairs.varying.push((key.to_owned(), vec![text.to_owned()])),
            }
        }
        pairs
    }
}

fn takes_several(specs: &[Option<&ModelSpec>], key: &str) -> bool {
    specs.iter().flatten().any(|spec| spec.input(key).is_some_and(|input| input.how_many > 1))
}

/// Whether `{a|b}` in this parameter is alternatives: in JSON braces are what they are, and so they are in the
/// names of files.
fn reads_alternatives(specs: &[Option<&ModelSpec>], key: &str) -> bool {
    let param = specs.iter().flatten().find_map(|spec| spec.param(key));
    param.is_some_and(|it| !matches!(it.kind, ParamKind::List { .. } | ParamKind::Object))
}

impl Matrix {
    /// Which of the models a row is for.
    pub(super) fn model(&self, row: usize) -> usize {
        self.rows[row].at(0)
    }

    /// The takes of a row; where several seeds were given, none of them has another one's.
    pub(super) fn seeded(&self, row: usize, mut takes: Vec<Brief>) -> Vec<Brief> {
        if let Some((axis, seeds)) = &self.seeds {
            for (take, brief) in (0..).zip(&mut takes) {
                let seed = batch::seed(seeds, self.rows[row].at(*axis), take);
                if let Some(given) = brief.params.get_mut("seed") {
                    *given = seed.into();
                }
            }
        }
        takes
    }

    /// What tells the rows apart; nothing where there is only one.
    pub(super) fn rows(&self) -> Rows {
        if self.rows.len() < 2 {
            return Rows::default();
        }
        let row = |row: &Row| {
            let keys = row.picked(&self.axes).map(|(name, _)| name.to_owned());
            (row.words(&self.axes), keys.collect())
        };
        Rows { takes: self.takes, rows: self.rows.iter().map(row).collect() }
    }
}

/// What tells the rows of an order apart: in words, and by which parameters.
#[derive(Default)]
pub(super) struct Rows {
    takes: u32,
    rows: Vec<(String, Vec<String>)>,
}

/// A row with what all its takes cost; `None` where that is not known.
pub(super) struct PricedRow {
    words: String,
    prompt: String,
    model: String,
    params: Map<String, Value>,
    takes: u32,
    price: Option<Estimate>,
}

impl Rows {
    /// The rows with the prices of their briefs, which follow each other row by row.
    pub(super) fn priced(&self, ask: &Ask, prices: &[Option<Estimate>]) -> Vec<PricedRow> {
        let takes = usize::try_from(self.takes).unwrap_or(usize::MAX).max(1);
        let briefs = ask.briefs.chunks(takes).zip(prices.chunks(takes));
        let rows = self.rows.iter().zip(briefs);
        rows.map(|((words, keys), (briefs, prices))| {
            let brief = &briefs[0];
            let value = |key: &String| Some((key.clone(), brief.params.get(key)?.clone()));
            let is_told = |key: &&String| !matches!(key.as_str(), "prompt" | "model");
            PricedRow {
                words: words.clone(),
                prompt: brief.prompt().to_owned(),
                model: brief.model.to_string(),
                params: keys.iter().filter(is_told).filter_map(value).collect(),
                takes: self.takes,
                price: prices[0].as_ref().map(|price| price.times(self.takes)),
            }
        })
        .collect()
    }
}

impl PricedRow {
    /// As it stands in the `preflight` line.
    pub(super) fn json(&self) -> Value {
        let amount = |of: fn(&Estimate) -> Usd| self.price.as_ref().map(|it| of(it).decimal());
        json!({
            "prompt": self.prompt,
            "model": self.model,
            "params": self.params,
            "takes": self.takes,
            "low_usd": amount(|price| price.low),
            "high_usd": amount(|price| price.high),
            "floor": self.price.as_ref().is_some_and(|price| price.floor),
        })
    }

    fn line(&self, number: usize) -> String {
        let price = self.price.as_ref().map_or("price unknown".to_owned(), ToString::to_string);
        let takes = if self.takes > 1 { format!("{} × ", self.takes) } else { String::new() };
        let each = self.price.as_ref().map(|whole| match self.takes {
            2.. if whole.low == whole.high && !whole.floor => {
                format!(
                    "{takes}{} = ",
                    Usd::from_micros(whole.high.micros() / i64::from(self.takes))
                )
            }
            _ => String::new(),
        });
        format!("  {number:>4}  {}{price}  {}", each.unwrap_or_default(), self.words)
    }
}

/// The rows for a person: all of them, or the first and the last where they are very many.
pub(super) fn listed(rows: &[PricedRow]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let takes: u32 = rows.iter().map(|row| row.takes).sum();
    let mut lines = vec![match rows[0].takes {
        1 => format!("{} rows", rows.len()),
        each => format!("{} rows × {each} takes = {takes} takes", rows.len()),
    }];
    let numbered = rows.iter().zip(1..).map(|(row, number)| row.line(number));
    if rows.len() <= TOLD {
        lines.extend(numbered);
        return lines;
    }
    let ends = TOLD / 2;
    let unseen = rows.len() - 2 * ends;
    lines.extend(numbered.clone().take(ends));
    lines.push(format!("        … {unseen} more, told by --json …"));
    lines.extend(numbered.skip(ends + unseen));
    lines
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
