//! A provider's JSON schema as the parameters and inputs of a form, whatever is odd about it.

use serde_json::{Map, Value, json};

use super::conditions::{Condition, Conditions, Then, Wanted};
use super::input::{InputKind, InputSpec};
use super::param::{ItemKind, ParamKind, ParamSpec};
use super::value::value_faults;
use crate::domain::brief::WORDS;

/// Longer lists of files than this are not offered where the schema names no limit, as in the
/// provider's own desktop program.
const FILES: usize = 10;

/// Never useful here: the answer is fetched, and a result is a file. Always sent as off.
const SWITCHED_OFF: [&str; 2] = ["enable_sync_mode", "enable_base64_output"];

/// The form that a request's schema describes.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) params: Vec<ParamSpec>,
    pub(super) inputs: Vec<InputSpec>,
    pub(super) conditions: Vec<Condition>,
}

/// Reads the `request_schema` of an entry. `None` where it has no properties at all.
pub(super) fn form(schema: &Value) -> Option<Form> {
    let properties = schema.get("properties")?.as_object()?;
    let required: Vec<&str> = texts(schema.get("required")).collect();
    let mut form = Form::default();
    for key in in_order(schema, properties, &required) {
        let Some(property) = properties.get(key).and_then(Value::as_object) else { continue };
        let is_required = required.contains(&key);
        match media_kind(key, property) {
            Some(kind) => form.inputs.push(input(key, property, kind, is_required)),
            None => form.params.push(param(key, property, is_required)),
        }
    }
    form.conditions = conditions(schema);
    let keys = |form: &Form, key: &str| {
        form.params.iter().any(|param| param.key == key)
            || form.inputs.iter().any(|input| input.key == key)
    };
    let mut known = std::mem::take(&mut form.conditions);
    known.retain(|condition| condition.names().all(|key| keys(&form, key)));
    form.conditions = known;
    Some(form)
}

/// By `x-order-properties`, which may name what is not there; what it forgets comes after: required first,
/// then the prompt, then by name.
fn in_order<'a>(
    schema: &'a Value,
    properties: &'a Map<String, Value>,
    required: &[&str],
) -> Vec<&'a str> {
    let mut order: Vec<&str> = Vec::new();
    for key in texts(schema.get("x-order-properties")) {
        if properties.contains_key(key) && !order.contains(&key) {
            order.push(key);
        }
    }
    let mut rest: Vec<&str> =
        properties.keys().map(String::as_str).filter(|key| !order.contains(key)).collect();
    rest.sort_by_key(|key| (!required.contains(key), *key != "prompt", *key));
    order.extend(rest);
    order
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The type, where one is told: `["string", "null"]` is text.
fn type_of(property: &Map<String, Value>) -> Option<&str> {
    match property.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    }
}

/// What kind of file fills this property, if any does: by what it accepts, else by its name, because
/// most of them are a plain text without any mark.
fn media_kind(key: &str, property: &Map<String, Value>) -> Option<InputKind> {
    let is_list = type_of(property) == Some("array");
    let of_text = match property.get("items") {
        Some(items) => items.get("type").and_then(Value::as_str).is_none_or(|it| it == "string"),
        None => true,
    };
    let is_text = type_of(property) == Some("string") || (is_list && of_text);
    if !is_text || property.contains_key("enum") || property.contains_key("x-enum") {
        return None;
    }
    if property.get("items").is_some_and(|items| items.get("$ref").is_some()) {
        return None;
    }
    let has_uploader = property
        .get("x-ui-component")
        .and_then(Value::as_str)
        .is_some_and(|name| name.starts_with("upload"));
    let by_name = kind_by_name(key);
    let ending = key.trim_end_matches('s');
    let has_ending = ["image", "video", "audio", "_url"].iter().any(|it| ending.ends_with(it));
    match accepts(property) {
        Some(accept) => Some(kind_by_accept(accept, by_name)),
        None if has_uploader || has_ending => Some(by_name.unwrap_or(InputKind::File)),
        None => None,
    }
}

fn accepts(property: &Map<String, Value>) -> Option<&str> {
    let props = property.get("x-ui-component-props").and_then(|props| props.get("accept"));
    // `x-accpet` is how two entries of March 2026 spell it.
    let accept = property.get("x-accept").or_else(|| property.get("x-accpet")).or(props);
    accept.and_then(Value::as_str)
}

fn kind_by_accept(accept: &str, by_name: Option<InputKind>) -> InputKind {
    let names = |kinds: &[&str]| kinds.iter().any(|kind| accept.contains(kind));
    let is = [
        names(&["image/", ".png", ".jpg"]),
        names(&["video/", ".mp4"]),
        names(&["audio/", ".mp3", ".wav"]),
    ];
    match is {
        [true, false, false] => match by_name {
            Some(kind @ (InputKind::Mask | InputKind::LastImage)) => kind,
            _ => InputKind::Image,
        },
        [false, true, false] => InputKind::Video,
        [false, false, true] => InputKind::Audio,
        _ => InputKind::File,
    }
}

fn kind_by_name(key: &str) -> Option<InputKind> {
    let has = |word: &str| key.contains(word);
    match () {
        () if has("video") => Some(InputKind::Video),
        () if has("audio") || has("song") || has("voice") => Some(InputKind::Audio),
        () if has("mask") => Some(InputKind::Mask),
        () if has("last_image") || has("end_image") || has("tail_image") => {
            Some(InputKind::LastImage)
        }
        () if has("image") || has("frame") || has("photo") => Some(InputKind::Image),
        () => None,
    }
}

fn input(key: &str, property: &Map<String, Value>, kind: InputKind, required: bool) -> InputSpec {
    let is_list = type_of(property) == Some("array");
    let most = if is_list { count(property, "maxItems").unwrap_or(FILES) } else { 1 };
    InputSpec {
        key: key.to_owned(),
        kind,
        required: required && !is_hidden(property),
        formats: Vec::new(),
        max_bytes: None,
        min_seconds: None,
        max_seconds: None,
        min_side: None,
        max_ratio: None,
        at_least: count(property, "minItems").unwrap_or(1).max(1),
        how_many: most.max(1),
        is_list,
        about: about(property),
    }
}

fn param(key: &str, property: &Map<String, Value>, required: bool) -> ParamSpec {
    let is_off = SWITCHED_OFF.contains(&key);
    let mut param = ParamSpec {
        key: key.to_owned(),
        kind: kind(key, property),
        default: property.get("default").filter(|value| !value.is_null()).cloned(),
        required: required && !is_hidden(property) && !is_off,
        hidden: is_hidden(property) || is_off,
        unit: (key == "duration").then(|| "s".to_owned()),
        about: about(property),
        suggested: suggested(property),
        fields: fields(property),
    };
    if is_off {
        param.default = Some(Value::Bool(false));
    }
    // A text that is empty by default is one that is not sent, and words that somebody wrote to show what a
    // model does are nobody's order.
    let is_words = WORDS.contains(&key) && matches!(param.kind, ParamKind::Text { .. });
    if is_words || param.default.as_ref().and_then(Value::as_str) == Some("") {
        param.default = None;
    }
    settle(&mut param);
    param
}

/// A default that its own declaration refuses: the limit that refuses it was for a slider, or the
/// default is of no use.
fn settle(param: &mut ParamSpec) {
    let is_wrong = |param: &ParamSpec| {
        let default = param.default.as_ref();
        default.is_some_and(|value| {
            !value_faults(&ParamSpec { required: false, ..param.clone() }, value).is_empty()
        })
    };
    if let (true, ParamKind::Integer { step, .. }) = (is_wrong(param), &mut param.kind) {
        *step = None;
    }
    if is_wrong(param) {
        param.default = None;
    }
}

fn is_hidden(property: &Map<String, Value>) -> bool {
    property.get("x-hidden").and_then(Value::as_bool) == Some(true)
}

fn about(property: &Map<String, Value>) -> Option<String> {
    let text = property.get("description").and_then(Value::as_str)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn count(property: &Map<String, Value>, key: &str) -> Option<usize> {
    property.get(key)?.as_u64().and_then(|count| usize::try_from(count).ok())
}

fn number(property: &Map<String, Value>, key: &str) -> Option<f64> {
    property.get(key)?.as_f64().filter(|number| number.is_finite())
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
fn whole(property: &Map<String, Value>, key: &str) -> Option<i64> {
    number(property, key).filter(|it| it.fract() == 0.0 && it.abs() < 9e15).map(|it| it as i64)
}

fn kind(key: &str, property: &Map<String, Value>) -> ParamKind {
    let values =
        |name: &str| property.get(name).and_then(Value::as_array).filter(|it| !it.is_empty());
    if let Some(of) = values("enum") {
        return ParamKind::Choice { of: of.clone() };
    }
    let numbers = values("x-enum").filter(|of| of.iter().all(Value::is_number));
    if let Some(of) = numbers {
        return ParamKind::Choice { of: of.clone() };
    }
    let integer = || ParamKind::Integer {
        min: whole(property, "minimum"),
        max: whole(property, "maximum"),
        step: whole(property, "step")
            .or_else(|| whole(property, "multipleOf"))
            .filter(|it| *it > 1),
    };
    match type_of(property) {
        Some("integer") => integer(),
        // A slider that goes from whole to whole.
        Some("number") if number(property, "step") == Some(1.0) => integer(),
        Some("number") => ParamKind::Number {
            min: number(property, "minimum"),
            max: number(property, "maximum"),
            step: number(property, "step").filter(|step| *step > 0.0),
        },
        Some("boolean") => ParamKind::Switch,
        Some("array") => ParamKind::List {
            item: item_kind(property),
            min_items: count(property, "minItems"),
            max_items: count(property, "maxItems"),
        },
        Some("object") => ParamKind::Object,
        _ if key == "size" => {
            ParamKind::Size { min: whole(property, "minimum"), max: whole(property, "maximum") }
        }
        _ => ParamKind::Text { max_chars: count(property, "maxLength").filter(|most| *most > 0) },
    }
}

fn item_kind(property: &Map<String, Value>) -> ItemKind {
    let Some(items) = property.get("items").and_then(Value::as_object) else {
        return ItemKind::Text;
    };
    match type_of(items) {
        Some("integer") => ItemKind::Integer,
        Some("number") => ItemKind::Number,
        Some("object") => ItemKind::Object,
        None if items.contains_key("$ref") || items.contains_key("properties") => ItemKind::Object,
        _ => ItemKind::Text,
    }
}

fn suggested(property: &Map<String, Value>) -> Vec<Value> {
    let values = |key: &str| property.get(key).and_then(Value::as_array).cloned();
    let offered = values("x-enum").filter(|of| !of.iter().all(Value::is_number));
    offered.or_else(|| values("recommend")).unwrap_or_default()
}

/// What a list's objects, or an object, hold.
fn fields(property: &Map<String, Value>) -> Vec<ParamSpec> {
    let holder = match property.get("items") {
        Some(items) => items,
        None if type_of(property) == Some("object") => &Value::Object(property.clone()),
        None => return Vec::new(),
    };
    // The one reference that occurs leads nowhere; its shape is known from the provider's documents.
    let reference = holder.get("$ref").and_then(Value::as_str).unwrap_or_default();
    let lora = json!({"required": ["path"], "properties": {
        "path": {"type": "string", "description": "Address of the weights."},
        "scale": {"type": "number", "default": 1, "description": "How strong they are."},
    }});
    let holder = if reference.ends_with("LoraWeight") { &lora } else { holder };
    let Some(properties) = holder.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    let required: Vec<&str> = texts(holder.get("required")).collect();
    in_order(holder, properties, &required)
        .into_iter()
        .filter_map(|key| {
            Some(param(key, properties.get(key)?.as_object()?, required.contains(&key)))
        })
        .collect()
}

/// `if`/`then`/`else` here or in each of `allOf`, and `not` all of them.
fn conditions(schema: &Value) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let all = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    for part in std::iter::once(schema).chain(all) {
        if let Some(when) = part.get("if").and_then(when) {
            if let Some(otherwise) = part.get("else").and_then(|it| Some((opposite(&when)?, it))) {
                conditions.extend(asked(&otherwise.0, otherwise.1));
            }
            conditions.extend(part.get("then").into_iter().flat_map(|then| asked(&when, then)));
        }
        let together: Vec<&str> =
            texts(part.get("not").and_then(|not| not.get("required"))).collect();
        if let Some((last, others)) = together.split_last() {
            let when = others.iter().map(|key| ((*key).to_owned(), Wanted::Given)).collect();
            conditions.push(Condition { when, key: (*last).to_owned(), then: Then::Never });
        }
    }
    conditions
}

fn when(schema: &Value) -> Option<Conditions> {
    let properties = schema.get("properties")?.as_object()?;
    let wanted = |property: &Value| {
        let one = property.get("const").map(|value| Wanted::AnyOf(vec![value.clone()]));
        let several = || property.get("enum")?.as_array().cloned().map(Wanted::AnyOf);
        let some = || property.get("minLength").map(|_| Wanted::Given);
        one.or_else(several).or_else(some)
    };
    let all: Option<Conditions> =
        properties.iter().map(|(key, property)| Some((key.clone(), wanted(property)?))).collect();
    all.filter(|conditions| !conditions.is_empty())
}

/// When a condition does not hold, as far as that can be said by one: `given` is `missing`.
fn opposite(when: &Conditions) -> Option<Conditions> {
    let mut only = when.iter();
    match (only.next(), only.next()) {
        (Some((key, Wanted::Given)), None) => {
            Some(Conditions::from([(key.clone(), Wanted::Missing)]))
        }
        _ => None,
    }
}

/// What the `then` of a condition asks for beyond what the field allows anyway.
fn asked(when: &Conditions, then: &Value) -> Vec<Condition> {
    let condition = |key: &str, then| Condition { when: when.clone(), key: key.to_owned(), then };
    let properties = then.get("properties").and_then(Value::as_object);
    let values = properties.into_iter().flatten().filter_map(|(key, property)| {
        let of = property.get("enum").and_then(Value::as_array).cloned().map(Then::OneOf);
        let most = || property.as_object().and_then(|it| count(it, "maxItems")).map(Then::AtMost);
        Some(condition(key, of.or_else(most)?))
    });
    let needed = texts(then.get("required")).map(|key| condition(key, Then::Needed));
    values.chain(needed).collect()
}
