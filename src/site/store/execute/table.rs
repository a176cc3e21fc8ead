//! Rows of one moment, wherever they are: in the image or among the edits since.

use geosharing_core::dataset::FieldType;
use geosharing_core::query::{Row, Shape, Value};

use crate::store::bitmap::Bitmap;
use crate::store::cell::Cell;
use crate::store::delta::Delta;
use crate::store::geopackage::StoredRow;
use crate::store::image::{Column, Image, Var};
use crate::store::layer::Layer;

/// A layer as one query sees it, with its arrays at hand.
pub(super) struct Table<'a> {
    pub(super) layer: &'a Layer,
    pub(super) image: &'a Image,
    pub(super) delta: &'a Delta,
    pub(super) oids: &'a [i64],
    shapes: Option<Var<'a>>,
    columns: Vec<Column<'a>>,
}

/// One row of the image.
#[derive(Clone, Copy)]
pub(super) struct ImageRow<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) row: usize,
}

/// One row among the edits.
#[derive(Clone, Copy)]
pub(super) struct DeltaRow<'a> {
    pub(super) layer: &'a Layer,
    pub(super) row: &'a StoredRow,
}

/// Gives a cell the kind that expressions and answers know.
fn value_of(cell: Cell<'_>, field_type: FieldType) -> Value<'_> {
    match cell {
        Cell::Int(value) if field_type == FieldType::Date => Value::Date(value),
        Cell::Int(value) => Value::Int(value),
        Cell::Float(value) => Value::Float(value),
        Cell::Text(text) => Value::Text(text.into()),
        // Blobs are not served as attributes.
        Cell::Null | Cell::Bytes(_) => Value::Null,
    }
}

/// Gives plain points as coordinates, which spares readers the parsing.
fn shape_of(wkb: &[u8]) -> Option<Shape<'_>> {
    if let [1, 1, 0, 0, 0, rest @ ..] = wkb {
        let x = f64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
        let y = f64::from_le_bytes(rest.get(8..16)?.try_into().ok()?);
        return (!x.is_nan() && !y.is_nan()).then_some(Shape::Point { x, y, z: None, m: None });
    }
    (!wkb.is_empty()).then_some(Shape::Wkb(wkb))
}

impl<'a> Table<'a> {
    pub(super) fn new(layer: &'a Layer, image: &'a Image, delta: &'a Delta) -> Self {
        Self {
            layer,
            image,
            delta,
            oids: image.oids(),
            shapes: image.shapes(),
            columns: (0..image.columns()).filter_map(|at| image.column(at)).collect(),
        }
    }

    /// Position among the image's columns; `None` for the row id.
    pub(super) fn position(&self, field: usize) -> Option<usize> {
        let oid = self.layer.schema.oid;
        match field.cmp(&oid) {
            std::cmp::Ordering::Less => Some(field),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(field - 1),
        }
    }

    /// The column of a field; `None` for the row id and for indexes out of range.
    pub(super) fn column(&self, field: usize) -> Option<Column<'a>> {
        self.columns.get(self.position(field)?).copied()
    }

    /// Rows of the image without a value in a field; `None` when all have one.
    pub(super) fn nulls(&self, field: usize) -> Option<Bitmap> {
        self.image.nulls(self.position(field)?)
    }

    pub(super) fn is_null(&self, field: usize, row: usize) -> bool {
        self.position(field).is_some_and(|at| self.image.is_null(at, row))
    }

    pub(super) fn wkb(&self, row: usize) -> &'a [u8] {
        self.shapes.map_or(&[], |shapes| shapes.bytes(row))
    }

    pub(super) fn row(&'a self, row: usize) -> ImageRow<'a> {
        ImageRow { table: self, row }
    }

    pub(super) fn delta_row(&'a self, row: &'a StoredRow) -> DeltaRow<'a> {
        DeltaRow { layer: self.layer, row }
    }

    pub(super) fn is_date(&self, field: usize) -> bool {
        self.layer.schema.field_type(field) == FieldType::Date
    }
}

impl Row for ImageRow<'_> {
    fn value(&self, field: usize) -> Value<'_> {
        let Some(at) = self.table.position(field) else {
            return self.table.oids.get(self.row).map_or(Value::Null, |oid| Value::Int(*oid));
        };
        let field_type = self.table.layer.schema.field_type(field);
        match self.table.columns.get(at) {
            Some(column) if !self.table.image.is_null(at, self.row) => {
                value_of(column.cell(self.row), field_type)
            }
            _ => Value::Null,
        }
    }

    fn shape(&self) -> Option<Shape<'_>> {
        shape_of(self.table.wkb(self.row))
    }
}

impl Row for DeltaRow<'_> {
    fn value(&self, field: usize) -> Value<'_> {
        let oid = self.layer.schema.oid;
        if field == oid {
            return Value::Int(self.row.oid);
        }
        let at = if field > oid { field - 1 } else { field };
        self.row
            .cells
            .get(at)
            .map_or(Value::Null, |cell| value_of(cell.as_cell(), self.layer.schema.field_type(field)))
    }

    fn shape(&self) -> Option<Shape<'_>> {
        shape_of(self.row.wkb.as_deref()?)
    }
}
