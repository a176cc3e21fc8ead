//! A store in memory: rows as values, every query a scan.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use geosharing_core::Result;
use geosharing_core::dataset::{Envelope, Field, FieldType, GeometryType, SpatialReference};
use geosharing_core::geometry::{Parts, matches};
use geosharing_core::query::{
    Aggregate, Change, EditFailure, EditOutcome, EditReply, Edits, Groups, OrderBy, OwnedValue, Row, Rows,
    Schema, Selection, Shape, Value,
};
use serde_json::json;

use crate::store::{FeatureStore, GroupTable, Layer, RowSink, ServiceDescription};

type Stored = (Vec<OwnedValue>, Option<Vec<u8>>);

pub(super) struct MemoryStore {
    layer: Arc<Layer>,
    rows: Mutex<BTreeMap<i64, Stored>>,
}

struct View<'a>(&'a Stored);

impl Row for View<'_> {
    fn value(&self, field: usize) -> Value<'_> {
        self.0.0.as_slice().value(field)
    }

    fn shape(&self) -> Option<Shape<'_>> {
        self.0.1.as_deref().map(Shape::Wkb)
    }
}

fn field(name: &str, field_type: FieldType) -> Field {
    let editable = field_type != FieldType::Oid;
    Field {
        name: name.to_owned(),
        field_type,
        alias: name.to_owned(),
        length: None,
        nullable: editable,
        editable,
        domain: None,
        default_value: None,
    }
}

fn mercator(lon: f64, lat: f64) -> Vec<u8> {
    let mut wkb = vec![1, 1, 0, 0, 0];
    let x = lon.to_radians() * 6_378_137.0;
    let y = (std::f64::consts::FRAC_PI_4 + lat.to_radians() / 2.0).tan().ln() * 6_378_137.0;
    wkb.extend_from_slice(&x.to_le_bytes());
    wkb.extend_from_slice(&y.to_le_bytes());
    wkb
}

impl MemoryStore {
    pub(super) fn towns() -> Self {
        let schema = Schema {
            fields: vec![
                field("OBJECTID", FieldType::Oid),
                field("name", FieldType::String),
                field("pop", FieldType::Integer),
                field("land", FieldType::String),
            ],
            geometry_type: Some(GeometryType::Point),
            spatial_reference: SpatialReference { wkid: Some(102_100), latest_wkid: Some(3857), wkt: None },
            ..Schema::default()
        };
        let definition = json!({"description": "as published", "capabilities": "Query,Editing"});
        let layer = Arc::new(Layer::new(0, "Towns", schema, definition).unwrap());
        let towns = [
            ("Ulm", 900, "BW", 9.99, 48.4),
            ("Biberach", 100, "BW", 9.79, 48.1),
            ("Aalen", 300, "BW", 10.09, 48.84),
            ("Passau", 200, "BY", 13.46, 48.57),
        ];
        let rows = towns.iter().zip(1..).map(|((name, pop, land, x, y), id)| {
            let values = vec![Value::Int(id), Value::from(*name), Value::Int(*pop), Value::from(*land)];
            (id, (values, Some(mercator(*x, *y))))
        });
        Self { layer, rows: Mutex::new(rows.collect()) }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.lock().unwrap().len()
    }

    pub(super) fn value(&self, id: i64, field: usize) -> OwnedValue {
        self.rows.lock().unwrap()[&id].0[field].clone()
    }

    fn select(&self, selection: &Selection) -> Vec<Stored> {
        let rows = self.rows.lock().unwrap();
        let chosen = rows.iter().filter(|(id, row)| {
            selection.object_ids.as_ref().is_none_or(|ids| ids.contains(id))
                && selection.filter.as_ref().is_none_or(|filter| filter.matches(&View(row)))
                && selection
                    .spatial
                    .as_ref()
                    .is_none_or(|filter| View(row).shape().is_some_and(|shape| matches(filter, shape)))
        });
        chosen.map(|(_, row)| row.clone()).collect()
    }

    fn sorted(&self, selection: &Selection, order_by: &[OrderBy]) -> Vec<Stored> {
        let mut rows = self.select(selection);
        sort(&mut rows, order_by, |row, field| row.0[field].clone());
        rows
    }
}

fn sort<T>(rows: &mut [T], order_by: &[OrderBy], value: impl Fn(&T, usize) -> OwnedValue) {
    rows.sort_by(|a, b| {
        let mut order = std::cmp::Ordering::Equal;
        for key in order_by {
            let next = value(a, key.field).sort_order(&value(b, key.field));
            order = order.then(if key.descending { next.reverse() } else { next });
        }
        order
    });
}

impl MemoryStore {
    fn apply_one(&self, edits: &Edits) -> EditReply {
        let mut rows = self.rows.lock().unwrap();
        let fine = |object_id: i64| EditOutcome { object_id, global_id: None, failure: None };
        let missing = |object_id: i64| EditOutcome {
            object_id,
            global_id: None,
            failure: Some(EditFailure { code: 1011, description: "no such row".to_owned() }),
        };
        let mut reply = EditReply::default();
        for add in &edits.adds {
            let id = rows.keys().max().unwrap_or(&0) + 1;
            let mut values = vec![Value::Null; self.layer.schema.fields.len()];
            values[0] = Value::Int(id);
            for (index, value) in &add.values {
                values[*index] = value.clone();
            }
            rows.insert(id, (values, add.geometry.clone()));
            reply.adds.push(fine(id));
        }
        for update in &edits.updates {
            let Some(row) = rows.get_mut(&update.object_id) else {
                reply.updates.push(missing(update.object_id));
                continue;
            };
            for (index, value) in &update.values {
                row.0[*index] = value.clone();
            }
            match &update.geometry {
                Change::Keep => {}
                Change::Clear => row.1 = None,
                Change::Set(wkb) => row.1 = Some(wkb.clone()),
            }
            reply.updates.push(fine(update.object_id));
        }
        for id in &edits.deletes {
            reply.deletes.push(if rows.remove(id).is_some() { fine(*id) } else { missing(*id) });
        }
        reply
    }
}

impl FeatureStore for MemoryStore {
    fn service(&self) -> Arc<ServiceDescription> {
        let definition =
            json!({"capabilities": "Query,Create,Update,Delete,Editing", "maxRecordCount": 1000});
        Arc::new(ServiceDescription { definition, item_data: None })
    }

    fn layers(&self) -> Vec<Arc<Layer>> {
        vec![Arc::clone(&self.layer)]
    }

    fn count(&self, _layer: u32, selection: &Selection) -> Result<u64> {
        Ok(self.select(selection).len() as u64)
    }

    fn ids(&self, _layer: u32, selection: &Selection, order_by: &[OrderBy]) -> Result<Vec<i64>> {
        Ok(self.sorted(selection, order_by).iter().filter_map(|row| row.0[0].as_i64()).collect())
    }

    fn extent(&self, _layer: u32, selection: &Selection) -> Result<(Option<Envelope>, u64)> {
        let rows = self.select(selection);
        let mut all = Parts::default();
        for row in &rows {
            let mut parts = Parts::default();
            parts.read(Shape::Wkb(row.1.as_deref().unwrap_or_default()))?;
            all.coords.extend(parts.coords);
        }
        Ok((all.envelope(), rows.len() as u64))
    }

    fn rows(&self, _layer: u32, selection: &Selection, rows: &Rows, sink: &mut dyn RowSink) -> Result<bool> {
        let found = self.sorted(selection, &rows.order_by);
        let limit = rows.paging.limit.unwrap_or(u64::MAX) as usize;
        let rest: Vec<_> = found.iter().skip(rows.paging.offset as usize).collect();
        for row in rest.iter().take(limit) {
            sink.row(&View(row))?;
        }
        Ok(rest.len() > limit)
    }

    fn groups(&self, _layer: u32, selection: &Selection, groups: &Groups) -> Result<GroupTable> {
        let mut tables: Vec<(Vec<OwnedValue>, Vec<Stored>)> = Vec::new();
        for row in self.select(selection) {
            let keys: Vec<OwnedValue> = groups.keys.iter().map(|key| row.0[*key].clone()).collect();
            match tables.iter_mut().find(|(known, _)| *known == keys) {
                Some((_, rows)) => rows.push(row),
                None => tables.push((keys, vec![row])),
            }
        }
        let mut rows: Vec<Vec<OwnedValue>> = tables
            .into_iter()
            .map(|(mut keys, rows)| {
                for statistic in &groups.statistics {
                    let values = || rows.iter().filter_map(|row| row.0[statistic.field?].as_i64());
                    keys.push(match statistic.aggregate {
                        Aggregate::Count => Value::Int(rows.len() as i64),
                        Aggregate::Sum => Value::Float(values().sum::<i64>() as f64),
                        _ => values().max().map_or(Value::Null, Value::Int),
                    });
                }
                keys
            })
            .filter(|row| groups.having.as_ref().is_none_or(|having| having.matches(row.as_slice())))
            .collect();
        sort(&mut rows, &groups.order_by, |row, column| row[column].clone());
        Ok(GroupTable { rows, more: false })
    }

    fn apply_all(&self, edits: &[(u32, &Edits)]) -> Result<Vec<EditReply>> {
        Ok(edits.iter().map(|(_, edits)| self.apply_one(edits)).collect())
    }

    fn define(&self, _layer: u32, _definition: serde_json::Value) -> Result<()> {
        Ok(())
    }

    fn version(&self) -> u64 {
        0
    }
}
