//! Several films after each other: as they are where they agree, else encoded again like the first.

use std::path::Path;

use super::{FILM, FINE, PLAIN_SOUND, short};
use crate::domain::Pixels;
use crate::media::mp4::{self, Joined};
use crate::provider::local::asked::Asked;
use crate::provider::local::bench::{Bench, Clip, Failed, Line, Rate};

/// How the clips follow each other.
struct Plan {
    clips: Vec<Clip>,
    /// Each with its pause after it, in whole frames of the first one's rate: how many, and how many seconds that
    /// is.
    lengths: Vec<(u64, f64)>,
    crossfade: f64,
    size: Pixels,
    rate: Rate,
    /// What is heard under everything, and how loud.
    under: Option<(Clip, f64)>,
}

pub(super) async fn assemble(bench: &mut Bench, asked: Asked<'_>) -> Result<Vec<String>, Failed> {
    let files = asked.files("videos");
    if files.is_empty() {
        return Err(Failed::new("there are no videos"));
    }
    let crossfade = asked.number_or("crossfade", 0.0);
    let pauses = asked.numbers("pauses");
    let audio = asked.file("audio");
    let is_plain = crossfade == 0.0 && audio.is_none() && pauses.iter().all(|it| *it == 0.0);
    let mut differences = Vec::new();
    if is_plain {
        match mp4::join(&files, &bench.folder.join(FILM))? {
            Joined::Whole => {
                bench.notes.shift_remove("ffmpeg");
                bench.note("joined", "copied");
                return Ok(vec![FILM.to_owned()]);
            }
            Joined::Differ(found) => differences = found,
        }
    }
    if bench.tools().is_err() {
        let why = if is_plain {
            format!("the clips do not agree: {}", differences.join("; "))
        } else {
            "cross-fades, pauses and a sound under everything are made by ffmpeg".to_owned()
        };
        return Err(Failed(format!("{why}. without ffmpeg only clips that agree can be joined")));
    }
    if !differences.is_empty() {
        bench.note("differences", differences);
    }
    let plan = Plan::of(bench, asked, &files, &pauses).await?;
    let total = plan.total();
    let mut line = Line::default();
    for clip in &plan.clips {
        line = line.input(&clip.file);
    }
    if let Some((under, _)) = &plan.under {
        line = line.input(&under.file);
    }
    let line = line.set("-filter_complex", plan.filters()).with(&["-map", "[v]"]);
    let line = if plan.is_heard() { line.with(&["-map", "[a]"]).aac() } else { line };
    bench.run(line.plain().h264(bench, FINE)?.mp4(FILM), total).await?;
    bench.note("joined", "encoded");
    Ok(vec![FILM.to_owned()])
}

impl Plan {
    async fn of(
        bench: &Bench,
        asked: Asked<'_>,
        files: &[std::path::PathBuf],
        pauses: &[f64],
    ) -> Result<Self, Failed> {
        let crossfade = asked.number_or("crossfade", 0.0);
        let (mut clips, mut lengths) = (Vec::new(), Vec::new());
        for (at, file) in files.iter().enumerate() {
            let clip = bench.clip(file).await?;
            let length = clip.seconds()? + pauses.get(at).copied().unwrap_or(0.0);
            // A clip in the middle fades twice.
            let fades = if files.len() > 2 { 2.0 } else { 1.0 };
            if files.len() > 1 && length <= crossfade * fades {
                return Err(Failed(format!(
                    "clip {} lasts {} s: too short to cross-fade for {} s",
                    at + 1,
                    short(length),
                    short(crossfade)
                )));
            }
            clips.push(clip);
            lengths.push(length);
        }
        let size = shown(&clips[0])?;
        let rate = clips[0].rate();
        let lengths = rate.whole_after_each_other(&lengths);
        let under = match asked.file("audio") {
            Some(file) => Some((bench.clip(&file).await?, asked.number_or("volume", 1.0))),
            None => None,
        };
        // A fade is made of whole frames, too.
        let crossfade = if crossfade > 0.0 { rate.whole(crossfade).1 } else { 0.0 };
        Ok(Self { clips, lengths, crossfade, size, rate, under })
    }

    fn total(&self) -> f64 {
        let joints = self.clips.len().saturating_sub(1);
        #[expect(clippy::cast_precision_loss, reason = "there are few clips")]
        let faded = self.crossfade * joints as f64;
        self.lengths.iter().map(|(_, seconds)| seconds).sum::<f64>() - faded
    }

    fn is_heard(&self) -> bool {
        self.under.is_some() || self.clips.iter().any(Clip::has_sound)
    }

    fn filters(&self) -> String {
        let mut all = Vec::new();
        for (at, (clip, length)) in self.clips.iter().zip(&self.lengths).enumerate() {
            all.push(self.pictures(at, *length));
            if self.is_heard() {
                all.push(sound(at, clip, length.1));
            }
        }
        all.extend(if self.crossfade > 0.0 && self.clips.len() > 1 {
            self.faded()
        } else {
            vec![self.cut()]
        });
        if let Some((_, level)) = &self.under {
            let (at, total) = (self.clips.len(), self.total());
            all.push(format!(
                "[{at}:a:0]{PLAIN_SOUND},volume={level},apad,atrim=duration={total:.6}[under];\
                 [heard][under]amix=inputs=2:duration=first:normalize=0,\
                 alimiter=limit=0.97:level=false[a]"
            ));
        } else if self.is_heard() {
            all.push("[heard]anull[a]".to_owned());
        }
        all.join(";")
    }

    /// The pictures of a clip in the size and at the rate of the first one, exactly so long: the last one is
    /// held over its pause.
    fn pictures(&self, at: usize, (frames, seconds): (u64, f64)) -> String {
        let Pixels { width, height } = self.size;
        let rate = &self.rate;
        format!(
            "[{at}:v:0]scale=trunc(iw*sar/2)*2:ih,setsar=1,\
             scale={width}:{height}:force_original_aspect_ratio=decrease:flags=lanczos,\
             pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:black,setsar=1,\
             fps={rate}:start_time=0,format=yuv420p,\
             tpad=stop_mode=clone:stop_duration={seconds:.6},trim=end_frame={frames}[v{at}]"
        )
    }

    /// One after the other.
    fn cut(&self) -> String {
        let heard = self.is_heard();
        let one = |at: usize| if heard { format!("[v{at}][a{at}]") } else { format!("[v{at}]") };
        let all: String = (0..self.clips.len()).map(one).collect();
        let (count, sounds) = (self.clips.len(), u8::from(heard));
        let out = if heard { "[v][heard]" } else { "[v]" };
        format!("{all}concat=n={count}:v=1:a={sounds}{out}")
    }

    /// One into the other.
    fn faded(&self) -> Vec<String> {
        let (fade, last) = (self.crossfade, self.clips.len() - 1);
        let mut all = Vec::new();
        let mut reached = self.lengths[0].1;
        let (mut seen, mut heard) = ("v0".to_owned(), "a0".to_owned());
        for at in 1..=last {
            let (next_seen, next_heard) = if at == last {
                ("v".to_owned(), "heard".to_owned())
            } else {
                (format!("x{at}"), format!("y{at}"))
            };
            let offset = reached - fade;
            all.push(format!(
                "[{seen}][v{at}]xfade=transition=fade:duration={fade:.6}:offset={offset:.6}[{next_seen}]"
            ));
            if self.is_heard() {
                all.push(format!("[{heard}][a{at}]acrossfade=d={fade:.6}[{next_heard}]"));
            }
            reached += self.lengths[at].1 - fade;
            (seen, heard) = (next_seen, next_heard);
        }
        all
    }
}

/// The sound of a clip, exactly so long; silence where it has none.
fn sound(at: usize, clip: &Clip, length: f64) -> String {
    if clip.has_sound() {
        format!(
            "[{at}:a:0]{PLAIN_SOUND},apad,atrim=duration={length:.6},asetpts=PTS-STARTPTS[a{at}]"
        )
    } else {
        format!("anullsrc=r=48000:cl=stereo,atrim=duration={length:.6},{PLAIN_SOUND}[a{at}]")
    }
}

/// The size in which a film is shown: even, and turned where a camera was held upright.
fn shown(clip: &Clip) -> Result<Pixels, Failed> {
    let size = clip.facts.pixels;
    let size = size.ok_or_else(|| Failed(format!("the size of {} cannot be read", clip.name())))?;
    let even = |side: u32| (side / 2 * 2).max(2);
    let (width, height) = (even(size.width), even(size.height));
    let is_turned = is_turned(&clip.file);
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    Ok(Pixels { width, height })
}

fn is_turned(file: &Path) -> bool {
    mp4::is_turned(file).unwrap_or(false)
}
