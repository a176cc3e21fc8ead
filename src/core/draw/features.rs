//! Answers of feature services to pixels.

use std::sync::Arc;

use arrow_array::{Array, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use serde_json::Value;

use super::{Canvas, Color, Style};
use crate::dataset::{Envelope, GEOMETRY_COLUMN, GeometryType};
use crate::geometry::{parse_geometry, write_wkb};
use crate::{Error, Result};

/// Draws answers of `query` with the `drawingInfo` of their layers as PNG, the first layer on top.
///
/// All answers must be in one spatial reference; ask for it with `outSR`.
///
/// # Errors
/// [`crate::Kind::InvalidInput`] for an answer without features or a layer without geometry.
pub fn draw_features(layers: &[(Value, Value)], width: u32, height: u32) -> Result<Vec<u8>> {
    let mut read = Vec::with_capacity(layers.len());
    let mut extent: Option<Envelope> = None;
    for (layer, answer) in layers {
        let kind: GeometryType = layer
            .get("geometryType")
            .and_then(|kind| serde_json::from_value(kind.clone()).ok())
            .ok_or_else(|| Error::invalid("a layer to draw has no geometryType"))?;
        let features = answer
            .get("features")
            .and_then(Value::as_array)
            .ok_or_else(|| Error::invalid("an answer to draw has no features; query with f=json"))?;
        let style = Style::from_drawing_info(layer.get("drawingInfo").unwrap_or(&Value::Null), kind);
        let (batch, covered) = batch_of(features, kind, &style)?;
        extent = match (extent, covered) {
            (Some(a), Some(b)) => Some(union(a, b)),
            (a, b) => a.or(b),
        };
        read.push((batch, style));
    }
    let extent = extent.unwrap_or(Envelope { xmin: -1.0, ymin: -1.0, xmax: 1.0, ymax: 1.0 });
    let (dx, dy) = ((extent.xmax - extent.xmin) * 0.04, (extent.ymax - extent.ymin) * 0.04);
    let shown = Envelope {
        xmin: extent.xmin - dx,
        ymin: extent.ymin - dy,
        xmax: extent.xmax + dx,
        ymax: extent.ymax + dy,
    };
    let mut canvas = Canvas::new(&shown, width, height, Color::WHITE)?;
    for (batch, style) in read.iter().rev() {
        canvas.draw(batch, style, &|x, y| Some((x, y)));
    }
    canvas.to_png()
}

fn union(a: Envelope, b: Envelope) -> Envelope {
    Envelope {
        xmin: a.xmin.min(b.xmin),
        ymin: a.ymin.min(b.ymin),
        xmax: a.xmax.max(b.xmax),
        ymax: a.ymax.max(b.ymax),
    }
}

fn batch_of(
    features: &[Value],
    kind: GeometryType,
    style: &Style,
) -> Result<(RecordBatch, Option<Envelope>)> {
    let mut extent: Option<Envelope> = None;
    let mut shapes: Vec<Option<Vec<u8>>> = Vec::with_capacity(features.len());
    for feature in features {
        let (parts, _) = parse_geometry(feature.get("geometry").unwrap_or(&Value::Null), kind)?;
        if let Some(covered) = parts.as_ref().and_then(crate::geometry::Parts::envelope) {
            extent = Some(extent.map_or(covered, |known| union(known, covered)));
        }
        shapes.push(parts.map(|parts| write_wkb(&parts)));
    }
    let mut fields = vec![Field::new(GEOMETRY_COLUMN, DataType::Binary, true)];
    let mut columns: Vec<Arc<dyn Array>> = vec![Arc::new(shapes.into_iter().collect::<BinaryArray>())];
    for name in style.fields() {
        let values: Vec<&Value> = features
            .iter()
            .map(|feature| feature.get("attributes").and_then(|row| row.get(&name)).unwrap_or(&Value::Null))
            .collect();
        let column: Arc<dyn Array> = if values.iter().any(|value| value.is_f64()) {
            Arc::new(values.iter().map(|value| value.as_f64()).collect::<Float64Array>())
        } else if values.iter().any(|value| value.is_i64()) {
            Arc::new(values.iter().map(|value| value.as_i64()).collect::<Int64Array>())
        } else {
            Arc::new(values.iter().map(|value| value.as_str()).collect::<StringArray>())
        };
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| Error::internal("features cannot be drawn").because(error))?;
    Ok((batch, extent))
}
