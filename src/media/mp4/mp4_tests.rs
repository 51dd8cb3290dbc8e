//! Tracks, written and read again.

use super::*;
use crate::domain::Pixels;

const SIZE: Pixels = Pixels { width: 320, height: 180 };

/// Silence as bare AAC: 24 kHz, one channel, so many frames.
fn adts(frames: usize) -> Vec<u8> {
    let frame = [0x01, 0x40, 0x22, 0x80, 0xa3, 0x7f];
    let length = u8::try_from(frame.len() + 7).unwrap();
    let header = [0xff, 0xf1, 0x58, 0x40, length >> 3, length << 5 | 0x1f, 0xfc];
    [&header[..], &frame[..]].concat().repeat(frames)
}

fn pictures(folder: &Path, frames: u32) -> Track {
    let mut track = FilmTrack::new(folder, SIZE, 24_000).unwrap();
    for index in 0..frames {
        let mut packet = Vec::new();
        if index == 0 {
            packet.extend(b"\0\0\0\x01\x67\x42\xc0\x1e\xd9\0\0\x01\x68\xcb\x83");
        }
        packet.extend(b"\0\0\x01\x65");
        packet.extend([u8::try_from(index).unwrap() | 0x80; 5]);
        track.push(&packet, index == 0).unwrap();
    }
    track.finish().unwrap()
}

fn samples(track: &mut Track) -> Vec<u8> {
    let mut all = Vec::new();
    for Chunk { source, at, length } in track.chunks.clone() {
        let source = &mut track.sources[source];
        source.seek(SeekFrom::Start(at)).unwrap();
        source.take(length).read_to_end(&mut all).unwrap();
    }
    all
}

#[test]
fn tracks_are_read_back_sample_for_sample_and_as_long_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
    let sound = Track::aac(folder.path(), &adts(50)[..], 1024, Some(2000)).unwrap().unwrap();
    assert_eq!(sound.length_ms(), 2000);
    write(&first, vec![pictures(folder.path(), 48), sound]).unwrap();

    let mut film = Track::pictures_of(&first).unwrap().unwrap();
    let mut sound = Track::sound_of(&first).unwrap().unwrap();
    assert_eq!((film.length_ms(), sound.length_ms()), (2000, 2000));
    let (seen, heard) = (samples(&mut film), samples(&mut sound));
    assert_eq!(seen, samples(&mut pictures(folder.path(), 48)));
    assert_eq!(heard.len(), 48 * 6);

    write(&second, vec![film, sound]).unwrap();
    assert_eq!(samples(&mut Track::pictures_of(&second).unwrap().unwrap()), seen);
    assert_eq!(samples(&mut Track::sound_of(&second).unwrap().unwrap()), heard);
    assert_eq!(std::fs::read(&first).unwrap().len(), std::fs::read(&second).unwrap().len());
}

#[test]
fn a_film_without_sound_has_none_and_what_is_no_film_has_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.mp4");
    write(&file, vec![pictures(folder.path(), 3)]).unwrap();
    assert!(Track::sound_of(&file).unwrap().is_none());
    std::fs::write(&file, b"RIFF and nothing else that is known").unwrap();
    assert!(Track::pictures_of(&file).unwrap().is_none());
    assert!(Track::aac(folder.path(), &b"no sound at all"[..], 0, None).unwrap().is_none());
}

#[test]
fn a_damaged_file_gives_a_track_inside_it_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.mp4");
    let sound = Track::aac(folder.path(), &adts(50)[..], 0, None).unwrap().unwrap();
    write(&file, vec![pictures(folder.path(), 30), sound]).unwrap();
    let whole = std::fs::read(&file).unwrap();
    let mut dice = 1_u32;
    for _ in 0..400 {
        let mut damaged = whole.clone();
        for _ in 0..3 {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (dice >> 8) as usize % damaged.len().min(1500);
            damaged[at] = dice.to_be_bytes()[0];
        }
        std::fs::write(&file, &damaged).unwrap();
        for track in [Track::sound_of(&file), Track::pictures_of(&file)] {
            let Some(track) = track.unwrap() else { continue };
            assert!(track.weight() <= damaged.len() as u64);
            assert!(
                track.chunks.iter().all(|chunk| chunk.at + chunk.length <= damaged.len() as u64)
            );
        }
    }
}
