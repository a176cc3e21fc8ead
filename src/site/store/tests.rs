use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use geosharing_core::dataset::{
    Dataset, Field, FieldType, GEOMETRY_COLUMN, GeometryType, MemoryDatasets, OID_COLUMN, Source,
    SpatialReference,
};
use geosharing_core::query::{
    Aggregate, Change, Edits, Groups, NewRow, OrderBy, OwnedValue, Paging, Row, RowChange, Rows, Schema,
    Selection, SpatialFilter, SpatialRelation, Statistic, Value, bind, parse,
};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::*;

const OID: usize = 0;
const NAME: usize = 1;
const CATEGORY: usize = 2;
const VALUE: usize = 3;
const POPULATION: usize = 4;
const WHEN: usize = 5;
const GLOBAL_ID: usize = 6;

fn field(name: &str, field_type: FieldType) -> Field {
    Field {
        name: name.into(),
        field_type,
        alias: format!("{name}!"),
        length: None,
        nullable: true,
        editable: true,
        domain: None,
        default_value: None,
    }
}

fn schema() -> Schema {
    Schema {
        fields: vec![
            field("OBJECTID", FieldType::Oid),
            field("name", FieldType::String),
            field("category", FieldType::String),
            field("value", FieldType::Double),
            field("pop", FieldType::Integer),
            field("seen", FieldType::Date),
            field("GlobalID", FieldType::GlobalId),
        ],
        oid: OID,
        global_id: Some(GLOBAL_ID),
        geometry_type: Some(GeometryType::Point),
        has_z: false,
        has_m: false,
        spatial_reference: SpatialReference { wkid: Some(4326), latest_wkid: Some(4326), wkt: None },
    }
}

fn point(x: f64, y: f64) -> Vec<u8> {
    let mut wkb = vec![1, 1, 0, 0, 0];
    wkb.extend(x.to_le_bytes());
    wkb.extend(y.to_le_bytes());
    wkb
}

fn spread(row: i64, salt: i64) -> i64 {
    (row.wrapping_mul(7_919).wrapping_add(salt.wrapping_mul(104_729))).rem_euclid(1_000)
}

fn batch(oids: &[i64], with_ids: bool) -> RecordBatch {
    let some = |row: i64, salt: i64| spread(row, salt) > 50;
    let names = oids.iter().map(|row| some(*row, 1).then(|| format!("n{}é", row * 31 % 9973)));
    let categories = oids.iter().map(|row| some(*row, 2).then(|| format!("c{}", spread(*row, 3) % 7)));
    let values = oids.iter().map(|row| some(*row, 4).then(|| spread(*row, 5) as f64 / 8.0 - 40.0));
    let population = oids.iter().map(|row| some(*row, 6).then(|| spread(*row, 7) as i32 - 300));
    let seen = oids.iter().map(|row| some(*row, 8).then(|| row * 86_400_000 - 5));
    let shapes: Vec<Option<Vec<u8>>> = oids
        .iter()
        .map(|row| {
            some(*row, 9).then(|| point(spread(*row, 10) as f64 / 10.0, spread(*row, 11) as f64 / 20.0))
        })
        .collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("name", Arc::new(names.collect::<StringArray>())),
        ("category", Arc::new(categories.collect::<StringArray>())),
        ("value", Arc::new(values.collect::<Float64Array>())),
        ("pop", Arc::new(population.collect::<Int32Array>())),
        ("seen", Arc::new(seen.collect::<TimestampMillisecondArray>())),
        (OID_COLUMN, Arc::new(Int64Array::from(oids.to_vec()))),
        (GEOMETRY_COLUMN, Arc::new(shapes.iter().map(Option::as_deref).collect::<BinaryArray>())),
    ];
    if with_ids {
        let ids = oids.iter().map(|row| Some(format!("{{00000000-0000-4000-8000-{row:012}}}")));
        columns.push(("GlobalID", Arc::new(ids.collect::<StringArray>())));
    }
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn datasets(batches: Vec<RecordBatch>) -> MemoryDatasets {
    let mut datasets = MemoryDatasets::default();
    let dataset = Dataset {
        name: "points".into(),
        alias: None,
        driver: "Memory".into(),
        geometry_type: Some(GeometryType::Point),
        has_z: false,
        has_m: false,
        spatial_reference: None,
        extent: None,
        count: batches.iter().map(|batch| batch.num_rows() as u64).sum(),
        oid_field: Some("OBJECTID".into()),
        global_id_field: None,
        fields: Vec::new(),
        subtypes: None,
    };
    let schema = batches[0].schema();
    datasets.insert(dataset, schema, batches);
    datasets
}

fn source(with_ids: bool) -> ServiceSource {
    let mut columns: Vec<Option<String>> =
        schema().fields.iter().map(|field| Some(field.name.clone())).collect();
    if !with_ids {
        columns[GLOBAL_ID] = None;
    }
    ServiceSource {
        service: ServiceDescription { definition: json!({"description": "d"}), item_data: None },
        layers: vec![LayerSource {
            layer: Layer::new(0, "Points of \"interest\"", schema(), json!({"name": "Points"})).unwrap(),
            source: Some(Source { path: "memory".into(), layer: Some("points".into()), filter: None }),
            columns,
        }],
    }
}

fn store_of(batches: Vec<RecordBatch>) -> (TempDir, Arc<HostedStore>) {
    let folder = tempfile::tempdir().unwrap();
    let store = HostedStore::create(&folder.path().join("s"), &source(true), &datasets(batches)).unwrap();
    (folder, store)
}

fn sample() -> (TempDir, Arc<HostedStore>) {
    let oids: Vec<i64> = (1..=3000).filter(|row| row % 11 != 0).collect();
    store_of(oids.chunks(700).map(|oids| batch(oids, true)).collect())
}

fn filter(text: &str) -> Selection {
    Selection { filter: bind(parse(text).unwrap(), &schema()).unwrap(), ..Selection::default() }
}

fn everything(store: &HostedStore) -> Vec<Vec<OwnedValue>> {
    page(store, &Selection::default(), &[], 0, None).0
}

fn page(
    store: &HostedStore,
    selection: &Selection,
    order_by: &[OrderBy],
    offset: u64,
    limit: Option<u64>,
) -> (Vec<Vec<OwnedValue>>, bool) {
    let mut all = Vec::new();
    let rows = Rows {
        fields: (0..7).collect(),
        geometry: true,
        order_by: order_by.to_vec(),
        paging: Paging { offset, limit },
    };
    let mut sink = |row: &dyn Row| {
        all.push((0..7).map(|field| row.value(field).into_owned()).collect::<Vec<_>>());
        Ok(())
    };
    let more = store.rows(0, selection, &rows, &mut sink).unwrap();
    (all, more)
}

fn by(field: usize, descending: bool) -> OrderBy {
    OrderBy { field, descending }
}

fn edits() -> Edits {
    let set = |field, value: OwnedValue| (field, value);
    Edits {
        adds: vec![NewRow {
            values: vec![
                set(NAME, "new".to_owned().into()),
                set(CATEGORY, "c9".to_owned().into()),
                set(WHEN, Value::Date(-1)),
            ],
            geometry: Some(point(500.0, 500.0)),
        }],
        updates: vec![RowChange {
            object_id: 7,
            values: vec![set(POPULATION, 123_456.into()), set(CATEGORY, Value::Null)],
            geometry: Change::Set(point(-500.0, 0.0)),
        }],
        deletes: vec![1, 2, 3],
        rollback_on_failure: true,
    }
}

fn box_filter(xmin: f64, ymin: f64, xmax: f64, ymax: f64) -> Selection {
    let envelope = Envelope { xmin, ymin, xmax, ymax };
    let rect = geo::Rect::new((xmin, ymin), (xmax, ymax));
    let spatial = SpatialFilter {
        geometry: geo::Geometry::Polygon(rect.to_polygon()),
        relation: SpatialRelation::Intersects,
        distance: 0.0,
        envelope,
        is_envelope: true,
    };
    Selection { spatial: Some(spatial), ..Selection::default() }
}

/// Checks answers of the store against plain loops over all of its rows.
fn agrees(store: &HostedStore, text: &str) {
    let all = everything(store);
    let selection = filter(text);
    let expected: Vec<Vec<OwnedValue>> = all
        .iter()
        .filter(|row| selection.filter.as_ref().is_none_or(|condition| condition.matches(row.as_slice())))
        .cloned()
        .collect();
    assert_eq!(store.count(0, &selection).unwrap(), expected.len() as u64, "{text}");
    let (rows, more) = page(store, &selection, &[], 0, None);
    assert_eq!(rows, expected, "{text}");
    assert!(!more);
    for order in [
        [by(CATEGORY, false), by(VALUE, true)],
        [by(POPULATION, true), by(NAME, false)],
        [by(NAME, true), by(OID, true)],
    ] {
        let mut sorted = expected.clone();
        sorted.sort_by(|a, b| {
            let mut result = std::cmp::Ordering::Equal;
            for key in &order {
                let one = a[key.field].sort_order(&b[key.field]);
                result = result.then(if key.descending { one.reverse() } else { one });
            }
            result.then(a[OID].sort_order(&b[OID]))
        });
        let (rows, more) = page(store, &selection, &order, 5, Some(20));
        let cut: Vec<_> = sorted.iter().skip(5).take(20).cloned().collect();
        assert_eq!(rows, cut, "{text} by {order:?}");
        assert_eq!(more, sorted.len() > 25);
    }
    let groups = Groups {
        keys: vec![CATEGORY],
        statistics: vec![
            Statistic { aggregate: Aggregate::Count, field: None, name: "n".into() },
            Statistic { aggregate: Aggregate::Sum, field: Some(POPULATION), name: "s".into() },
            Statistic { aggregate: Aggregate::Max, field: Some(NAME), name: "m".into() },
        ],
        ..Groups::default()
    };
    let answer = store.groups(0, &selection, &groups).unwrap();
    let mut sums: HashMap<String, (i64, Option<i64>, OwnedValue)> = HashMap::new();
    for row in &expected {
        let entry = sums.entry(format!("{:?}", row[CATEGORY])).or_insert((0, None, Value::Null));
        entry.0 += 1;
        if let Value::Int(value) = row[POPULATION] {
            entry.1 = Some(entry.1.unwrap_or(0) + value);
        }
        if row[NAME].sort_order(&entry.2).is_gt() {
            entry.2 = row[NAME].clone();
        }
    }
    assert_eq!(answer.rows.len(), sums.len(), "{text}");
    for row in &answer.rows {
        let (count, sum, most) = &sums[&format!("{:?}", row[0])];
        assert_eq!(row[1], Value::Int(*count));
        assert_eq!(row[2], sum.map_or(Value::Null, Value::Int));
        assert_eq!(row[3], *most);
    }
}

#[test]
fn a_publish_keeps_ids_values_and_geometries() {
    let (_folder, store) = sample();
    let rows = everything(&store);
    assert_eq!(rows.len(), 3000 - 3000 / 11);
    assert_eq!(rows[0][OID], Value::Int(1));
    assert_eq!(rows[10][OID], Value::Int(12));
    let row = rows.iter().find(|row| row[OID] == Value::Int(500)).unwrap();
    assert_eq!(row[GLOBAL_ID], Value::from("{00000000-0000-4000-8000-000000000500}"));
    assert_eq!(row[WHEN], Value::Date(500 * 86_400_000 - 5));
    let (extent, count) = store.extent(0, &Selection::default()).unwrap();
    assert_eq!(count, rows.len() as u64);
    assert!(extent.unwrap().xmax <= 100.0);
    assert_eq!(store.layers()[0].name, "Points of \"interest\"");
}

#[test]
fn conditions_over_columns_agree_with_conditions_over_rows() {
    let (_folder, store) = sample();
    let texts = [
        "1=1",
        "category = 'c3'",
        "category <> 'c3'",
        "category IN ('c1', 'c2', 'zzz')",
        "category NOT IN ('c1')",
        "category IS NULL",
        "NOT (category = 'c1' OR value > 10)",
        "name LIKE 'n12%'",
        "name LIKE '%é' AND pop BETWEEN 0 AND 100",
        "UPPER(category) = 'C4' AND value IS NOT NULL",
        "value > 0 AND value <= 20.5",
        "value NOT BETWEEN -10 AND 10 OR category IS NULL",
        "pop = 17 OR pop = 18.0 OR pop < -250.5",
        "pop + OBJECTID > 1200",
        "OBJECTID >= 100 AND OBJECTID < 200",
        "OBJECTID IN (5, 6, 7, 11, 99999)",
        "seen > DATE '1972-01-01' AND NOT pop > 100",
        "NOT (pop > 100) AND (value < 3 OR NOT category = 'c2')",
        "category > 'c2' AND category < 'c5'",
    ];
    for text in texts {
        agrees(&store, text);
    }
    store.apply(0, &edits()).unwrap();
    for text in texts {
        agrees(&store, text);
    }
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..9).prop_map(|c| format!("category = 'c{c}'")),
        (0..9).prop_map(|c| format!("category >= 'c{c}'")),
        (-400..800).prop_map(|n| format!("pop < {n}")),
        (-400..800).prop_map(|n| format!("pop <> {n}")),
        (-50..100).prop_map(|n| format!("value >= {n}.25")),
        (0..3000).prop_map(|n| format!("OBJECTID > {n}")),
        (0..99).prop_map(|n| format!("name LIKE '%{n}%'")),
        (0..9).prop_map(|c| format!("CHAR_LENGTH(name) > {c}")),
        Just("value IS NULL".to_owned()),
        Just("value > pop".to_owned()),
        Just("seen IS NOT NULL".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            inner.prop_map(|a| format!("(NOT {a})")),
        ]
    })
}

#[test]
fn random_conditions_agree_with_and_without_edits() {
    let (_folder, store) = sample();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let run = |runner: &mut proptest::test_runner::TestRunner| {
        runner
            .run(&condition(), |text| {
                agrees(&store, &text);
                Ok(())
            })
            .unwrap();
    };
    run(&mut runner);
    store.apply(0, &edits()).unwrap();
    run(&mut runner);
}

#[test]
fn boxes_find_what_a_scan_finds() {
    let (_folder, store) = sample();
    let inside = |selection: &Selection, xmin: f64, ymin: f64, xmax: f64, ymax: f64| {
        let mut count = 0;
        let mut sink = |row: &dyn Row| {
            if let Some(geosharing_core::query::Shape::Point { x, y, .. }) = row.shape()
                && (xmin..=xmax).contains(&x)
                && (ymin..=ymax).contains(&y)
            {
                count += 1;
            }
            Ok(())
        };
        store.rows(0, selection, &Rows::default(), &mut sink).unwrap();
        count
    };
    let check = || {
        for (xmin, ymin, xmax, ymax) in [
            (0.0, 0.0, 10.0, 10.0),
            (20.1, 5.05, 60.3, 30.0),
            (-600.0, -1.0, -400.0, 1.0),
            (7.0, 7.0, 7.0, 7.0),
        ] {
            let expected = inside(&Selection::default(), xmin, ymin, xmax, ymax);
            let selection = box_filter(xmin, ymin, xmax, ymax);
            assert_eq!(store.count(0, &selection).unwrap(), expected);
            assert_eq!(inside(&selection, xmin, ymin, xmax, ymax), expected);
        }
    };
    check();
    store.apply(0, &edits()).unwrap();
    check();
}

#[test]
fn pages_join_without_gap_or_overlap_also_after_edits() {
    let (_folder, store) = sample();
    store.apply(0, &edits()).unwrap();
    for text in ["1=1", "category = 'c3' OR category IS NULL"] {
        let selection = filter(text);
        let (all, _) = page(&store, &selection, &[], 0, None);
        let mut joined = Vec::new();
        loop {
            let (rows, more) = page(&store, &selection, &[], joined.len() as u64, Some(97));
            assert!(rows.len() == 97 || !more);
            joined.extend(rows);
            if !more {
                break;
            }
        }
        assert_eq!(joined, all);
        assert!(joined.is_sorted_by(|a, b| a[OID].sort_order(&b[OID]).is_lt()));
    }
}

#[test]
fn edits_are_seen_at_once_survive_a_restart_and_never_reuse_an_id() {
    let (folder, store) = sample();
    let before = store.version();
    let reply = store.apply(0, &edits()).unwrap();
    assert!(store.version() > before);
    assert_eq!(reply.adds[0].object_id, 3001);
    assert!(reply.adds[0].global_id.as_ref().is_some_and(|id| id.len() == 38));
    assert_eq!(reply.updates[0].global_id.as_deref(), Some("{00000000-0000-4000-8000-000000000007}"));
    let deletes = Edits { deletes: vec![3001], ..Edits::default() };
    let seen = everything(&store);
    assert_eq!(seen.last().unwrap()[NAME], Value::from("new"));
    assert_eq!(seen.last().unwrap()[WHEN], Value::Date(-1));
    assert_eq!(seen[0][OID], Value::Int(4));
    drop(store);
    let store = HostedStore::open(&folder.path().join("s")).unwrap();
    assert_eq!(everything(&store), seen);
    store.apply(0, &deletes).unwrap();
    drop(store);
    let store = HostedStore::open(&folder.path().join("s")).unwrap();
    let again = Edits { rollback_on_failure: false, ..edits() };
    assert_eq!(store.apply(0, &again).unwrap().adds[0].object_id, 3002);
}

#[test]
fn one_failure_undoes_everything_when_asked_to() {
    let (_folder, store) = sample();
    let before = everything(&store);
    let bad = Edits { deletes: vec![1, 424_242], ..edits() };
    let reply = store.apply(0, &bad).unwrap();
    assert_eq!(reply.deletes[1].failure.as_ref().map(|failure| failure.code), Some(1019));
    assert_eq!(reply.deletes[0].failure.as_ref().map(|failure| failure.code), Some(1003));
    assert_eq!(reply.adds[0].object_id, -1);
    assert_eq!(everything(&store), before);
    let kept = store.apply(0, &Edits { rollback_on_failure: false, ..bad }).unwrap();
    assert!(kept.deletes[0].failure.is_none() && kept.deletes[1].failure.is_some());
    assert_eq!(everything(&store).len(), before.len());
}

#[test]
fn compaction_changes_nothing_that_can_be_seen() {
    let (folder, store) = sample();
    store.apply(0, &edits()).unwrap();
    let before = everything(&store);
    store.compact(0).unwrap();
    assert_eq!(everything(&store), before);
    store.apply(0, &Edits { deletes: vec![4], ..Edits::default() }).unwrap();
    let before = everything(&store);
    drop(store);
    let store = HostedStore::open(&folder.path().join("s")).unwrap();
    assert_eq!(everything(&store), before);
    agrees(&store, "pop > 0");
}

fn image_path(folder: &Path) -> std::path::PathBuf {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "image")).unwrap()
}

#[test]
fn damaged_and_missing_images_are_built_again() {
    let (folder, store) = sample();
    store.apply(0, &edits()).unwrap();
    let before = everything(&store);
    drop(store);
    let folder = folder.path().join("s");
    let bytes = fs::read(image_path(&folder)).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 3] ^= 0x10;
    for damaged in [&bytes[..bytes.len() / 2], &bytes[..10], &[], &flipped] {
        fs::write(image_path(&folder), damaged).unwrap();
        let store = HostedStore::open(&folder).unwrap();
        assert_eq!(everything(&store), before);
    }
    fs::remove_file(image_path(&folder)).unwrap();
    assert_eq!(everything(&HostedStore::open(&folder).unwrap()), before);
}

#[test]
fn a_failed_publish_leaves_nothing_and_a_failed_overwrite_the_old_service() {
    let good = batch(&[1, 2, 3], true);
    let twice = batch(&[3, 3], true);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    assert!(HostedStore::create(&path, &source(true), &datasets(vec![twice.clone()])).is_err());
    assert!(!path.exists());
    let store = HostedStore::create(&path, &source(true), &datasets(vec![good])).unwrap();
    let before = everything(&store);
    let files = fs::read_dir(&path).unwrap().count();
    let error = store.replace(&source(true), &datasets(vec![twice])).unwrap_err();
    assert!(error.to_string().contains("layer `Points of"), "{error}");
    assert_eq!(everything(&store), before);
    assert_eq!(fs::read_dir(&path).unwrap().count(), files);
    store.apply(0, &edits()).unwrap();
    store.replace(&source(true), &datasets(vec![batch(&[9, 8, 7], true)])).unwrap();
    assert_eq!(
        everything(&store).iter().map(|row| row[OID].clone()).collect::<Vec<_>>(),
        [Value::Int(7), Value::Int(8), Value::Int(9)]
    );
    drop(store);
    assert_eq!(everything(&HostedStore::open(&path).unwrap()).len(), 3);
}

#[test]
fn what_a_killed_publish_left_is_swept_away() {
    let (folder, store) = sample();
    drop(store);
    let path = folder.path().join("s");
    fs::write(path.join("DEAD.gpkg"), "half").unwrap();
    fs::write(path.join("DEAD.0.image"), "half").unwrap();
    let store = HostedStore::open(&path).unwrap();
    assert!(!path.join("DEAD.gpkg").exists());
    assert_eq!(store.count(0, &Selection::default()).unwrap(), 2728);
    let other = folder.path().join("t");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("DEAD.gpkg"), "half").unwrap();
    assert!(HostedStore::open(&other).is_err());
    assert!(HostedStore::create(&other, &source(true), &datasets(vec![batch(&[1], true)])).is_ok());
}

#[test]
fn the_packed_tree_of_the_record_is_one_that_sqlite_accepts() {
    for count in [0, 1, 51, 52, 51 * 51 + 1] {
        let oids: Vec<i64> = (1..=count).collect();
        let (_folder, store) = store_of(vec![batch(&oids, true)]);
        let connection = rusqlite::Connection::open(store.record_path()).unwrap();
        let name: String = connection
            .query_row(
                "SELECT name FROM sqlite_master WHERE name LIKE 'rtree%geom' AND type = 'table'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        let verdict: String =
            connection.query_row("SELECT rtreecheck('main', ?1)", [&name], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok", "{count} rows");
        let sql = format!("SELECT count(*) FROM \"{name}\" WHERE minx <= 50 AND maxx >= 20 AND miny <= 25");
        let found: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        let selection = box_filter(20.0, -10.0, 50.0, 25.0);
        assert_eq!(found as u64, store.count(0, &selection).unwrap(), "{count} rows");
        store.apply(0, &edits()).unwrap();
        let verdict: String =
            connection.query_row("SELECT rtreecheck('main', ?1)", [&name], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok", "{count} rows and edits");
    }
}

#[test]
fn global_ids_are_made_where_the_source_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let rows = batch(&(1..=100).collect::<Vec<_>>(), false);
    let store = HostedStore::create(&folder.path().join("s"), &source(false), &datasets(vec![rows])).unwrap();
    let mut ids: Vec<String> = everything(&store).iter().map(|row| format!("{:?}", row[GLOBAL_ID])).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);
}

#[test]
fn statistics_follow_sql() {
    let (_folder, store) = sample();
    let all = everything(&store);
    let values: Vec<f64> = all.iter().filter_map(|row| row[VALUE].as_f64()).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64;
    let ask = |aggregate, field| Statistic { aggregate, field: Some(field), name: "s".into() };
    let groups = Groups {
        statistics: vec![
            ask(Aggregate::Average, VALUE),
            ask(Aggregate::Variance, VALUE),
            ask(Aggregate::Min, WHEN),
            ask(Aggregate::Max, OID),
            ask(Aggregate::Count, NAME),
        ],
        ..Groups::default()
    };
    let answer = store.groups(0, &Selection::default(), &groups).unwrap();
    let row = &answer.rows[0];
    assert!((row[0].as_f64().unwrap() - mean).abs() < 1e-9);
    assert!((row[1].as_f64().unwrap() - variance).abs() < 1e-6);
    assert!(matches!(row[2], Value::Date(_)));
    assert_eq!(row[3], Value::Int(3000));
    assert_eq!(row[4], Value::Int(all.iter().filter(|row| !row[NAME].is_null()).count() as i64));
    let nothing = store.groups(0, &filter("OBJECTID < 0"), &groups).unwrap();
    assert_eq!(nothing.rows, [[Value::Null, Value::Null, Value::Null, Value::Null, Value::Int(0)]]);
    let distinct =
        Groups { keys: vec![CATEGORY], paging: Paging { offset: 1, limit: Some(2) }, ..Groups::default() };
    let answer = store.groups(0, &Selection::default(), &distinct).unwrap();
    assert_eq!(answer.rows, [[Value::from("c0")], [Value::from("c1")]]);
    assert!(answer.more);
}

#[test]
fn readers_are_served_while_edits_go_on() {
    let (_folder, store) = sample();
    let writer = Arc::clone(&store);
    let editing = std::thread::spawn(move || {
        for _ in 0..40 {
            writer.apply(0, &Edits { adds: edits().adds, ..Edits::default() }).unwrap();
        }
    });
    let mut last = 0;
    while !editing.is_finished() {
        let count = store.count(0, &Selection::default()).unwrap();
        assert!(count >= last);
        last = count;
    }
    editing.join().unwrap();
    assert_eq!(store.count(0, &filter("name = 'new'")).unwrap(), 40);
}
