//! Publishes a million points into a store and asks it the usual questions.
//!
//! `cargo bench -p geosharing-site --bench store`; the comparison with other software is
//! `benches/queries.py` and `benches/ingest.py`.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::map_unwrap_or,
    clippy::print_stdout,
    reason = "a bench stops where it fails"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{
    ArrayRef, BinaryArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use geosharing_core::Result;
use geosharing_core::dataset::{
    Dataset, Envelope, Field, FieldType, GEOMETRY_COLUMN, GeometryType, MemoryDatasets, OID_COLUMN, Source,
    SpatialReference,
};
use geosharing_core::query::{
    Aggregate, Groups, OrderBy, Paging, Row, Rows, Schema, Selection, SpatialFilter, SpatialRelation,
    Statistic, bind, parse,
};
use geosharing_site::store::{
    FeatureStore, HostedStore, Layer, LayerSource, ServiceDescription, ServiceSource,
};

const ROWS: i64 = 1_000_000;

fn schema() -> Schema {
    let field = |name: &str, field_type| Field {
        name: name.into(),
        field_type,
        alias: name.into(),
        length: None,
        nullable: true,
        editable: true,
        domain: None,
        default_value: None,
    };
    Schema {
        fields: vec![
            field("OBJECTID", FieldType::Oid),
            field("name", FieldType::String),
            field("category", FieldType::String),
            field("value", FieldType::Double),
            field("pop", FieldType::Integer),
            field("updated", FieldType::Date),
        ],
        geometry_type: Some(GeometryType::Point),
        spatial_reference: SpatialReference { wkid: Some(4326), latest_wkid: Some(4326), wkt: None },
        ..Schema::default()
    }
}

fn batch(from: i64, to: i64) -> RecordBatch {
    let random = |row: i64, salt: u64| {
        let mixed = (row as u64 ^ salt << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11
    };
    let unit = |row, salt| random(row, salt) as f64 / (1_u64 << 53) as f64;
    let points: Vec<Vec<u8>> = (from..to)
        .map(|row| {
            let mut wkb = vec![1, 1, 0, 0, 0];
            wkb.extend((unit(row, 1) * 360.0 - 180.0).to_le_bytes());
            wkb.extend((unit(row, 2) * 180.0 - 90.0).to_le_bytes());
            wkb
        })
        .collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("name", Arc::new((from..to).map(|row| Some(format!("point {row}"))).collect::<StringArray>())),
        (
            "category",
            Arc::new(
                (from..to).map(|row| Some(format!("cat{}", random(row, 3) % 10))).collect::<StringArray>(),
            ),
        ),
        ("value", Arc::new((from..to).map(|row| unit(row, 4) * 10_000.0).collect::<Float64Array>())),
        ("pop", Arc::new((from..to).map(|row| (random(row, 5) % 100_000) as i32).collect::<Int32Array>())),
        (
            "updated",
            Arc::new(TimestampMillisecondArray::from_iter_values((from..to).map(|row| row * 60_000))),
        ),
        (OID_COLUMN, Arc::new((from..to).map(|row| row + 1).collect::<Int64Array>())),
        (GEOMETRY_COLUMN, Arc::new(BinaryArray::from_iter_values(&points))),
    ];
    RecordBatch::try_from_iter(columns).unwrap_or_else(|error| panic!("{error}"))
}

fn time(what: &str, mut ask: impl FnMut()) {
    ask();
    let started = Instant::now();
    let mut rounds = 0;
    while started.elapsed() < Duration::from_millis(300) {
        ask();
        rounds += 1;
    }
    eprintln!("{what:40} {:>10.1} us", started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
}

fn main() -> Result<()> {
    let batches: Vec<RecordBatch> =
        (0..ROWS).step_by(65_536).map(|at| batch(at, (at + 65_536).min(ROWS))).collect();
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
        count: ROWS as u64,
        oid_field: None,
        global_id_field: None,
        fields: Vec::new(),
        subtypes: None,
    };
    let arrow = batches.first().map(RecordBatch::schema).unwrap_or_else(|| panic!("no rows"));
    datasets.insert(dataset, arrow, batches);
    let columns = schema().fields.iter().map(|field| Some(field.name.clone())).collect();
    let source = ServiceSource {
        service: ServiceDescription::default(),
        layers: vec![LayerSource {
            layer: Layer::new(0, "points", schema(), serde_json::Value::Null)?,
            source: Some(Source { path: "memory".into(), layer: Some("points".into()), filter: None }),
            columns,
        }],
    };
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let started = Instant::now();
    let store = HostedStore::create(&folder.path().join("s"), &source, &datasets)?;
    eprintln!("publish of {ROWS} rows: {:.2} s", started.elapsed().as_secs_f64());
    drop(store);
    let started = Instant::now();
    let store = HostedStore::open(&folder.path().join("s"))?;
    eprintln!("open: {:.3} s", started.elapsed().as_secs_f64());

    let filter = |text: &str| -> Result<Selection> {
        Ok(Selection { filter: bind(parse(text)?, &schema())?, ..Selection::default() })
    };
    let all = Selection::default();
    let category = filter("category = 'cat3'")?;
    let value = filter("value > 5000")?;
    let (xmin, ymin, xmax, ymax) = (10.0, 45.0, 20.0, 55.0);
    let rect = geo::Rect::new((xmin, ymin), (xmax, ymax)).to_polygon();
    let bbox = Selection {
        spatial: Some(SpatialFilter {
            geometry: geo::Geometry::Polygon(rect),
            relation: SpatialRelation::Intersects,
            distance: 0.0,
            envelope: Envelope { xmin, ymin, xmax, ymax },
            is_envelope: true,
        }),
        ..Selection::default()
    };
    for (what, selection) in
        [("all", &all), ("category", &category), ("value > 5000", &value), ("bbox", &bbox)]
    {
        time(&format!("count {what}"), || drop(store.count(0, selection)));
        for offset in [0, 500_000] {
            let rows = Rows {
                fields: (0..6).collect(),
                geometry: true,
                order_by: Vec::new(),
                paging: Paging { offset, limit: Some(1000) },
            };
            time(&format!("page {what} at {offset}"), || {
                let mut seen = 0;
                let mut sink = |row: &dyn Row| {
                    seen += rows.fields.iter().filter(|field| !row.value(**field).is_null()).count();
                    seen += usize::from(row.shape().is_some());
                    Ok(())
                };
                let _ = store.rows(0, selection, &rows, &mut sink);
            });
        }
    }
    let ordered = Rows {
        order_by: vec![OrderBy { field: 3, descending: true }],
        paging: Paging { offset: 0, limit: Some(1000) },
        ..Rows::default()
    };
    time("top 1000 by value", || drop(store.rows(0, &all, &ordered, &mut |_: &dyn Row| Ok(()))));
    let statistic = |aggregate, field| Statistic { aggregate, field, name: "s".into() };
    let groups = Groups {
        keys: vec![2],
        statistics: vec![
            statistic(Aggregate::Average, Some(3)),
            statistic(Aggregate::Count, None),
            statistic(Aggregate::Max, Some(4)),
        ],
        ..Groups::default()
    };
    time("average, count, max by category", || drop(store.groups(0, &all, &groups)));
    Ok(())
}
