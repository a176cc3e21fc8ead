//! Answers queries from an image and the edits since.

mod filter;
mod groups;
mod order;
mod percentile;
mod select;
mod table;

use geosharing_core::Result;
use geosharing_core::dataset::Envelope;
use geosharing_core::query::{Groups, OrderBy, Paging, Row, Rows, Selection, Value};

use self::select::select;
use self::table::Table;
use super::delta::Delta;
use super::image::Image;
use super::layer::Layer;
use super::wkb::{self, NOWHERE};
use super::{GroupTable, RowSink};

/// A layer as of one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) layer: &'a Layer,
    pub(crate) image: &'a Image,
    pub(crate) delta: &'a Delta,
}

impl View<'_> {
    fn table(&self) -> Table<'_> {
        Table::new(self.layer, self.image, self.delta)
    }

    fn total(&self) -> usize {
        self.image.rows() - self.delta.hidden_count() + self.delta.live().count()
    }

    pub(crate) fn count(&self, selection: &Selection) -> Result<u64> {
        if selection.is_all() {
            return Ok(self.total() as u64);
        }
        let table = self.table();
        Ok(select(&table, selection)?.count(&table) as u64)
    }

    pub(crate) fn ids(&self, selection: &Selection, order_by: &[OrderBy]) -> Result<Vec<i64>> {
        let mut ids = Vec::new();
        let oid = self.layer.schema.oid;
        let mut sink = |row: &dyn Row| {
            if let Value::Int(id) = row.value(oid) {
                ids.push(id);
            }
            Ok(())
        };
        self.page(selection, order_by, Paging::default(), &mut sink)?;
        Ok(ids)
    }

    pub(crate) fn extent(&self, selection: &Selection) -> Result<(Option<Envelope>, u64)> {
        let table = self.table();
        let (bounds, count) = if selection.is_all() && self.delta.is_empty() {
            (self.image.bounds().unwrap_or(NOWHERE), self.image.rows())
        } else {
            let selected = select(&table, selection)?;
            let mut all = NOWHERE;
            let shapes = selected.image_rows(&table).map(|row| table.wkb(row));
            let edited = selected.delta.iter().filter_map(|row| row.wkb.as_deref());
            for bytes in shapes.chain(edited).filter(|bytes| !bytes.is_empty()) {
                if let Some(bounds) = wkb::bounds(bytes)? {
                    wkb::grow(&mut all, &bounds);
                }
            }
            (all, selected.count(&table))
        };
        let [xmin, ymin, xmax, ymax] = bounds;
        Ok(((xmin <= xmax).then_some(Envelope { xmin, ymin, xmax, ymax }), count as u64))
    }

    pub(crate) fn rows(&self, selection: &Selection, rows: &Rows, sink: &mut dyn RowSink) -> Result<bool> {
        self.page(selection, &rows.order_by, rows.paging, sink)
    }

    fn page(
        &self,
        selection: &Selection,
        order_by: &[OrderBy],
        paging: Paging,
        sink: &mut dyn RowSink,
    ) -> Result<bool> {
        let table = self.table();
        let selected = select(&table, selection)?;
        if order::is_by_id(&table, order_by) {
            order::by_id(&table, &selected, paging, sink)
        } else {
            order::by_fields(&table, &selected, order_by, paging, sink)
        }
    }

    pub(crate) fn groups(&self, selection: &Selection, groups: &Groups) -> Result<GroupTable> {
        let table = self.table();
        let selected = select(&table, selection)?;
        Ok(groups::groups(&table, &selected, groups))
    }
}
