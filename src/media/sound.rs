//! The length of a recording. A WAV file's by its own chunks, since recorders that were cut off leave a header
//! that only the file's size corrects.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use lofty::config::ParseOptions;
use lofty::file::{AudioFile, FileType, TaggedFileExt};
use lofty::probe::Probe;

use super::probe::Unreadable;
use crate::domain::MediaFacts;

/// What the headers of an MP3, FLAC or Ogg file say. Its tags are not read.
pub(crate) fn facts_of(file: &Path, extension: &str) -> Result<MediaFacts, Unreadable> {
    let broken =
        |error: &dyn std::fmt::Display| Unreadable(format!("not a readable recording: {error}"));
    let options = ParseOptions::new().read_tags(false).read_cover_art(false);
    let probe = Probe::open(file).map_err(|error| broken(&error))?;
    let probe = probe.options(options).guess_file_type().map_err(|error| broken(&error))?;
    let read = probe.read().map_err(|error| broken(&error))?;
    let codec = match read.file_type() {
        FileType::Vorbis => "vorbis",
        FileType::Opus => "opus",
        FileType::Speex => "speex",
        _ => extension,
    };
    let length = read.properties().duration();
    if length == Duration::ZERO {
        return Err(Unreadable("the recording has no length".to_owned()));
    }
    Ok(MediaFacts {
        codec: Some(codec.to_owned()),
        duration_ms: u64::try_from(length.as_millis()).ok(),
        has_audio: Some(true),
        ..MediaFacts::default()
    })
}

/// What a WAV file's `fmt ` and `data` chunks say; `None` where they say nothing sensible.
pub fn wav_facts(mut file: impl Read + Seek) -> io::Result<Option<MediaFacts>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 12;
    let mut format = None;
    while at + 8 <= end {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let size = u64::from(little(&header[4..8]));
        match &header[..4] {
            b"fmt " => {
                let mut fields = [0; 16];
                file.read_exact(&mut fields)?;
                format = Some((little(&fields[..2]), little(&fields[8..12])));
            }
            b"data" => {
                // A recorder that was cut off leaves a length of 0 or 2^32 - 1: believe the file.
                let bytes = size.min(end - at - 8);
                return Ok(format.and_then(|(codec, rate)| facts(codec, rate, bytes)));
            }
            _ => {}
        }
        at += 8 + size + size % 2;
    }
    Ok(None)
}

fn facts(codec: u32, bytes_per_second: u32, bytes: u64) -> Option<MediaFacts> {
    let duration_ms = (bytes * 1000).checked_div(u64::from(bytes_per_second))?;
    let codec = match codec {
        1 | 3 | 0xfffe => "pcm",
        6 | 7 => "g711",
        _ => "wav",
    };
    Some(MediaFacts {
        codec: Some(codec.to_owned()),
        duration_ms: Some(duration_ms),
        has_audio: Some(true),
        ..MediaFacts::default()
    })
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn wav(rate: u32, data: usize) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0\x01\0\x01\0".to_vec();
        file.extend(rate.to_le_bytes());
        file.extend((rate * 2).to_le_bytes());
        file.extend(b"\x02\0\x10\0data");
        file.extend(u32::try_from(data).unwrap().to_le_bytes());
        file.resize(file.len() + data, 0);
        file
    }

    #[test]
    fn a_wav_file_is_as_long_as_its_samples() {
        let facts = wav_facts(Cursor::new(wav(8000, 24_000))).unwrap().unwrap();
        assert_eq!(facts.duration_ms, Some(1500));
        assert_eq!(facts.codec.as_deref(), Some("pcm"));
    }

    #[test]
    fn a_rate_of_nothing_has_no_length() {
        assert_eq!(wav_facts(Cursor::new(wav(0, 100))).unwrap(), None);
    }
}
