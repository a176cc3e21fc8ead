//! Generated descriptions survive every way between their forms.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::sddraft::Document;
use crate::sddraft::table::{self, Part, Shape};
use crate::service::ServiceDescription;

/// A text as people write it.
fn words() -> impl Strategy<Value = String> {
    "[ -~\u{e9}\u{4e2d}\n]{0,12}"
}

fn value_of(shape: &Shape, optional: bool) -> BoxedStrategy<Value> {
    let plain: BoxedStrategy<Value> = match shape {
        Shape::Flag => {
            prop_oneof![any::<bool>().prop_map(Value::from), Just("true".into()), Just("false".into())]
                .boxed()
        }
        Shape::Integer(least, most) => {
            let range = *least..=*most;
            prop_oneof![range.clone().prop_map(Value::from), range.prop_map(|n| n.to_string().into())].boxed()
        }
        Shape::Number(least, most) => {
            (least.max(-1e9)..=most.min(1e9)).prop_map(|number| number.to_string().into()).boxed()
        }
        Shape::Time => Just("00:30".into()).boxed(),
        Shape::Choice(words) => proptest::sample::select(words.clone()).prop_map(Value::from).boxed(),
        Shape::Words(words) => proptest::sample::subsequence(words.clone(), 0..=words.len())
            .prop_map(|words| words.join(",").into())
            .boxed(),
        Shape::Json => Just(r#"[{"id":"a"}]"#.into()).boxed(),
        Shape::Text => words().prop_map(Value::from).boxed(),
    };
    if optional { prop_oneof![plain, Just("".into())].boxed() } else { plain }
}

/// Some properties of a part, in any order.
fn properties(part: Part, kind: &'static str) -> impl Strategy<Value = Map<String, Value>> {
    let keys: Vec<&table::Key> = table::keys_of(part)
        .filter(|key| key.json.is_some() && (key.types.is_empty() || key.types.contains(&kind)))
        // Contradictions are refused; they have tests of their own.
        .filter(|key| !["isCached", "minScale", "maxScale"].contains(&key.name))
        .filter(|key| {
            !key.name.starts_with("dateFields") && !matches!(key.name, "cacheOnDemand" | "exportTilesAllowed")
        })
        .collect();
    let count = keys.len();
    proptest::sample::subsequence(keys, 0..=count).prop_shuffle().prop_flat_map(|keys| {
        keys.into_iter()
            .map(|key| (Just(key.json.clone().unwrap().into_owned()), value_of(&key.value, key.optional)))
            .collect::<Vec<_>>()
            .prop_map(|pairs| pairs.into_iter().collect())
    })
}

fn extension(kind: &'static str) -> impl Strategy<Value = Vec<Value>> {
    let fitting: Vec<&'static str> = table::extension_types()
        .iter()
        .filter(|found| found.types.contains(&kind))
        .map(|found| found.name)
        .collect();
    let count = fitting.len().min(6);
    proptest::sample::subsequence(fitting, 0..=count).prop_shuffle().prop_flat_map(|names| {
        names
            .into_iter()
            .map(|name| {
                (any::<bool>(), properties(Part::Extension(name), ""), any::<u8>()).prop_map(
                    move |(on, found, some)| {
                        let mut out = Map::new();
                        out.insert("typeName".into(), name.into());
                        out.insert(
                            "enabled".into(),
                            if some & 1 == 0 { on.into() } else { on.to_string().into() },
                        );
                        if some & 2 == 0 {
                            out.insert("capabilities".into(), "".into());
                        }
                        if some & 4 == 0 || !found.is_empty() {
                            out.insert("properties".into(), Value::Object(found));
                        }
                        if some & 8 == 0 {
                            out.insert("maxUploadFileSize".into(), 5.into());
                        }
                        Value::Object(out)
                    },
                )
            })
            .collect::<Vec<_>>()
    })
}

fn generated() -> impl Strategy<Value = Value> {
    const KINDS: &[&str] = &[
        "MapServer",
        "FeatureServer",
        "ImageServer",
        "GPServer",
        "GeocodeServer",
        "GeoDataServer",
        "GeometryServer",
        "GlobeServer",
        "VectorTileServer",
    ];
    proptest::sample::select(KINDS).prop_flat_map(|kind| {
        (
            properties(Part::Configuration, kind),
            properties(Part::Props, kind),
            properties(Part::Framework, kind),
            extension(kind),
            (words(), words(), any::<u8>()),
        )
            .prop_map(move |(mut found, mut service, framework, extensions, (text, name, some))| {
                let required = table::server_type(kind).unwrap();
                for names in &required.required {
                    found.insert(names.split('/').next().unwrap().to_owned(), "/data".into());
                }
                service.shift_remove("minInstancesPerNode");
                service.insert("serviceName".into(), "Roads_1".into());
                service.insert("type".into(), kind.into());
                let mut may = |bit: u8, name: &str, value: Value| {
                    if some & bit == 0 {
                        service.insert(name.into(), value);
                    }
                };
                may(1, "description", text.clone().into());
                may(2, "clusterName", text.into());
                may(4, "capabilities", "".into());
                may(8, "extensions", extensions.into());
                may(16, "frameworkProperties", Value::Object(framework));
                may(32, "private", true.into());
                may(64, "unknownMember", json!({"a": [1, null, name]}));
                found.insert("Unknown key".into(), "1".into());
                service.insert("properties".into(), Value::Object(found));
                Value::Object(service)
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn generated_descriptions_survive_the_way_through_a_draft(service in generated()) {
        let description = ServiceDescription::from_json(&service.to_string()).unwrap();
        let errors: Vec<String> =
            description.validate().iter().filter(|fault| !fault.warning).map(ToString::to_string).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
        let draft = description.to_sddraft().unwrap();
        let read = Document::from_text(draft.to_text()).unwrap();
        let back = ServiceDescription::from_sddraft(&read);
        prop_assert_eq!(back.to_json(), description.to_json());
        let again = ServiceDescription::from_json(&back.to_envelope().to_string()).unwrap();
        prop_assert_eq!(again.to_sddraft().unwrap().to_text(), read.to_text());
    }

    #[test]
    fn writing_is_idempotent(service in generated()) {
        let once = ServiceDescription::from_value(service).unwrap().to_json();
        let twice = ServiceDescription::from_value(once.clone()).unwrap().to_json();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn arbitrary_json_never_panics(text in "\\PC{0,60}", service in generated(), cut in 0_usize..2000) {
        let _ = ServiceDescription::from_json(&text);
        let json = service.to_string();
        let cut = (0..=cut.min(json.len())).rev().find(|at| json.is_char_boundary(*at)).unwrap_or(0);
        let _ = ServiceDescription::from_json(&json[..cut]);
    }
}
