use std::collections::HashMap;

use super::*;
use crate::dataset::{Field, FieldType, GeometryType, SpatialReference};
use crate::query::{Output, Schema, Value};

fn field(name: &str, field_type: FieldType, length: Option<u32>) -> Field {
    Field {
        name: name.to_owned(),
        field_type,
        alias: name.to_owned(),
        length,
        nullable: name != "kind",
        editable: true,
        domain: None,
        default_value: None,
    }
}

fn schema() -> Schema {
    Schema {
        fields: vec![
            field("OBJECTID", FieldType::Oid, None),
            field("name", FieldType::String, Some(5)),
            field("cnt", FieldType::SmallInteger, None),
            field("kind", FieldType::Integer, None),
            field("GlobalID", FieldType::GlobalId, Some(38)),
        ],
        global_id: Some(4),
        geometry_type: Some(GeometryType::Point),
        spatial_reference: SpatialReference { wkid: Some(102_100), latest_wkid: Some(3857), wkt: None },
        ..Schema::default()
    }
}

fn ask(pairs: &[(&'static str, &'static str)]) -> crate::Result<QueryRequest> {
    let map: HashMap<String, &'static str> =
        pairs.iter().map(|(key, value)| (key.to_ascii_lowercase(), *value)).collect();
    let get = |name: &str| map.get(&name.to_ascii_lowercase()).copied();
    parse_query(&get, &schema(), Limits::default(), &[], WireFormat::Esri)
}

#[test]
fn pages_are_never_larger_than_the_layer_gives() {
    for (count, limit) in [("5", 5), ("99999", 2000), ("0", 2000), ("", 2000)] {
        let request = ask(&[("where", "1=1"), ("resultRecordCount", count), ("resultOffset", "7")]).unwrap();
        let Output::Rows(rows) = request.query.output else { panic!("no rows") };
        assert_eq!((rows.paging.offset, rows.paging.limit), (7, Some(limit)), "{count}");
    }
    assert!(ask(&[("resultOffset", "-1")]).is_err());
    assert!(ask(&[("resultRecordCount", "many")]).is_err());
}

#[test]
fn habits_of_clients_are_taken() {
    let request = ask(&[
        ("where", " "),
        ("outFields", " name , CNT "),
        ("orderByFields", "  name desc,cnt"),
        ("inSR", ""),
        ("outSR", ""),
        ("geometry", "{x: -95.0, y: 37.5}"),
        ("geometryType", "esriGeometryPoint"),
        ("returnTrueCurves", "maybe"),
    ])
    .unwrap();
    let Output::Rows(rows) = request.query.output else { panic!("no rows") };
    assert_eq!(rows.fields, [1, 2]);
    assert!(rows.order_by[0].descending && !rows.order_by[1].descending);
    assert!(request.query.selection.spatial.is_some());
}

#[test]
fn having_reads_statistics_that_are_not_answered() {
    let request = ask(&[
        (
            "outStatistics",
            r#"[{"statisticType":"avg","onStatisticField":"cnt","outStatisticFieldName":"mean"}]"#,
        ),
        ("groupByFieldsForStatistics", "name"),
        ("having", "COUNT(*) > 3 AND mean < 10 AND AVG(cnt) > 1"),
        ("orderByFields", "mean DESC"),
    ])
    .unwrap();
    let Output::Groups(groups) = request.query.output else { panic!("no groups") };
    assert_eq!(groups.statistics.len(), 2);
    assert_eq!(groups.order_by[0].field, 1);
    assert!(ask(&[("outStatistics", r#"[{"statisticType":"sum","onStatisticField":"name"}]"#)]).is_err());
}

#[test]
fn extent_and_count_come_together() {
    let request = ask(&[("returnExtentOnly", "true"), ("returnCountOnly", "true")]).unwrap();
    assert_eq!(request.ask, Ask::Extent { count: true });
}

#[test]
fn edits_are_typed_and_refused_one_by_one() {
    let adds = r#"[
        {"attributes": {"name": "abc", "CNT": "7", "kind": 1, "nothing": 5}, "geometry": {"x": 1, "y": 2}},
        {"attributes": {"name": "abcdef", "kind": 1}},
        {"attributes": {"cnt": 40000, "kind": 1}},
        {"attributes": {"name": "x"}},
        {"attributes": {"kind": 1}, "geometry": {"rings": []}},
        {"attributes": {"kind": 1}, "geometry": {"x": 9, "y": 50, "spatialReference": {"wkid": 4326}}}
    ]"#;
    let request =
        read_edits(Some(adds), Some(r#"[{"attributes":{"name":"q"}}]"#), &schema(), false, &|_| Ok(None))
            .unwrap();
    let refused: Vec<bool> = request.adds.iter().map(Result::is_err).collect();
    assert_eq!(refused, [false, true, true, true, true, false]);
    assert!(request.updates[0].is_err());
    assert_eq!(request.edits.adds[0].values[1], (2, Value::Int(7)));
    let why = request.adds[2].clone().unwrap_err().failure.unwrap().description;
    assert_eq!(why, "the value `40000` of the field `cnt` is too large");
    assert!(read_edits(Some("{]"), None, &schema(), false, &|_| Ok(None)).is_err());
}

#[test]
fn object_ids_come_in_every_form() {
    assert_eq!(read_object_ids("1, 2,3").unwrap(), [1, 2, 3]);
    assert_eq!(read_object_ids("[4]").unwrap(), [4]);
    assert!(read_object_ids("1;drop").is_err());
}
