//! Pictures: a drawn landscape, or a given picture that was changed.

use super::{Maker, Told, Work, shot};
use crate::domain::{Operation, Pixels};
use crate::sandbox::film::footage::Footage;
use crate::sandbox::film::{Look, Reel, ShotError, chequered};
use crate::sandbox::given::Given;
use crate::sandbox::plan::{FPS_MILLI, Plan, even};

impl Maker {
    pub(super) async fn still(
        &self,
        plan: &Plan,
        given: &Given,
        told: &mut Told,
    ) -> Result<Work, ShotError> {
        let first = given.pictures.first();
        let like = match first {
            Some(thing) => self.picture_size(thing).await,
            None => None,
        };
        let least = like.map_or(1024, |size| size.width.min(size.height));
        // A picture without a word on its shape is square.
        let shape = like.unwrap_or(Pixels { width: 1024, height: 1024 });
        let asked = match like {
            Some(size) if !plan.names_size() => size,
            _ => plan.exact_size(Some(shape), least),
        };
        // What is not even is painted a little larger and cut.
        let up = |side: u32| side.saturating_add(1);
        let size = even(Pixels { width: up(asked.width), height: up(asked.height) });
        if asked.width > size.width || asked.height > size.height {
            told.note(format!("{size}, and not {asked}: the sandbox paints nothing larger"));
        }
        let mut shot = shot(plan, size, FPS_MILLI, 0.0);
        let Some(thing) = first else {
            told.made = format!("a drawn landscape of {asked}");
            let reel = shot.landscape()?;
            return Ok(Work::Picture(shot, reel, asked));
        };
        let picture = self.picture(thing, size, told).await?;
        let look = match plan.operation {
            Operation::Enhance => Look::Plain,
            Operation::Background => Look::CutOut(Box::new(chequered(size)?)),
            Operation::FaceSwap => match given.pictures.get(1) {
                Some(face) => Look::Face(Box::new(self.picture(face, size, told).await?)),
                None => Look::of_seed(plan.seed),
            },
            _ => Look::of_seed(plan.seed),
        };
        if plan.operation == Operation::Enhance {
            shot.prompt.clear();
        }
        shot.label = Some(format!("{} {asked}", plan.operation.as_str()));
        told.made = format!("the given picture, changed, at {asked}");
        Ok(Work::Picture(shot, Reel::footage(Footage::still(picture), look), asked))
    }
}
