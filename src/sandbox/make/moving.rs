//! Films, operation by operation.

use super::sources::Film;
use super::{Maker, Told, Work, shot};
use crate::domain::{Operation, Pixels};
use crate::media::loudness;
use crate::media::mp4::Track;
use crate::sandbox::film::slides::Slides;
use crate::sandbox::film::{Look, Mouth, Reel, Shot, ShotError, chequered};
use crate::sandbox::given::{Given, Thing};
use crate::sandbox::plan::{FPS_MILLI, MOST_SECONDS, Plan, even, frames};

/// What a talking face is filmed at.
const AVATAR_FPS_MILLI: u32 = 25_000;

/// More pixels than in twenty seconds of 4K take too long (a second of it takes two on one core); what is over
/// is left out.
const MOST_GIVEN: f64 = 4.4e9;

impl Maker {
    pub(super) async fn moving(
        &self,
        plan: &Plan,
        given: &Given,
        told: &mut Told,
    ) -> Result<Work, ShotError> {
        let film = given.films.first();
        match (plan.operation, film) {
            (Operation::TalkingAvatar, _) => self.avatar(plan, given, told).await,
            (Operation::Sound, Some(film)) => self.dubbed(plan, film, told).await,
            (Operation::Retake, Some(film)) if plan.text("mode") == Some("replace_audio") => {
                self.dubbed(plan, film, told).await
            }
            (Operation::Enhance, Some(film)) => self.enhanced(plan, film, told).await,
            (Operation::Extend, Some(film)) => self.extended(plan, given, film, told).await,
            (
                Operation::Retake
                | Operation::FaceSwap
                | Operation::Translate
                | Operation::Background
                | Operation::Other,
                Some(film),
            ) => self.changed(plan, given, film, told).await,
            _ => self.drawn(plan, given, told).await,
        }
    }

    /// A film of given pictures, or of nothing but the prompt.
    async fn drawn(&self, plan: &Plan, given: &Given, told: &mut Told) -> Result<Work, ShotError> {
        let mut things: Vec<&Thing> = given.pictures.iter().collect();
        // Of films that a model looks at, the first picture stands for them.
        things.extend(&given.films);
        things.extend(&given.last_picture);
        let like = match things.first() {
            Some(thing) => self.picture_size(thing).await,
            None => None,
        };
        let size = plan.size(like, plan.short);
        let seconds = plan.seconds();
        let fps_milli = plan.fps_milli.unwrap_or(FPS_MILLI);
        let fps_milli = self.affordable(size, seconds, fps_milli, told);
        let shot = shot(plan, size, fps_milli, seconds);
        let sound = self.drawn_sound(plan, given, seconds, told).await?;
        if things.is_empty() {
            told.made = format!("a drawn landscape, {}", words(&shot));
            let reel = shot.landscape()?;
            return Ok(Work::Film(shot, reel, sound));
        }
        let mut pictures = Vec::new();
        for thing in things.iter().take(6) {
            pictures.push(self.picture(thing, size, told).await?);
        }
        told.made = match (pictures.len(), &given.last_picture) {
            (1, _) => format!("the given picture, moving, {}", words(&shot)),
            (_, Some(_)) => format!("from the given picture to the last one, {}", words(&shot)),
            (count, None) => {
                format!("{count} given pictures one after the other, {}", words(&shot))
            }
        };
        let slides = Slides::new(pictures, &shot);
        Ok(Work::Film(shot, Reel::Slides(Box::new(slides)), sound))
    }

    /// The sound of a film that follows none: the one that was given, or notes where sound was asked for.
    async fn drawn_sound(
        &self,
        plan: &Plan,
        given: &Given,
        seconds: f64,
        told: &mut Told,
    ) -> Result<Option<Track>, ShotError> {
        if let Some(thing) = given.sounds.first() {
            let Some((_, file)) = self.readable(thing, told) else { return Ok(None) };
            return self.carried(&file, seconds, told).await;
        }
        match plan.switch(&["generate_audio", "sound", "with_audio", "enable_audio"]) {
            Some(true) => self.notes(plan.seed, seconds),
            _ => Ok(None),
        }
    }

    /// A face that talks for as long as its sound is.
    async fn avatar(&self, plan: &Plan, given: &Given, told: &mut Told) -> Result<Work, ShotError> {
        let mut lengths = Vec::new();
        for thing in &given.sounds {
            lengths.push(self.sound_length(thing, told).await.unwrap_or(5.0));
        }
        let at_once = plan.text("order").is_none_or(|order| order == "meanwhile");
        let seconds = match lengths.len() {
            0 => plan.seconds(),
            _ if at_once => lengths.iter().copied().fold(0.0, f64::max),
            _ => lengths.iter().sum(),
        };
        let seconds = seconds.clamp(0.1, MOST_SECONDS);
        let film = match given.films.first() {
            Some(thing) => Some(self.film(thing, true, told).await?),
            None => None,
        };
        let face = given.pictures.first();
        let like = match (&film, face) {
            (Some(film), _) => Some(film.footage.size),
            (None, Some(thing)) => self.picture_size(thing).await,
            (None, None) => None,
        };
        let size = plan.size(like, plan.short);
        let source = film.as_ref().map(|film| film.footage.fps_milli);
        let wanted = plan.fps_milli.or(source).unwrap_or(AVATAR_FPS_MILLI);
        let fps_milli = match film {
            // A film that is followed frame by frame keeps its own pace.
            Some(_) => wanted,
            None => self.affordable(size, seconds, wanted, told),
        };
        let shot = shot(plan, size, fps_milli, seconds);
        let mut voices = given.sounds.iter().zip(&lengths);
        let voice = match plan.text("order") {
            Some("right_left") => voices.next_back(),
            _ => voices.next(),
        };
        let (mut sound, mut mouth) = (None, Mouth::guessed(plan.seed, shot.frames, fps_milli));
        let heard = voice.and_then(|(thing, length)| Some((self.readable(thing, told)?.1, length)));
        if let Some((file, length)) = heard {
            sound = self.carried(&file, *length, told).await?;
            let heard = tokio::task::spawn_blocking(move || loudness::wav(&file, fps_milli));
            if let Some(loudness) = heard.await.map_err(std::io::Error::other)?? {
                mouth = Mouth::following(loudness);
            }
        }
        if given.sounds.len() > 1 && sound.is_some() {
            told.note("of several voices the first is heard");
        }
        let reel = match (film, face) {
            (Some(film), _) => Reel::footage(film.footage, Look::Tinted { shift: [0, 0] }),
            (None, Some(thing)) => {
                let picture = self.picture(thing, size, told).await?;
                Reel::Slides(Box::new(Slides::new(vec![picture], &shot).still()))
            }
            (None, None) => shot.landscape()?,
        };
        told.made = format!("a face that talks, {}", words(&shot));
        Ok(Work::Film(shot, Reel::Talking(Box::new(reel), mouth), sound))
    }

    /// The pictures of a film as they are, with notes.
    async fn dubbed(
        &self,
        plan: &Plan,
        source: &Thing,
        told: &mut Told,
    ) -> Result<Work, ShotError> {
        let Some((_, path)) = self.readable(source, told) else {
            let film = self.film(source, false, told).await?;
            let shot = followed(plan, &film, film.footage.size, "sound");
            let sound = self.notes(plan.seed, film.seconds)?;
            "notes under a stand-in".clone_into(&mut told.made);
            return Ok(Work::Film(shot, Reel::footage(film.footage, Look::Plain), sound));
        };
        let read = tokio::task::spawn_blocking(move || Track::pictures_of(&path));
        if let Some(pictures) = read.await.map_err(std::io::Error::other)?? {
            #[expect(clippy::cast_precision_loss, reason = "no film is that long")]
            let seconds = pictures.length_ms() as f64 / 1000.0;
            "the given pictures as they were, with notes for a sound".clone_into(&mut told.made);
            return Ok(Work::Dubbed(pictures, self.notes(plan.seed, seconds)?));
        }
        // It is no MP4: its pictures are made anew.
        let film = self.film(source, false, told).await?;
        let shot = followed(plan, &film, even(film.footage.size), "sound");
        let sound = self.notes(plan.seed, film.seconds)?;
        "the given pictures with notes for a sound".clone_into(&mut told.made);
        Ok(Work::Film(shot, Reel::footage(film.footage, Look::Plain), sound))
    }

    /// A film at another size.
    async fn enhanced(
        &self,
        plan: &Plan,
        source: &Thing,
        told: &mut Told,
    ) -> Result<Work, ShotError> {
        let film = self.film(source, false, told).await?;
        let own = film.footage.size;
        // Where the model has no target it doubles.
        let least = if plan.names_size() { plan.short } else { own.width.min(own.height) * 2 };
        let size = plan.size(Some(own), least);
        let mut shot = followed(plan, &film, size, &format!("upscaled to {size}"));
        shot.prompt.clear();
        limit(&mut shot, film.seconds, told);
        let sound = self.kept(&film, told).await?;
        told.made = format!("the given film, from {own} to {size}");
        Ok(Work::Film(shot, Reel::footage(film.footage, Look::Plain), sound))
    }

    /// A film that goes on.
    async fn extended(
        &self,
        plan: &Plan,
        given: &Given,
        source: &Thing,
        told: &mut Told,
    ) -> Result<Work, ShotError> {
        let (film, size) = self.in_its_size(plan, source, told).await?;
        // Veo's extension has no length of its own: seven seconds (docs, checked 2026-08-21).
        let more = plan.asked_s.unwrap_or(7.0);
        let mut shot = followed(plan, &film, size, "extended");
        limit(&mut shot, film.seconds, told);
        let added = frames(more, shot.fps_milli);
        let sound = match given.sounds.first() {
            Some(_) => self.drawn_sound(plan, given, film.seconds + more, told).await?,
            None => self.kept(&film, told).await?,
        };
        if sound.is_some() && given.sounds.is_empty() {
            told.note("what was added is silent");
        }
        told.made = format!("the given film and {more} s more, at {size}");
        Ok(Work::Film(shot, Reel::extended(film.footage, added), sound))
    }

    /// A film that everybody sees was changed.
    async fn changed(
        &self,
        plan: &Plan,
        given: &Given,
        source: &Thing,
        told: &mut Told,
    ) -> Result<Work, ShotError> {
        let (film, size) = self.in_its_size(plan, source, told).await?;
        let mut shot = followed(plan, &film, size, plan.operation.as_str());
        limit(&mut shot, film.seconds, told);
        let look = match (plan.operation, given.pictures.first()) {
            (Operation::FaceSwap, Some(face)) => {
                let square = Pixels { width: size.height, height: size.height };
                Look::Face(Box::new(self.picture(face, even(square), told).await?))
            }
            (Operation::Background, behind) => {
                Look::CutOut(Box::new(self.behind(behind, size, told).await?))
            }
            (Operation::Other, _) => Look::Grey,
            _ => Look::of_seed(plan.seed),
        };
        if let Some(language) = plan.text("output_language").or(plan.text("target_lang")) {
            shot.prompt = format!("[{language}]");
        }
        if let Some(format) =
            plan.text("output_container_and_codec").filter(|format| *format != "mp4_h264")
        {
            told.note(format!("H.264 in MP4, and not {format}: the sandbox makes nothing else"));
        }
        let replaces_sound = plan.text("mode") == Some("replace_audio_and_video");
        let wanted = plan.switch(&["keep_original_sound", "preserve_audio"]).unwrap_or(true);
        let sound = match given.sounds.first() {
            Some(_) => self.drawn_sound(plan, given, film.seconds, told).await?,
            None if replaces_sound => self.notes(plan.seed, film.seconds)?,
            None if wanted => self.kept(&film, told).await?,
            None => None,
        };
        told.made = format!("the given film, changed, at {size}");
        Ok(Work::Film(shot, Reel::footage(film.footage, look), sound))
    }

    /// A given film, and the size it is made again in: its own, unless another is asked for.
    async fn in_its_size(
        &self,
        plan: &Plan,
        source: &Thing,
        told: &mut Told,
    ) -> Result<(Film, Pixels), ShotError> {
        let film = self.film(source, false, told).await?;
        let own = film.footage.size;
        let size = if plan.names_size() { plan.size(Some(own), plan.short) } else { even(own) };
        Ok((film, size))
    }

    /// What is seen where a background was.
    async fn behind(
        &self,
        thing: Option<&Thing>,
        size: Pixels,
        told: &mut Told,
    ) -> Result<crate::media::encode::Frame, ShotError> {
        use crate::media::scale::{Area, Rows};

        let Some(thing) = thing else { return Ok(chequered(size)?) };
        let picture = self.picture(thing, size, told).await?;
        let mut behind = chequered(size)?;
        behind.draw(&picture, Area::covering(picture.size(), size), &mut Rows::default());
        Ok(behind)
    }

    /// The sound that a given film has.
    async fn kept(&self, film: &Film, told: &mut Told) -> Result<Option<Track>, ShotError> {
        match &film.file {
            Some(path) if film.has_sound => self.carried(path, film.seconds, told).await,
            _ => Ok(None),
        }
    }

    /// As many frames a second as can be drawn in good time.
    fn affordable(&self, size: Pixels, seconds: f64, fps_milli: u32, told: &mut Told) -> u32 {
        #[expect(clippy::cast_precision_loss, reason = "no film has that many")]
        let most_drawn = self.most_drawn as f64;
        let most = most_drawn / area(size) / seconds.max(0.1);
        let Some(fewer) = [fps_milli, 12_000, 8_000, 5_000, 2_000]
            .into_iter()
            .filter(|fps| *fps <= fps_milli)
            .find(|fps| f64::from(*fps) / 1000.0 <= most)
        else {
            return 1000;
        };
        if fewer < fps_milli {
            told.note(format!("{} frames a second, because it is long", fewer / 1000));
        }
        fewer
    }
}

/// A shot that follows a given film: its pace, its length, a label instead of a frame count.
fn followed(plan: &Plan, film: &Film, size: Pixels, label: &str) -> Shot {
    let mut shot = shot(plan, size, film.footage.fps_milli, film.seconds);
    shot.label = Some(label.to_owned());
    // The film itself says where it ends.
    shot.frames = u32::MAX;
    shot
}

/// Leaves out what is over the limit, and says so.
fn limit(shot: &mut Shot, seconds: f64, told: &mut Told) {
    let most = MOST_GIVEN / area(shot.size);
    let wanted = f64::from(frames(seconds, shot.fps_milli));
    if wanted <= most {
        return;
    }
    let kept = most * 1000.0 / f64::from(shot.fps_milli);
    shot.frames = frames(kept, shot.fps_milli);
    told.note(format!("only the first {kept:.1} s of {seconds:.1} s were made at {}", shot.size));
}

fn area(size: Pixels) -> f64 {
    f64::from(size.width) * f64::from(size.height)
}

fn words(shot: &Shot) -> String {
    let seconds = f64::from(shot.frames) * 1000.0 / f64::from(shot.fps_milli);
    format!("{seconds:.1} s of {} at {} fps", shot.size, shot.fps_milli / 1000)
}
