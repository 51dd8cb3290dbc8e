//! The syntax of alternatives, and rows from axes.

use proptest::prelude::*;

use super::*;

fn texts(text: &str) -> Vec<String> {
    Pattern::read(text).variants().into_iter().map(|variant| variant.text).collect()
}

#[test]
fn alternatives_are_read_as_they_stand() {
    let check = |text: &str, expected: &[&str]| assert_eq!(texts(text), expected, "{text:?}");
    check("a kite", &["a kite"]);
    check("", &[""]);
    check("a {red|blue} kite", &["a red kite", "a blue kite"]);
    check("{a|b} {1|2}", &["a 1", "a 2", "b 1", "b 2"]);
    check("{a|b {x|y}}!", &["a!", "b x!", "b y!"]);
    check("a{ big|} kite", &["a big kite", "a kite"]);
    check("{|}", &["", ""]);
    check("{a|b|c}{d|e}", &["ad", "ae", "bd", "be", "cd", "ce"]);
    check("{ä|日本}", &["ä", "日本"]);
}

#[test]
fn what_is_no_group_is_letters() {
    let check = |text: &str, expected: &[&str]| assert_eq!(texts(text), expected, "{text:?}");
    check("{x}", &["{x}"]);
    check("a | b", &["a | b"]);
    check("{a|b", &["{a|b"]);
    check("a|b}", &["a|b}"]);
    check("}{", &["}{"]);
    check("{x {a|b}}", &["{x a}", "{x b}"]);
    check("{{x}|b}", &["{x}", "b"]);
    check("a { b {c|d}", &["a { b c", "a { b d"]);
    check("{a|{b}", &["{a|{b}"]);
    check("{a|b}} {", &["a} {", "b} {"]);
    check("{\"a\": [1, {}]}", &["{\"a\": [1, {}]}"]);
}

#[test]
fn a_backslash_takes_a_sign_for_a_letter() {
    let check = |text: &str, expected: &[&str]| assert_eq!(texts(text), expected, "{text:?}");
    check(r"\{a|b\}", &["{a|b}"]);
    check(r"{a\|b|c}", &["a|b", "c"]);
    check(r"{a\}|c}", &["a}", "c"]);
    check(r"{a\\|c}", &[r"a\", "c"]);
    check(r"C:\new\", &[r"C:\new\"]);
    check(r"\\{a|b}", &[r"\a", r"\b"]);
}

#[test]
fn only_what_would_be_read_otherwise_is_escaped() {
    let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected);
    check("a {x} | b", "a {x} | b");
    check(r"C:\new", r"C:\new");
    check("{a|b}", r"\{a\|b\}");
    check(r"\\", r"\\\\");
}

#[test]
fn what_nobody_writes_is_counted_without_making_it() {
    let many = "{a|b}".repeat(200);
    assert_eq!(Pattern::read(&many).count(), u64::MAX);
    let axis = Axis::read("prompt", &[Pattern::read(&"{a|b}".repeat(20))]);
    assert_eq!(axis, Err(TooManyRows { rows: 1 << 20 }));
    let deep = "{a|".repeat(100_000) + &"}".repeat(100_000);
    let pattern = Pattern::read(&deep);
    assert!(pattern.count() > 1);
    let words = TooManyRows { rows: 1_024 }.to_string();
    assert_eq!(words, "that would be 1024 takes; one order has at most 1000");
    assert!(TooManyRows { rows: u64::MAX }.to_string().contains("more than"));
}

#[test]
fn a_row_says_what_tells_it_from_the_others() {
    let prompt = Axis::read("prompt", &[Pattern::read("at {golden hour|storm light|}")]).unwrap();
    let model = Axis::plain("model", ["wan"]);
    let duration = Axis::plain("duration", ["5", "10"]);
    let axes = [model, prompt, duration];
    let rows = rows(&axes, 1).unwrap();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0].words(&axes), "prompt: golden hour · duration: 5");
    assert_eq!(rows[3].words(&axes), "prompt: storm light · duration: 10");
    assert_eq!(rows[4].words(&axes), "prompt: (nothing) · duration: 5");
    assert_eq!((rows[3].at(0), rows[3].at(1), rows[3].at(2)), (0, 1, 1));
}

#[test]
fn takes_count_as_rows_of_an_order() {
    let axes = [Axis::plain("seed", (0..100).map(|seed| seed.to_string()))];
    assert_eq!(rows(&axes, 10).map(|rows| rows.len()), Ok(100));
    assert_eq!(rows(&axes, 11), Err(TooManyRows { rows: 1_100 }));
    assert_eq!(rows(&[], 1).map(|rows| rows.len()), Ok(1), "nothing that differs is one row");
}

#[test]
fn no_two_takes_have_the_same_seed() {
    let all = |given: &[i64]| -> Vec<i64> {
        (0..3).flat_map(|take| (0..given.len()).map(move |at| seed(given, at, take))).collect()
    };
    assert_eq!(all(&[7]), [7, 8, 9]);
    assert_eq!(all(&[1, 2]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(all(&[9, 4]), [9, 4, 10, 11, 12, 13]);
}

/// Anything that a person or a generator of hard cases may type.
fn anything() -> impl Strategy<Value = String> {
    let letters = prop_oneof![4 => proptest::char::any(), 6 => "[{}|\\\\a ]".prop_map(|text| {
        text.chars().next().unwrap_or('a')
    })];
    proptest::collection::vec(letters, 0..24).prop_map(|letters| letters.into_iter().collect())
}

/// A pattern with just so many variants, as it is written.
fn group() -> impl Strategy<Value = (String, u64)> {
    let leaf = "[a-z ]{0,4}".prop_map(|text| (text, 1));
    leaf.prop_recursive(3, 12, 3, |inner| {
        let alternatives = proptest::collection::vec(inner.clone(), 2..4).prop_map(|of| {
            let texts: Vec<_> = of.iter().map(|(text, _)| text.as_str()).collect();
            (format!("{{{}}}", texts.join("|")), of.iter().map(|(_, count)| count).sum())
        });
        let both =
            (inner.clone(), inner).prop_map(|((a, some), (b, others))| (a + &b, some * others));
        prop_oneof![alternatives, both]
    })
}

proptest! {
    #[test]
    fn what_is_escaped_is_read_as_it_was(text in anything()) {
        let read = Pattern::read(&escaped(&text));
        prop_assert_eq!(read.count(), 1);
        prop_assert_eq!(texts(&escaped(&text)), [text]);
    }

    #[test]
    fn every_text_is_read_and_counted_right(text in anything()) {
        let read = Pattern::read(&text);
        if read.count() < 10_000 {
            let variants = read.variants();
            prop_assert_eq!(read.count(), variants.len() as u64);
            prop_assert_eq!(&read.first(), &variants[0].text);
            let longest = variants.iter().map(|variant| variant.text.chars().count()).max();
            prop_assert_eq!(Some(read.longest()), longest);
        }
    }

    #[test]
    fn the_count_is_the_sum_of_alternatives_and_the_product_of_groups((text, count) in group()) {
        prop_assert_eq!(Pattern::read(&text).count(), count);
    }

    #[test]
    fn a_text_without_a_sign_has_no_variant_but_itself(text in "[^{}|\\\\]{0,40}") {
        prop_assert_eq!(texts(&text), [text]);
    }

    #[test]
    fn rows_are_the_product_of_their_axes(counts in proptest::collection::vec(1_usize..5, 0..4)) {
        let axis = |count: &usize| Axis::plain("x", (0..*count).map(|at| at.to_string()));
        let axes: Vec<_> = counts.iter().map(axis).collect();
        let found = rows(&axes, 1).expect("few");
        prop_assert_eq!(found.len(), counts.iter().product::<usize>());
        let mut each: Vec<_> = found.iter().map(|row| row.0.clone()).collect();
        each.dedup();
        prop_assert_eq!(each.len(), found.len());
    }
}
