//! Painting into a frame: everything below a line, polygons, and masks.
//!
//! Rows are filled as slices wherever a shape allows it, so that a film takes seconds even in a build that
//! is not optimised.

use super::palette::Ink;
use crate::domain::Pixels;
use crate::media::encode::Frame;

/// A point in pixels; the middle of the first pixel is (0.5, 0.5).
pub(super) type Point = (f32, f32);

/// A frame being painted.
pub(super) struct Canvas {
    frame: Frame,
    /// For each row, the columns where a line crosses it. Kept between calls for its memory.
    crossings: Vec<Vec<usize>>,
    coverage: Vec<f32>,
}

/// One of a frame's three planes.
struct Plane<'a> {
    bytes: &'a mut [u8],
    width: usize,
    height: usize,
}

impl Canvas {
    pub(super) fn new(frame: Frame) -> Self {
        Self { frame, crossings: Vec::new(), coverage: Vec::new() }
    }

    pub(super) fn frame(&self) -> &Frame {
        &self.frame
    }

    pub(super) fn frame_mut(&mut self) -> &mut Frame {
        &mut self.frame
    }

    pub(super) fn width(&self) -> usize {
        self.frame.size().width as usize
    }

    pub(super) fn height(&self) -> usize {
        self.frame.size().height as usize
    }

    /// Puts another frame of the same size in place.
    pub(super) fn copy_from(&mut self, other: &Frame) {
        self.frame.luma.copy_from_slice(&other.luma);
        self.frame.blue.copy_from_slice(&other.blue);
        self.frame.red.copy_from_slice(&other.red);
    }

    /// Fills everything below a line: `top` has the line's row for each column, `inks` a colour for each
    /// row.
    pub(super) fn fill_below(&mut self, top: &[f32], inks: &[Ink]) {
        let (width, height) = (self.width(), self.height());
        let luma = &mut self.frame.luma;
        for (x, &edge) in top.iter().enumerate() {
            let row = whole(edge.max(0.0));
            if row < height {
                let share = 1.0 - (edge - whole_f32(row)).clamp(0.0, 1.0);
                blend(&mut luma[row * width + x], inks[row].luma, share);
            }
        }
        spans_below(top, width, height, &mut self.crossings, |row, start, end| {
            luma[row * width + start..row * width + end].fill(inks[row].luma);
        });
        let halved: Vec<f32> = top.iter().step_by(2).map(|edge| edge / 2.0).collect();
        let (half, rows) = (width / 2, height / 2);
        let (blue, red) = (&mut self.frame.blue, &mut self.frame.red);
        spans_below(&halved, half, rows, &mut self.crossings, |row, start, end| {
            let ink = inks[row * 2];
            blue[row * half + start..row * half + end].fill(ink.blue);
            red[row * half + start..row * half + end].fill(ink.red);
        });
    }

    /// Fills a polygon, its edges smooth.
    pub(super) fn fill_polygon(&mut self, points: &[Point], ink: Ink, opacity: f32) {
        let halved: Vec<Point> = points.iter().map(|(x, y)| (x / 2.0, y / 2.0)).collect();
        let [mut luma, mut blue, mut red] = planes(&mut self.frame);
        fill(&mut luma, points, ink.luma, opacity, &mut self.coverage);
        fill(&mut blue, &halved, ink.blue, opacity, &mut self.coverage);
        fill(&mut red, &halved, ink.red, opacity, &mut self.coverage);
    }

    /// A line with round enough joints.
    pub(super) fn stroke(&mut self, points: &[Point], thickness: f32, ink: Ink, opacity: f32) {
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let length = (x1 - x0).hypot(y1 - y0).max(0.001);
            let (dx, dy) =
                ((y1 - y0) / length * thickness / 2.0, (x1 - x0) / length * thickness / 2.0);
            let quad =
                [(x0 + dx, y0 - dy), (x1 + dx, y1 - dy), (x1 - dx, y1 + dy), (x0 - dx, y0 + dy)];
            self.fill_polygon(&quad, ink, opacity);
        }
    }

    /// Paints through a mask whose corner is at this place, which may be outside.
    pub(super) fn stamp(&mut self, mask: &Mask, at: (isize, isize), ink: Ink, opacity: f32) {
        for (y, row) in mask.alpha.chunks(mask.width).enumerate() {
            for (x, &alpha) in row.iter().enumerate() {
                if alpha == 0 {
                    continue;
                }
                let Some((x, y)) =
                    self.inside(at.0.saturating_add_unsigned(x), at.1.saturating_add_unsigned(y))
                else {
                    continue;
                };
                self.blend_pixel(x, y, ink, f32::from(alpha) / 255.0 * opacity);
            }
        }
    }

    /// Darkens a rectangle by tables of what each brightness and each colour difference becomes.
    pub(super) fn darken(&mut self, from: (usize, usize), to: (usize, usize), shade: &Shade) {
        for (index, plane) in planes(&mut self.frame).into_iter().enumerate() {
            let (table, half) = if index == 0 { (&shade.luma, 1) } else { (&shade.colour, 2) };
            let (left, right) = (from.0 / half, (to.0 / half).min(plane.width));
            for y in from.1 / half..(to.1 / half).min(plane.height) {
                for byte in &mut plane.bytes[y * plane.width + left..y * plane.width + right] {
                    *byte = table[usize::from(*byte)];
                }
            }
        }
    }

    fn inside(&self, x: isize, y: isize) -> Option<(usize, usize)> {
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < self.width() && y < self.height()).then_some((x, y))
    }

    fn blend_pixel(&mut self, x: usize, y: usize, ink: Ink, share: f32) {
        let width = self.width();
        blend(&mut self.frame.luma[y * width + x], ink.luma, share);
        if x.is_multiple_of(2) && y.is_multiple_of(2) {
            let at = y / 2 * (width / 2) + x / 2;
            blend(&mut self.frame.blue[at], ink.blue, share);
            blend(&mut self.frame.red[at], ink.red, share);
        }
    }
}

/// A translucent black.
pub(super) struct Shade {
    luma: [u8; 256],
    colour: [u8; 256],
}

impl Shade {
    /// Lets this share of the light through.
    pub(super) fn letting_through(share: f32) -> Self {
        let table = |zero: f32| {
            let mut table = [0; 256];
            for (value, darker) in table.iter_mut().enumerate() {
                *darker = byte(zero + (whole_f32(value) - zero) * share);
            }
            table
        };
        Self { luma: table(16.0), colour: table(128.0) }
    }
}

/// How much of each pixel of a rectangle is covered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mask {
    pub(super) width: usize,
    pub(super) alpha: Vec<u8>,
}

impl Mask {
    pub(super) fn empty(width: usize, height: usize) -> Self {
        Self { width, alpha: vec![0; width * height] }
    }

    /// Adds to the cover of a pixel, where there is one.
    pub(super) fn cover(&mut self, x: usize, y: usize, share: f32) {
        if let Some(alpha) = self.alpha.get_mut(y * self.width + x).filter(|_| x < self.width) {
            *alpha = alpha.saturating_add(byte(share * 255.0));
        }
    }
}

fn planes(frame: &mut Frame) -> [Plane<'_>; 3] {
    let Pixels { width, height } = frame.size();
    let (width, height) = (width as usize, height as usize);
    let half = |bytes| Plane { bytes, width: width / 2, height: height / 2 };
    [Plane { bytes: &mut frame.luma, width, height }, half(&mut frame.blue), half(&mut frame.red)]
}

/// Calls `each` with every run of columns that lies below the line, row by row.
fn spans_below(
    top: &[f32],
    width: usize,
    height: usize,
    crossings: &mut Vec<Vec<usize>>,
    mut each: impl FnMut(usize, usize, usize),
) {
    crossings.resize_with(crossings.len().max(height), Vec::new);
    crossings.iter_mut().for_each(Vec::clear);
    // The first row that is wholly below the line.
    let below = |edge: f32| whole(edge.max(0.0).ceil()).min(height);
    let first = below(top[0]);
    let mut last = first;
    for (x, &edge) in top.iter().enumerate().skip(1) {
        let row = below(edge);
        for crossed in &mut crossings[row.min(last)..row.max(last)] {
            crossed.push(x);
        }
        last = row;
    }
    for (row, crossed) in crossings.iter().take(height).enumerate() {
        let mut start = (first <= row).then_some(0);
        for &x in crossed {
            match start.take() {
                Some(from) => each(row, from, x),
                None => start = Some(x),
            }
        }
        if let Some(from) = start {
            each(row, from, width);
        }
    }
}

/// Four lines through each row of pixels, exact across.
fn fill(plane: &mut Plane<'_>, points: &[Point], value: u8, opacity: f32, coverage: &mut Vec<f32>) {
    const LINES: usize = 4;
    let top = points.iter().map(|point| point.1).fold(f32::MAX, f32::min).max(0.0);
    let bottom = points.iter().map(|point| point.1).fold(0.0, f32::max);
    let right_edge = whole_f32(plane.width);
    for row in whole(top)..whole(bottom.ceil()).min(plane.height) {
        coverage.clear();
        coverage.resize(plane.width + 1, 0.0);
        let (mut from, mut to) = (plane.width, 0);
        for line in 0..LINES {
            let y = whole_f32(row) + (whole_f32(line) + 0.5) / whole_f32(LINES);
            let mut cuts = cuts(points, y);
            cuts.sort_by(f32::total_cmp);
            for pair in cuts.chunks_exact(2) {
                let (left, right) =
                    (pair[0].clamp(0.0, right_edge), pair[1].clamp(0.0, right_edge));
                let (first, last) = (whole(left), whole(right.ceil()));
                (from, to) = (from.min(first), to.max(last));
                for (x, cover) in coverage.iter_mut().enumerate().take(last).skip(first) {
                    let pixel = whole_f32(x);
                    *cover += (right.min(pixel + 1.0) - left.max(pixel)).max(0.0);
                }
            }
        }
        let covered = coverage.iter().enumerate().take(to.min(plane.width)).skip(from);
        for (x, share) in covered {
            let byte = &mut plane.bytes[row * plane.width + x];
            blend(byte, value, share / whole_f32(LINES) * opacity);
        }
    }
}

/// Where a polygon's edges cross a level.
fn cuts(points: &[Point], y: f32) -> Vec<f32> {
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .filter(|((_, y0), (_, y1))| (*y0 <= y) != (*y1 <= y))
        .map(|((x0, y0), (x1, y1))| x0 + (y - y0) / (y1 - y0) * (x1 - x0))
        .collect()
}

fn blend(byte_there: &mut u8, value: u8, share: f32) {
    let there = f32::from(*byte_there);
    *byte_there = byte(there + (f32::from(value) - there) * share.clamp(0.0, 1.0));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

/// The whole part of a figure that is not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub(super) fn whole(value: f32) -> usize {
    value as usize
}

#[expect(clippy::cast_precision_loss, reason = "no picture is 16 million pixels across")]
pub(super) fn whole_f32(value: usize) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas() -> Canvas {
        Canvas::new(Frame::black(Pixels { width: 32, height: 16 }).unwrap())
    }

    const WHITE: Ink = Ink { luma: 235, blue: 128, red: 128 };

    fn bright(canvas: &Canvas) -> usize {
        canvas.frame.luma.iter().map(|byte| usize::from(byte - 16)).sum::<usize>() / 219
    }

    #[test]
    fn everything_below_a_line_is_filled_and_nothing_else() {
        let mut canvas = canvas();
        let top: Vec<f32> =
            (0..32).map(|x| if (8..24).contains(&x) { 4.0 } else { 99.0 }).collect();
        canvas.fill_below(&top, &[WHITE; 16]);
        assert_eq!(bright(&canvas), 16 * 12);
        assert_eq!(canvas.frame.luma[3 * 32 + 10], 16);
        assert_eq!(canvas.frame.luma[4 * 32 + 8], 235);
        assert_eq!(canvas.frame.luma[4 * 32 + 7], 16);
    }

    #[test]
    fn a_line_above_the_frame_fills_it_all() {
        let mut canvas = canvas();
        canvas.fill_below(&[-5.0; 32], &[WHITE; 16]);
        assert_eq!(bright(&canvas), 32 * 16);
    }

    #[test]
    fn a_polygon_covers_its_own_area_wherever_it_lies() {
        let mut inside = canvas();
        inside.fill_polygon(&[(2.5, 2.0), (12.5, 2.0), (12.5, 10.0), (2.5, 10.0)], WHITE, 1.0);
        assert!((79..=81).contains(&bright(&inside)), "{}", bright(&inside));
        let mut outside = canvas();
        outside.fill_polygon(&[(-50.0, -50.0), (-10.0, -50.0), (90.0, 90.0)], WHITE, 0.5);
        outside.stamp(&Mask { width: 2, alpha: vec![255; 4] }, (31, -1), WHITE, 1.0);
        assert_eq!(outside.frame.luma[31], 235);
    }
}
