//! How loud a WAV file is, moment by moment.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// No recording has more.
const MOST_MOMENTS: usize = 100_000;

/// How loud each moment is, from 0 to 1 (the loudest), of so many moments a second in thousandths. `None` where
/// it is no WAV file of plain samples.
pub fn wav(file: &Path, per_second_milli: u32) -> io::Result<Option<Vec<f32>>> {
    let mut file = BufReader::new(File::open(file)?);
    let Some((format, length)) = find_samples(&mut file)? else { return Ok(None) };
    let [codec, channels, bits] =
        [0, 2, 14].map(|at| u16::from_le_bytes([format[at], format[at + 1]]));
    let rate = u32::from_le_bytes([format[4], format[5], format[6], format[7]]);
    if !matches!(codec, 1 | 0xfffe) || !matches!(bits, 16 | 24 | 32) || channels == 0 || rate == 0 {
        return Ok(None);
    }
    let sample = usize::from(bits / 8);
    let frame = sample * usize::from(channels);
    let frames = |moment: usize| {
        usize::try_from(moment as u64 * 1000 * u64::from(rate) / u64::from(per_second_milli.max(1)))
            .unwrap_or(usize::MAX)
    };
    let mut samples = file.take(length);
    let (mut loudness, mut buffer) = (Vec::new(), Vec::new());
    for moment in 0..MOST_MOMENTS {
        let wanted = (frames(moment + 1) - frames(moment)).clamp(1, 1 << 20) * frame;
        buffer.clear();
        (&mut samples).take(wanted as u64).read_to_end(&mut buffer)?;
        if buffer.is_empty() {
            break;
        }
        // The two upper bytes of each sample say enough.
        let squares = buffer.chunks_exact(sample).map(|bytes| {
            let value = f32::from(i16::from_le_bytes([bytes[sample - 2], bytes[sample - 1]]));
            value * value
        });
        let count = u16::try_from((buffer.len() / sample).clamp(1, 65_535)).unwrap_or(u16::MAX);
        loudness.push((squares.sum::<f32>() / f32::from(count)).sqrt());
    }
    let most = loudness.iter().copied().fold(1.0, f32::max);
    for moment in &mut loudness {
        *moment /= most;
    }
    Ok(Some(loudness))
}

/// The format's first 16 bytes, and how many bytes of samples follow from here.
fn find_samples(file: &mut (impl Read + Seek)) -> io::Result<Option<([u8; 16], u64)>> {
    let end = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut start = Vec::new();
    Read::by_ref(file).take(12).read_to_end(&mut start)?;
    if start.get(..4) != Some(b"RIFF") || start.get(8..) != Some(b"WAVE") {
        return Ok(None);
    }
    let (mut at, mut format) = (12, None);
    while at + 8 <= end {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 8];
        file.read_exact(&mut header)?;
        let size = u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
        match &header[..4] {
            b"fmt " if end - at >= 24 => {
                let mut fields = [0; 16];
                file.read_exact(&mut fields)?;
                format = Some(fields);
            }
            b"data" => return Ok(format.map(|format| (format, size.min(end - at - 8)))),
            _ => {}
        }
        at += 8 + size + size % 2;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loud_is_found_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        file.extend(8000_u32.to_le_bytes());
        file.extend(16_000_u32.to_le_bytes());
        file.extend(b"\x02\0\x10\0data");
        file.extend(16_000_u32.to_le_bytes());
        for index in 0..8000 {
            let value: i16 = if index < 4000 { 0 } else { 8000 };
            file.extend(value.to_le_bytes());
        }
        std::fs::write(&path, &file).unwrap();
        let loudness = wav(&path, 10_000).unwrap().unwrap();
        assert_eq!(loudness.len(), 10);
        assert!(loudness[..5].iter().all(|moment| *moment == 0.0));
        assert!(loudness[5..].iter().all(|moment| (*moment - 1.0).abs() < 0.01));
        std::fs::write(&path, b"RIFF\0\0\0\0WAVE and no more").unwrap();
        assert_eq!(wav(&path, 10_000).unwrap(), None);
    }
}
