//! Values of every type, good and bad.

use serde_json::{Value, json};

use super::*;

fn parameter(data_type: &str) -> Parameter {
    Parameter {
        name: "p".to_owned(),
        display_name: "The P".to_owned(),
        data_type: data_type.parse().unwrap(),
        ..Parameter::default()
    }
}

fn read(data_type: &str, text: &str) -> Result<Value> {
    parameter(data_type).read(Some(text)).map(|json| serde_json::from_str(&json).unwrap())
}

#[test]
fn values_are_read_in_the_form_of_their_type() {
    let cases = [
        ("GPString", " a \"b\" ", json!("a \"b\"")),
        ("GPLong", "-5", json!(-5)),
        ("GPLong", "5.0", json!(5)),
        ("GPDouble", "1e3", json!(1000.0)),
        ("GPBoolean", "True", json!(true)),
        ("GPDate", "1199145600000", json!(1_199_145_600_000_i64)),
        ("GPDate", "2008-01-01 00:00:00", json!(1_199_145_600_000_i64)),
        (
            "GPLinearUnit",
            r#"{"distance":"5","units":"esriMiles"}"#,
            json!({"distance":5.0,"units":"esriMiles"}),
        ),
        ("GPLinearUnit", "100 Meters", json!({"distance":100.0,"units":"esriMeters"})),
        ("GPLinearUnit", "3 Nautical Miles", json!({"distance":3.0,"units":"esriNauticalMiles"})),
        (
            "GPArealUnit",
            r#"{"area":2,"units":"esriSquareKilometers"}"#,
            json!({"area":2.0,"units":"esriSquareKilometers"}),
        ),
        ("GPArealUnit", "2 Hectare", json!({"area":2.0,"units":"esriHectares"})),
        ("GPDataFile", "http://h/a.csv", json!({"url":"http://h/a.csv"})),
        ("GPDataFile", r#"{"itemid":"i1"}"#, json!({"itemID":"i1"})),
        ("GPMultiValue:GPString", "a;b", json!(["a", "b"])),
        ("GPMultiValue:GPLong", "[1,\"2\"]", json!([1, 2])),
        (
            "GPMultiValue:GPLinearUnit",
            r#"[{"distance":1,"units":"esriFeet"}]"#,
            json!([{"distance":1.0,"units":"esriFeet"}]),
        ),
        ("GPValueTable", "[[1,\"a\"],[2,null]]", json!([[1, "a"], [2, null]])),
        (
            "GPFeatureRecordSetLayer",
            r#"{"features":[{"attributes":{"a":1},"geometry":null}]}"#,
            json!({"features":[{"attributes":{"a":1},"geometry":null}]}),
        ),
        ("GPRecordSet", r#"{"url":"http://h/0"}"#, json!({"url":"http://h/0"})),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(read(kind, text).unwrap(), expected, "{kind} {text}");
    }
}

#[test]
fn values_of_another_type_are_refused_by_the_parameters_name() {
    let cases = [
        ("GPLong", "1.5"),
        ("GPLong", "99999999999"),
        ("GPLong", "x"),
        ("GPDouble", "nan"),
        ("GPDouble", "1e999"),
        ("GPBoolean", "perhaps"),
        ("GPDate", "yesterday"),
        ("GPLinearUnit", "5"),
        ("GPLinearUnit", r#"{"distance":null,"units":"esriMiles"}"#),
        ("GPDataFile", r#"{"url":7}"#),
        ("GPLinearUnit", r#"{"distance":1,"units":"parsecs"}"#),
        ("GPArealUnit", r#"{"distance":1,"units":"esriAcres"}"#),
        ("GPDataFile", r#"{"path":"/etc/passwd"}"#),
        ("GPFeatureRecordSetLayer", "[]"),
        ("GPFeatureRecordSetLayer", r#"{"features":7}"#),
        ("GPFeatureRecordSetLayer", r#"{"features":[7]}"#),
        ("GPFeatureRecordSetLayer", r#"{"features":[{"attributes":[1]}]}"#),
        ("GPMultiValue:GPLong", "[1,\"b\"]"),
        ("GPMultiValue:GPLong", "[[1]]"),
        ("GPValueTable", "[1]"),
    ];
    for (kind, text) in cases {
        let error = read(kind, text).unwrap_err();
        assert!(error.to_string().starts_with("The P: "), "{kind} {text}: {error}");
        assert_eq!(error.code().map(|code| code.number), Some(840), "{kind} {text}");
    }
    let deep = "[".repeat(100_000);
    assert!(read("GPValueTable", &deep).is_err());
}

#[test]
fn missing_values_take_the_default_or_are_asked_for() {
    let mut one = parameter("GPLong");
    assert_eq!(one.read(None).unwrap_err().code().map(|code| code.number), Some(735));
    assert_eq!(one.read(Some("  ")).unwrap_err().to_string(), "The P: Value is required");
    one.default_value = json!(3);
    assert_eq!(one.read(None).unwrap(), "3");
    one.default_value = Value::Null;
    one.parameter_type = Requirement::Optional;
    assert_eq!(one.read(None).unwrap(), "null");

    let mut file = parameter("GPDataFile");
    file.parameter_type = Requirement::Optional;
    assert_eq!(file.read(Some(r#"{"url": ""}"#)).unwrap(), "null");
    let mut layer = parameter("GPFeatureRecordSetLayer");
    assert_eq!(layer.read(Some("{}")).unwrap_err().code().map(|code| code.number), Some(735));
    layer.default_value = json!({"geometryType": "esriGeometryPoint", "features": []});
    assert!(layer.read(None).is_err(), "a schema is no value");
}

#[test]
fn choices_bind() {
    let mut one = parameter("GPString");
    one.choice_list = vec![json!("Red"), json!("Green")];
    assert_eq!(one.read(Some("Red")).unwrap(), "\"Red\"");
    let error = one.read(Some("red")).unwrap_err();
    assert_eq!(error.code().map(|code| code.number), Some(800));
    assert_eq!(error.to_string(), "The P: The value is not a member of Red | Green.");
    one.data_type = "GPMultiValue:GPString".parse().unwrap();
    assert!(one.read(Some("[\"Red\",\"Green\"]")).is_ok());
    assert!(one.read(Some("[\"Red\",\"Blue\"]")).is_err());
}

#[test]
fn a_description_is_checked_and_comes_back_as_it_was() {
    let text = json!({"tasks": [{
        "name": "Buffer", "toolbox": "a.pyt", "tool": "B",
        "parameters": [
            {"name": "in", "dataType": "GPLong", "choiceList": [1, 2], "description": "An input."},
            {"name": "secret", "dataType": "GPString", "constant": true, "defaultValue": "x"},
            {"name": "out", "dataType": "GPString", "direction": "output", "parameterType": "derived"},
        ],
    }]});
    let service = Service::parse(text.to_string().as_bytes()).unwrap();
    let again = Service::parse(serde_json::to_string(&service).unwrap().as_bytes()).unwrap();
    assert_eq!(service, again);
    let task = service.task("buffer").unwrap();
    assert_eq!(task.inputs().count(), 1);
    let shown = task.to_json(&Configuration::default());
    assert_eq!(shown["executionType"], "esriExecutionTypeAsynchronous");
    assert_eq!(shown["parameters"].as_array().unwrap().len(), 2);
    assert_eq!(shown["parameters"][0]["choiceList"], json!([1, 2]));
    assert_eq!(shown["parameters"][1]["direction"], "esriGPParameterDirectionOutput");

    let bad = |change: &dyn Fn(&mut Service)| {
        let mut service = service.clone();
        change(&mut service);
        service.check().is_err()
    };
    assert!("GPMultiValue:GPMultiValue:GPLong".parse::<GpType>().is_err());
    assert!(bad(&|service| service.tasks.clear()));
    assert!(bad(&|service| service.tasks.push(service.tasks[0].clone())), "two tools of one name");
    assert!(bad(&|service| service.tasks[0].toolbox = "../a.pyt".to_owned()));
    assert!(bad(&|service| service.tasks[0].toolbox = "C:/a.pyt".to_owned()));
    assert!(bad(&|service| service.tasks[0].parameters[1].name = "IN".to_owned()));
    assert!(bad(&|service| service.tasks[0].name = "a/b".to_owned()));
}

#[test]
fn configurations_are_read_from_numbers_and_texts() {
    let read = Configuration::read(&json!({"service": {
        "capabilities": "Uploads", "minInstancesPerNode": 0, "maxInstancesPerNode": "4", "maxUsageTime": "30",
        "properties": {"executionType": "synchronous", "showMessages": "INFO", "maximumRecords": "50",
                       "maxInstances": "9"},
    }}));
    assert!(read.synchronous && read.uploads);
    assert_eq!((read.min_instances, read.max_instances, read.usage_timeout), (0, 4, 30));
    assert_eq!((read.show_messages, read.maximum_records), (MessageLevel::Info, 50));
    assert_eq!(Configuration::read(&Value::Null), Configuration::default());
    assert!(
        MessageLevel::Warning.shows(2) && !MessageLevel::Warning.shows(0) && !MessageLevel::None.shows(2)
    );
}
