//! Makes the outputs of a prediction, once, and keeps them as files.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::desk::{Desk, extension};
use super::film::ShotError;
use super::given::Given;
use super::make::Maker;
use super::plan::Plan;
use super::record::{Made, Record};
use crate::catalog::ModelSpec;
use crate::domain::MediaKind;
use crate::media::poster::prune_oldest;

/// Outputs can be made again at any time; more than this is not kept.
const MOST_BYTES: u64 = 512 << 20;

/// Where outputs are made and kept.
pub(super) struct Studio {
    folder: PathBuf,
    /// One film at a time: painting is work for a whole core, and people are waiting for their keys.
    camera: Arc<Semaphore>,
    /// Who makes what, so that nothing is made twice at once.
    making: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    closed: Arc<AtomicBool>,
}

impl Studio {
    pub(super) fn open(folder: PathBuf, closed: Arc<AtomicBool>) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let camera = Arc::new(Semaphore::new(1));
        Ok(Self { folder, camera, making: Mutex::default(), closed })
    }

    /// The file of one output.
    pub(super) fn file(&self, id: &str, nth: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}-{nth}.{extension}"))
    }

    /// One finished file, counted from 1, made now if it is not there.
    pub(super) async fn output(
        &self,
        desk: &Desk,
        record: &Record,
        spec: &ModelSpec,
        nth: usize,
    ) -> Result<PathBuf, ShotError> {
        let file = self.file(&record.id, &nth.to_string(), extension(spec.output));
        if !file.is_file() {
            self.make(desk, record, spec).await?;
        }
        Ok(file)
    }

    /// Whether somebody is at it.
    pub(super) fn is_making(&self, id: &str) -> bool {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        making.get(id).is_some_and(|turn| Arc::strong_count(turn) > 1)
    }

    /// Makes what is not there of a prediction's outputs, and writes down what came out.
    pub(super) async fn make(
        &self,
        desk: &Desk,
        record: &Record,
        spec: &ModelSpec,
    ) -> Result<(), ShotError> {
        let turn = self.turn(&record.id);
        let _alone = turn.lock().await;
        let plan = Plan::new(record, spec);
        let files: Vec<PathBuf> = (1..=plan.outputs)
            .map(|nth| self.file(&record.id, &nth.to_string(), extension(spec.output)))
            .collect();
        if desk.records.made(&record.id).is_some() && files.iter().all(|file| file.is_file()) {
            return Ok(());
        }
        let _film = self.camera.acquire().await.map_err(io::Error::other)?;
        let maker = Maker {
            reader: desk.reader.clone(),
            most_drawn: desk.most_drawn,
            folder: self.folder.clone(),
            closed: Arc::clone(&self.closed),
        };
        let mut made = Made { outputs: plan.outputs, ..Made::default() };
        for (nth, file) in files.iter().enumerate() {
            let plan = plan.nth(nth);
            let given = Given::new(&plan, spec, |url| desk.here(url))?;
            let (what, notes) = maker.make(plan, given, file).await?;
            (made.what, made.notes) = (what, notes);
        }
        if desk.records.read(&record.id).is_some() {
            desk.records.write_made(&record.id, &made)?;
        }
        Ok(prune_oldest(&self.folder, MOST_BYTES)?)
    }

    /// Removes outputs that nobody shall see again.
    pub(super) fn remove(&self, record: &Record, kind: MediaKind, outputs: usize) {
        for nth in 1..=outputs.max(1) {
            // It may never have been made.
            let _ = fs::remove_file(self.file(&record.id, &nth.to_string(), extension(kind)));
        }
    }

    fn turn(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        making.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(making.entry(id.to_owned()).or_default())
    }
}
