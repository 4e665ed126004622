//! The picture of a plan: nothing covers anything else, nothing is cut off.

use defer::prelude::*;
use defer::{Boxed, Deferred, Failure, Plan, fail};
use proptest::prelude::*;

/// A deferred of any shape.
#[derive(Clone, Debug)]
enum Shape {
    Value,
    Waiting,
    Call(Vec<Shape>),
    #[allow(clippy::enum_variant_names)]
    Rescued(Box<Shape>, Box<Shape>),
}

#[callback]
fn a_function_with_a_name_that_is_rather_long_for_a_card(all: Vec<u64>) -> Result<u64, Failure> {
    Ok(all.iter().sum())
}

#[errback]
fn rescue(failure: Failure, fallback: u64) -> Result<u64, Failure> {
    let _ = failure;
    Ok(fallback)
}

fn build(shape: &Shape) -> Deferred<Result<u64, Failure>, Boxed<'static, Result<u64, Failure>>> {
    match shape {
        Shape::Value => fail::<u64, _>(Failure::msg("no")).boxed(),
        Shape::Waiting => defer(async { Ok(1) }).boxed(),
        Shape::Call(inside) => a_function_with_a_name_that_is_rather_long_for_a_card(
            inside.iter().map(build).collect::<Vec<_>>(),
        )
        .boxed(),
        Shape::Rescued(one, other) => rescue(build(one), build(other)).boxed(),
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![Just(Shape::Value), Just(Shape::Waiting)];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Shape::Call),
            (inner.clone(), inner)
                .prop_map(|(one, other)| Shape::Rescued(Box::new(one), Box::new(other))),
        ]
    })
}

/// Left, top, right, bottom.
type Area = [f64; 4];

fn number(tag: &str, name: &str) -> f64 {
    let from = tag.find(&format!(" {name}=\"")).expect(name) + name.len() + 3;
    let rest = &tag[from..];
    rest[..rest.find('"').unwrap()].parse().unwrap()
}

/// The cards, the texts, and the whole.
fn areas(svg: &str) -> (Vec<Area>, Vec<Area>, Area) {
    let tags = || svg.split('<');
    let cards = tags()
        .filter(|tag| tag.starts_with("rect ") && tag.contains(" rx="))
        .map(|tag| {
            let (x, y) = (number(tag, "x"), number(tag, "y"));
            [x, y, x + number(tag, "width"), y + number(tag, "height")]
        });
    let texts = tags().filter(|tag| tag.starts_with("text ")).map(|tag| {
        let (x, y) = (number(tag, "x"), number(tag, "y"));
        let size = number(tag, "font-size");
        [x, y - size, x + number(tag, "textLength"), y + size / 3.0]
    });
    let svg_tag = tags().find(|tag| tag.starts_with("svg ")).unwrap();
    let whole = [
        0.0,
        0.0,
        number(svg_tag, "width"),
        number(svg_tag, "height"),
    ];
    (cards.collect(), texts.collect(), whole)
}

fn within(inner: &Area, outer: &Area) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

fn apart(a: &Area, b: &Area) -> bool {
    a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]
}

fn check(plan: &Plan) {
    let svg = plan.to_svg();
    let (cards, texts, whole) = areas(&svg);
    assert_eq!(cards.len(), plan.nodes().count());
    for (place, card) in cards.iter().enumerate() {
        assert!(within(card, &whole), "{card:?} in {whole:?}");
        for other in &cards[..place] {
            assert!(apart(card, other), "{card:?} and {other:?}");
        }
    }
    for text in &texts {
        let around: Vec<_> = cards.iter().filter(|card| !apart(card, text)).collect();
        assert_eq!(around.len(), 1, "{text:?} is on one card");
        assert!(within(text, around[0]), "{text:?} in {:?}", around[0]);
    }
    for (place, text) in texts.iter().enumerate() {
        for other in &texts[..place] {
            assert!(apart(text, other), "{text:?} and {other:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_card_and_no_text_covers_another(shape in shapes()) {
        check(&build(&shape).plan());
    }
}

#[test]
fn three_hundred_calls() {
    let list = (0..299).map(|_| Shape::Call(vec![Shape::Waiting]));
    let plan = build(&Shape::Call(list.collect())).plan();
    assert!(plan.nodes().count() >= 600);
    check(&plan);
}

#[test]
fn three_hundred_calls_deep() {
    let mut shape = Shape::Waiting;
    for _ in 0..300 {
        shape = Shape::Call(vec![shape]);
    }
    check(&build(&shape).plan());
}

#[test]
fn both_themes_have_each_colour() {
    let svg = succeed(1_u8).plan().to_svg();
    let (light, dark) = svg
        .split_once("@media (prefers-color-scheme:dark)")
        .unwrap();
    for class in ["b", "t", "s", "f", "c", "e", "a", "x", "h", "g"] {
        for (name, theme) in [("light", light), ("dark", dark)] {
            assert!(theme.contains(&format!(".{class}{{")), "{class} in {name}");
        }
    }
}
