//! Films joined sample for sample, and whatever is no film told apart without a panic.

use std::io::{Read as _, Seek, SeekFrom};

use super::super::FilmTrack;
use super::*;
use crate::domain::Pixels;

fn pictures(folder: &Path, size: Pixels, fps_milli: u32, seed: u8) -> Track {
    let mut track = FilmTrack::new(folder, size, fps_milli).unwrap();
    for index in 0..24 {
        let mut packet = Vec::new();
        if index == 0 {
            packet.extend(b"\0\0\0\x01\x67\x42\xc0\x1e\xd9\0\0\x01\x68\xcb\x83");
        }
        packet.extend(b"\0\0\x01\x65");
        packet.extend([seed | 0x80 | index; 7]);
        track.push(&packet, index % 12 == 0).unwrap();
    }
    track.finish().unwrap()
}

fn silence(folder: &Path) -> Track {
    let frame = b"\xff\xf1\x58\x40\x01\xbf\xfc\x01\x40\x22\x80\xa3\x7f";
    Track::aac(folder, &frame.repeat(40)[..], 1024, Some(1000)).unwrap().unwrap()
}

const SIZE: Pixels = Pixels { width: 64, height: 64 };

fn samples(mut track: Track) -> Vec<u8> {
    let mut all = Vec::new();
    for chunk in track.chunks {
        let source = &mut track.sources[chunk.source];
        source.seek(SeekFrom::Start(chunk.at)).unwrap();
        source.take(chunk.length).read_to_end(&mut all).unwrap();
    }
    all
}

type Of = fn(&Path) -> io::Result<Option<Track>>;

#[test]
fn films_that_agree_keep_every_sample_and_are_as_long_as_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let named = |name: &str| folder.join(name);
    for (name, seed) in [("a.mp4", 0), ("b.mp4", 0x40)] {
        write(&named(name), vec![pictures(folder, SIZE, 24_000, seed), silence(folder)]).unwrap();
    }
    let files = [named("a.mp4"), named("b.mp4"), named("a.mp4")];
    assert_eq!(join(&files, &named("c.mp4")).unwrap(), Joined::Whole);
    for (of, length) in [(Track::pictures_of as Of, 3000), (Track::sound_of as Of, 3000)] {
        let joined = of(&named("c.mp4")).unwrap().unwrap();
        assert_eq!(joined.length_ms(), length);
        let parts = files.iter().map(|file| samples(of(file).unwrap().unwrap()));
        assert_eq!(samples(joined), parts.collect::<Vec<_>>().concat());
    }
    // What was joined is joined again.
    let twice = [named("a.mp4"), named("a.mp4")];
    assert_eq!(join(&twice, &named("d.mp4")).unwrap(), Joined::Whole);
}

#[test]
fn films_that_differ_say_in_what() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let named = |name: &str| folder.join(name);
    let plain = || pictures(folder, SIZE, 24_000, 0);
    write(&named("a.mp4"), vec![plain(), silence(folder)]).unwrap();
    let check = |tracks: Vec<Track>, expected: &str| {
        write(&named("b.mp4"), tracks).unwrap();
        let found = join(&[named("a.mp4"), named("b.mp4")], &named("c.mp4")).unwrap();
        assert_eq!(found, Joined::Differ(vec![format!("clip 2: {expected}")]));
        assert!(!named("c.mp4").exists());
    };
    check(vec![plain()], "no sound, the first has some");
    let large = Pixels { width: 128, height: 64 };
    check(
        vec![pictures(folder, large, 24_000, 0), silence(folder)],
        "128x64 pixels, the first has 64x64",
    );
    check(
        vec![pictures(folder, SIZE, 30_000, 0), silence(folder)],
        "30.00 frames a second, the first has 24.00",
    );
    check(vec![silence(folder)], "it has no pictures");
}

#[test]
fn no_damaged_index_makes_it_panic_or_grow() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (good, bad, to) = (folder.join("a.mp4"), folder.join("b.mp4"), folder.join("c.mp4"));
    write(&good, vec![pictures(folder, SIZE, 24_000, 0), silence(folder)]).unwrap();
    let whole = std::fs::read(&good).unwrap();
    let index = whole.windows(4).position(|four| four == b"mdat").unwrap();
    for at in (0..index).step_by(3) {
        for value in [0, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            std::fs::write(&bad, &bytes).unwrap();
            if let Ok(Joined::Whole) = join(&[good.clone(), bad.clone()], &to) {
                assert!(to.metadata().unwrap().len() < 4 * whole.len() as u64);
            }
        }
    }
    for end in [0, 7, 40, index] {
        std::fs::write(&bad, &whole[..end]).unwrap();
        let found = join(&[good.clone(), bad.clone()], &to).unwrap();
        assert!(matches!(found, Joined::Differ(_)), "{end}");
    }
}
