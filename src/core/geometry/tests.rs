use serde_json::json;

use super::*;
use crate::dataset::{Envelope, GeometryType, SpatialReference};
use crate::query::{Shape, SpatialRelation};

fn wkid(wkid: u32) -> SpatialReference {
    SpatialReference { wkid: Some(wkid), ..SpatialReference::default() }
}

fn polygon() -> Parts {
    // Wound the wrong way round, with a hole, and a second part.
    let value = json!({"rings": [
        [[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]],
        [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]],
        [[20, 20], [20, 21], [21, 21], [20, 20]]
    ]});
    parse_geometry(&value, GeometryType::Polygon).unwrap().0.unwrap()
}

fn esri(parts: &Parts, options: ShapeOptions) -> String {
    let mut out = Vec::new();
    ShapeWriter::new(options).esri(&mut out, Shape::Wkb(&write_wkb(parts)), parts.kind).unwrap();
    String::from_utf8(out).unwrap()
}

fn geojson(parts: &Parts) -> String {
    let mut out = Vec::new();
    ShapeWriter::new(ShapeOptions::default()).geojson(&mut out, Shape::Wkb(&write_wkb(parts))).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn polygons_survive_wkb_and_keep_their_holes() {
    let parts = polygon();
    let mut again = Parts::default();
    read_wkb(&write_wkb(&parts), &mut again).unwrap();
    assert_eq!(again.parts, parts.parts);
    insta::assert_snapshot!(esri(&parts, ShapeOptions::default()), @r#"{"rings":[[[0,0],[0,10],[10,10],[10,0],[0,0]],[[2,2],[4,2],[4,4],[2,4],[2,2]],[[20,20],[20,21],[21,21],[20,20]]]}"#);
    insta::assert_snapshot!(geojson(&parts), @r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[2,2],[2,4],[4,4],[4,2],[2,2]]],[[[20,20],[21,21],[20,21],[20,20]]]]}"#);
}

#[test]
fn heights_and_measures_travel() {
    let value = json!({"hasZ": true, "hasM": true, "paths": [[[1, 2, 3, 4], [5, 6, 7, 8]]]});
    let parts = parse_geometry(&value, GeometryType::Polyline).unwrap().0.unwrap();
    let all = ShapeOptions { z: true, m: true, ..ShapeOptions::default() };
    assert_eq!(esri(&parts, all), r#"{"hasZ":true,"hasM":true,"paths":[[[1,2,3,4],[5,6,7,8]]]}"#);
    assert_eq!(esri(&parts, ShapeOptions::default()), r#"{"paths":[[[1,2],[5,6]]]}"#);
}

#[test]
fn sloppy_geometries_are_understood() {
    for text in
        ["{x: -95.0, y: 37.5}", "{'x': '-95', 'y': 37.5,}", "-95.0, 37.5", "{\"x\":-95,\"y\":37.5,z:NaN}"]
    {
        let (shape, _) = parse_filter_shape(text, Some("esriGeometryPoint")).unwrap();
        let FilterShape::Parts(parts) = shape else { panic!("{text}") };
        assert_eq!(parts.coords[0][..2], [-95.0, 37.5], "{text}");
    }
    let (shape, _) = parse_filter_shape("10,5,-10,-5", None).unwrap();
    assert_eq!(shape, FilterShape::Envelope(Envelope { xmin: -10.0, ymin: -5.0, xmax: 10.0, ymax: 5.0 }));
    for text in [
        "",
        "nonsense",
        "1,2,3",
        "{\"rings\":5}",
        "{\"rings\":[[[1]]]}",
        "{\"x\":",
        "[]",
        "{\"curveRings\":[]}",
    ] {
        assert!(parse_filter_shape(text, None).is_err(), "{text}");
    }
}

#[test]
fn hostile_binary_is_refused() {
    let good = write_wkb(&polygon());
    let mut parts = Parts::default();
    for end in 0..good.len() {
        assert!(read_wkb(&good[..end], &mut parts).is_err(), "{end}");
    }
    let mut huge = vec![1, 2, 0, 0, 0];
    huge.extend_from_slice(&u32::MAX.to_le_bytes());
    assert!(read_wkb(&huge, &mut parts).is_err());
    let mut deep = Vec::new();
    for _ in 0..1000 {
        deep.extend_from_slice(&[1, 7, 0, 0, 0, 1, 0, 0, 0]);
    }
    assert!(read_wkb(&deep, &mut parts).is_err());
}

#[test]
fn projections_agree_with_known_coordinates() {
    // Reference values from PROJ 9.
    let cases = [
        (4326, 3857, [-122.4194, 37.7749], [-13_627_665.271_218_1, 4_547_675.354_340_56], 1e-3),
        (102_100, 4326, [-13_627_665.271_218_1, 4_547_675.354_340_56], [-122.4194, 37.7749], 1e-8),
        (4326, 32_610, [-122.4194, 37.7749], [551_130.768_4, 4_180_998.881_5], 1e-2),
        (4326, 25_832, [9.0, 50.0], [500_000.0, 5_538_630.702_9], 1e-2),
        (4269, 102_003, [-96.0, 37.5], [0.0, 0.0], 1e-6),
    ];
    for (from, to, input, wanted, tolerance) in cases {
        let mut coords = [[input[0], input[1], f64::NAN, f64::NAN]];
        Projector::new(&wkid(from), &wkid(to)).unwrap().unwrap().project(&mut coords);
        for axis in 0..2 {
            assert!((coords[0][axis] - wanted[axis]).abs() < tolerance, "{from} to {to}: {coords:?}");
        }
    }
    assert!(Projector::new(&wkid(102_100), &wkid(3857)).unwrap().is_none());
    assert!(Projector::new(&wkid(4326), &wkid(999_999)).is_err());
}

#[test]
fn esri_text_of_a_state_plane_gives_the_same_as_its_id() {
    let text = r#"PROJCS["NAD_1983_StatePlane_California_III_FIPS_0403_Feet",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",6561666.666666666],PARAMETER["False_Northing",1640416.666666667],PARAMETER["Central_Meridian",-120.5],PARAMETER["Standard_Parallel_1",37.06666666666667],PARAMETER["Standard_Parallel_2",38.43333333333333],PARAMETER["Latitude_Of_Origin",36.5],UNIT["Foot_US",0.3048006096012192]]"#;
    let reference = parse_spatial_reference(text).unwrap().unwrap();
    let mut by_text = [[-122.4194, 37.7749, 0.0, 0.0]];
    let mut by_id = by_text;
    Projector::new(&wkid(4269), &reference).unwrap().unwrap().project(&mut by_text);
    Projector::new(&wkid(4269), &wkid(2227)).unwrap().unwrap().project(&mut by_id);
    assert!((by_text[0][0] - by_id[0][0]).abs() < 1e-3 && (by_text[0][1] - by_id[0][1]).abs() < 1e-3);
    assert!((by_id[0][0] - 6_007_000.0).abs() < 5000.0, "{by_id:?}");
}

#[test]
fn spatial_references_are_read_in_every_spelling() {
    for text in
        ["102100", "EPSG:3857", r#"{"wkid":102100}"#, "{wkid:'3857'}", r#"{"latestWkid":3857,"wkid":102100}"#]
    {
        let reference = parse_spatial_reference(text).unwrap().unwrap();
        assert!(same_system(&reference, &wkid(3857)), "{text}");
        assert_eq!(wire_form(&reference).wkid, Some(102_100));
    }
    for text in ["", " ", "{}", "null"] {
        assert_eq!(parse_spatial_reference(text).unwrap(), None);
    }
    assert!(parse_spatial_reference("mercator").is_err());
}

fn filter(text: &str, relation: SpatialRelation) -> crate::query::SpatialFilter {
    let (shape, reference) = parse_filter_shape(text, None).unwrap();
    spatial_filter(FilterRequest { shape, reference, relation, distance: 0.0, unit: None }, &wkid(4326))
        .unwrap()
}

#[test]
fn relations_select_what_their_names_say() {
    let row = write_wkb(&polygon());
    let row = Shape::Wkb(&row);
    let inner = r#"{"rings":[[[5,5],[5,6],[6,6],[6,5],[5,5]]]}"#;
    let outer = "-1,-1,30,30";
    assert!(matches(&filter(inner, SpatialRelation::Contains), row));
    assert!(!matches(&filter(inner, SpatialRelation::Within), row));
    assert!(matches(&filter(outer, SpatialRelation::Within), row));
    assert!(matches(&filter("10,10,12,12", SpatialRelation::Touches), row));
    assert!(matches(&filter("5,5,15,15", SpatialRelation::Overlaps), row));
    assert!(matches(&filter(r#"{"paths":[[[-5,5],[5,5]]]}"#, SpatialRelation::Intersects), row));
    // In the hole: the envelopes meet, the geometries do not.
    assert!(!matches(&filter("2.5,2.5,3,3", SpatialRelation::Intersects), row));
    assert!(matches(&filter("2.5,2.5,3,3", SpatialRelation::EnvelopeIntersects), row));
    let point = Shape::Point { x: 0.5, y: 0.5, z: None, m: None };
    assert!(matches(&filter("0,0,1,1", SpatialRelation::Intersects), point));
    assert!(matches(&filter("0,0,1,1", SpatialRelation::Within), point));
    assert!(!matches(&filter("1,1,2,2", SpatialRelation::Intersects), point));
}

#[test]
fn distances_are_metres_on_the_ground() {
    // One thousandth of a degree of latitude is 110.6 m on the equator.
    for (metres, expected) in [(105.0, false), (115.0, true)] {
        let (shape, _) = parse_filter_shape("0,0", None).unwrap();
        let request = FilterRequest {
            shape,
            reference: Some(wkid(4326)),
            relation: SpatialRelation::Intersects,
            distance: metres,
            unit: LinearUnit::find("esriSRUnit_Meter"),
        };
        let filter = spatial_filter(request, &wkid(4326)).unwrap();
        let point = Shape::Point { x: 0.0, y: 0.001, z: None, m: None };
        assert_eq!(matches(&filter, point), expected, "{metres}");
    }
}

#[test]
fn views_get_whole_numbers_and_fewer_vertices() {
    let text = r#"{"extent":{"xmin":0,"ymin":0,"xmax":100,"ymax":100},"mode":"view","originPosition":"upperLeft","tolerance":5}"#;
    let quantization = Quantization::parse(text, &wkid(4326)).unwrap();
    let options = ShapeOptions { quantization, ..ShapeOptions::default() };
    insta::assert_snapshot!(esri(&polygon(), options), @r#"{"rings":[[[0,20],[0,-2],[2,0],[0,2],[-2,0]],[[0,20],[1,0],[0,-1],[-1,0],[0,1]]]}"#);
    let options = ShapeOptions { tolerance: Some(3.0), ..ShapeOptions::default() };
    insta::assert_snapshot!(esri(&polygon(), options), @r#"{"rings":[[[0,0],[0,10],[10,10],[10,0],[0,0]]]}"#);
    let options = ShapeOptions { precision: Some(1), ..ShapeOptions::default() };
    let point = parse_geometry(&json!({"x": 1.23456, "y": -7.05}), GeometryType::Point).unwrap().0.unwrap();
    assert_eq!(esri(&point, options), r#"{"x":1.2,"y":-7.1}"#);
}
