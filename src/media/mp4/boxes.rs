//! The boxes an MP4 file is made of: read without believing a length, and written.

/// One box inside bytes that are at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inner<'a> {
    pub(super) kind: [u8; 4],
    /// With its header.
    pub(super) whole: &'a [u8],
    pub(super) payload: &'a [u8],
}

/// The boxes that follow each other in these bytes, up to the first that cannot be.
pub(super) fn inner(mut bytes: &[u8]) -> impl Iterator<Item = Inner<'_>> {
    std::iter::from_fn(move || {
        let size = usize::try_from(number(bytes, 0, 4)?).ok()?;
        let kind = *bytes.get(4..)?.first_chunk()?;
        let (header, size) = match size {
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(number(bytes, 8, 8)?).ok()?),
            size => (8, size),
        };
        let payload = bytes.get(header..size)?;
        let (whole, rest) = bytes.split_at(size);
        bytes = rest;
        Some(Inner { kind, whole, payload })
    })
}

/// The payload of the first box of this kind.
pub(super) fn child(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    inner(bytes).find(|found| found.kind == kind).map(|found| found.payload)
}

/// A number, big end first.
pub(super) fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A box with this inside.
pub(super) fn boxed(kind: [u8; 4], payload: &[&[u8]]) -> Vec<u8> {
    let length = payload.iter().map(|part| part.len()).sum::<usize>() + 8;
    let mut whole = Vec::with_capacity(length);
    whole.extend(four(length as u64));
    whole.extend(kind);
    for part in payload {
        whole.extend_from_slice(part);
    }
    whole
}

/// The same with a version and flags before it.
pub(super) fn full(kind: [u8; 4], version_and_flags: u32, payload: &[&[u8]]) -> Vec<u8> {
    let flags = version_and_flags.to_be_bytes();
    let parts: Vec<&[u8]> = std::iter::once(&flags[..]).chain(payload.iter().copied()).collect();
    boxed(kind, &parts)
}

/// Four bytes, big end first; the largest number there is where it does not fit.
pub(super) fn four(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

/// A table: how many, then each.
pub(super) fn table(numbers: impl ExactSizeIterator<Item = u64>) -> Vec<u8> {
    let mut bytes = four(numbers.len() as u64).to_vec();
    bytes.extend(numbers.flat_map(four));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_read_as_they_were_written_and_a_wrong_length_ends_them() {
        let mut bytes = boxed(*b"free", &[b"abc"]);
        bytes.extend(full(*b"stco", 1, &[b"xyz"]));
        let found: Vec<_> = inner(&bytes).map(|found| (found.kind, found.payload)).collect();
        assert_eq!(found, [(*b"free", &b"abc"[..]), (*b"stco", &b"\0\0\0\x01xyz"[..])]);
        for length in [1, 7, 200, u32::MAX] {
            let mut wrong = bytes.clone();
            wrong[..4].copy_from_slice(&length.to_be_bytes());
            assert_eq!(inner(&wrong).count(), 0, "{length}");
        }
    }
}
