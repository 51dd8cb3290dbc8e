//! What the tests share: a provider on loopback and a library in a throw-away folder.

pub(crate) mod binary;
pub(crate) mod book;
pub(crate) mod cents;
pub(crate) mod given;
pub(crate) mod screen;
pub(crate) mod server;
pub(crate) mod world;

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use rushes::catalog::Catalog;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Something that begins like an MP4 and is none: saved, and not readable here.
pub(crate) const RUBBISH: &[u8] =
    b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2 and then nothing that a parser likes";

/// The built-in models, read once: many tests need them, and reading takes a while in a build for tests.
pub(crate) fn builtin() -> Arc<Catalog> {
    static BUILTIN: LazyLock<Arc<Catalog>> =
        LazyLock::new(|| Arc::new(Catalog::builtin().expect("the built-in models are good")));
    Arc::clone(&BUILTIN)
}

/// 32 hex digits that end in this number, as `WaveSpeed` names predictions.
pub(crate) fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// The parameters of a small brief.
pub(crate) fn params(prompt: &str) -> serde_json::Map<String, Value> {
    let Value::Object(params) = json!({"prompt": prompt, "seed": 7}) else { unreachable!() };
    params
}

/// Writes silence of this length: a real WAV file, of which the disk holds the header alone.
pub(crate) fn sound(file: &std::path::Path, milliseconds: u64) {
    const BYTES_A_SECOND: u32 = 8_000;
    let data = u32::try_from(milliseconds * u64::from(BYTES_A_SECOND) / 1000).unwrap();
    let mut header = b"RIFF".to_vec();
    header.extend((36 + data).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend(BYTES_A_SECOND.to_le_bytes());
    header.extend(BYTES_A_SECOND.to_le_bytes());
    header.extend(b"\x01\0\x08\0data");
    header.extend(data.to_le_bytes());
    std::fs::write(file, header).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_len(44 + u64::from(data)).unwrap();
}

/// 64 lower-case hex digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
