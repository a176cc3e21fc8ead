use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

fn layer(definition: Value) -> Layer {
    Layer::from_definition(Arc::new(definition), "CIMPATH=map/x.json", None, 0, PathBuf::new())
}

fn feature_layer(renderer: &Value) -> Layer {
    layer(json!({"type": "CIMFeatureLayer", "name": "x", "renderer": renderer, "transparency": 40}))
}

fn fill(values: [f64; 4]) -> Value {
    json!({"type": "CIMSymbolReference", "symbol": {"type": "CIMPolygonSymbol", "symbolLayers": [
        {"type": "CIMSolidStroke", "enable": true, "width": 0.7, "color": {"type": "CIMRGBColor", "values": [0, 0, 0, 100]}},
        {"type": "CIMSolidFill", "enable": true, "color": {"type": "CIMRGBColor", "values": values}},
    ]}})
}

#[test]
fn a_round_vector_marker_is_what_pro_itself_publishes() {
    let symbol = crate::cim::build::symbol(GeometryType::Point);
    let drawing = drawing_info_for(
        &feature_layer(
            &json!({"type": "CIMSimpleRenderer", "symbol": {"type": "CIMSymbolReference", "symbol": symbol}}),
        ),
        None,
    );
    assert_eq!(
        drawing.info["renderer"]["symbol"],
        json!({
            "type": "esriSMS", "style": "esriSMSCircle", "color": [0, 112, 255, 255], "size": 4,
            "angle": 0, "xoffset": 0, "yoffset": 0, "outline": {"color": [0, 0, 0, 255], "width": 0.7},
        })
    );
    assert_eq!(drawing.info["transparency"], 40);
    assert!(drawing.findings.is_empty());
}

#[test]
fn a_class_of_several_values_is_repeated_for_each() {
    let renderer = json!({
        "type": "CIMUniqueValueRenderer", "fields": ["KIND", "YEAR"], "useDefaultSymbol": true,
        "defaultLabel": "other", "defaultSymbol": fill([1.0, 2.0, 3.0, 100.0]),
        "groups": [{"type": "CIMUniqueValueGroup", "heading": "KIND", "classes": [{
            "type": "CIMUniqueValueClass", "label": "parks", "symbol": fill([0.0, 255.0, 0.0, 50.0]),
            "values": [{"fieldValues": ["park", "1"]}, {"fieldValues": ["garden", "2"]}],
        }]}],
    });
    let info = drawing_info(&feature_layer(&renderer));
    let renderer = &info["renderer"];
    assert_eq!(renderer["field1"], "KIND");
    assert_eq!(renderer["field3"], Value::Null);
    assert_eq!(renderer["defaultSymbol"]["color"], json!([1, 2, 3, 255]));
    let infos = renderer["uniqueValueInfos"].as_array().unwrap();
    assert_eq!(infos.len(), 2);
    assert_eq!(infos[1]["value"], "garden,2");
    assert_eq!(infos[1]["symbol"]["color"], json!([0, 255, 0, 128]));
    assert_eq!(infos[1]["symbol"]["outline"]["width"], 0.7);
}

#[test]
fn class_breaks_follow_each_other() {
    let renderer = json!({
        "type": "CIMClassBreaksRenderer", "field": "POP", "minimumBreak": 1, "classificationMethod": "NaturalBreaks",
        "breaks": [{"upperBound": 10, "label": "few", "symbol": fill([9.0, 9.0, 9.0, 100.0])},
                   {"upperBound": 20.5, "label": "many", "symbol": fill([8.0, 8.0, 8.0, 100.0])}],
    });
    let info = drawing_info(&feature_layer(&renderer));
    let breaks = &info["renderer"]["classBreakInfos"];
    assert_eq!((&breaks[1]["classMinValue"], &breaks[1]["classMaxValue"]), (&json!(10.0), &json!(20.5)));
    assert_eq!(info["renderer"]["classificationMethod"], "esriClassifyNaturalBreaks");
}

#[test]
fn what_web_clients_cannot_draw_gets_a_plain_symbol_and_a_finding() {
    let drawing = drawing_info_for(
        &feature_layer(&json!({"type": "CIMDictionaryRenderer", "dictionaryName": "mil2525d"})),
        Some(GeometryType::Point),
    );
    assert_eq!(drawing.info["renderer"]["symbol"]["type"], "esriSMS");
    assert_eq!(drawing.findings.len(), 1);
    assert!(drawing.findings[0].text.contains("CIMDictionaryRenderer"));
    assert_eq!(drawing.findings[0].objects, ["x"]);
}

#[test]
fn dashes_and_hatches_take_the_nearest_style() {
    let dashes = json!([{"type": "CIMGeometricEffectDashes", "dashTemplate": [6, 6]}]);
    let line = json!({"type": "CIMLineSymbol", "symbolLayers": [
        {"type": "CIMSolidStroke", "enable": true, "width": 2, "effects": dashes, "color": {"type": "CIMHSVColor", "values": [0, 100, 100, 100]}}]});
    let info = drawing_info(&feature_layer(
        &json!({"type": "CIMSimpleRenderer", "symbol": {"type": "CIMSymbolReference", "symbol": line}}),
    ));
    assert_eq!(
        info["renderer"]["symbol"],
        json!({"type": "esriSLS", "style": "esriSLSDash", "color": [255, 0, 0, 255], "width": 2})
    );
    let hatch = json!({"type": "CIMPolygonSymbol", "symbolLayers": [{"type": "CIMHatchFill", "enable": true, "rotation": 45,
        "lineSymbol": {"type": "CIMLineSymbol", "symbolLayers": [{"type": "CIMSolidStroke", "color": {"type": "CIMGrayColor", "values": [10, 100]}}]}}]});
    let info = drawing_info(&feature_layer(
        &json!({"type": "CIMSimpleRenderer", "symbol": {"type": "CIMSymbolReference", "symbol": hatch}}),
    ));
    assert_eq!(info["renderer"]["symbol"]["style"], "esriSFSForwardDiagonal");
    assert_eq!(info["renderer"]["symbol"]["color"], json!([10, 10, 10, 255]));
}

#[test]
fn labels_are_carried_when_the_server_can_evaluate_them() {
    let class = |expression: &str, engine: &str| json!({"type": "CIMLabelClass", "expression": expression, "expressionEngine": engine, "visibility": true, "name": "c"});
    let layer = layer(json!({
        "type": "CIMFeatureLayer", "name": "x", "labelVisibility": true,
        "labelClasses": [class("$feature.NAME", "Arcade"), class("[NAME]", "VBScript"),
                         class("Function FindLabel ([A])", "VBScript")],
    }));
    let drawing = drawing_info_for(&layer, Some(GeometryType::Point));
    let labels = drawing.info["labelingInfo"].as_array().unwrap();
    assert_eq!(labels.len(), 2);
    assert_eq!(labels[0]["labelExpression"], "[NAME]");
    assert_eq!(labels[1]["labelExpressionInfo"]["expression"], "$feature[\"NAME\"]");
    assert!(drawing.show_labels);
    assert!(drawing.findings.iter().any(|finding| finding.text.contains("VBScript")));
}
