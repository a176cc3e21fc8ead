//! Streams datasets into a fresh record and its images.
//!
//! Reading, encoding the record and building the image run side by side; between them stand a few
//! batches, so memory does not grow with the data, except for the boxes of the spatial index.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use arrow_array::{Array, RecordBatch};
use geosharing_core::dataset::{Datasets, FieldType, GEOMETRY_COLUMN, OID_COLUMN, Source};
use geosharing_core::{Error, Kind, Result};

use super::cell::Cell;
use super::columns::Reader;
use super::geopackage::BulkWriter;
use super::guid::Guids;
use super::image::{Builder, SpatialOrder};
use super::layer::{Layer, ServiceDescription};

/// A layer and where its rows come from.
#[derive(Clone, Debug)]
pub struct LayerSource {
    /// The layer.
    pub layer: Layer,
    /// The dataset; `None` for a layer that starts empty.
    pub source: Option<Source>,
    /// For each field of the schema the column of the dataset that fills it, where there is one.
    pub columns: Vec<Option<String>>,
}

/// A service to be stored.
#[derive(Clone, Debug, Default)]
pub struct ServiceSource {
    /// What the service says about itself.
    pub service: ServiceDescription,
    /// Its layers and tables.
    pub layers: Vec<LayerSource>,
}

/// Batches between the threads.
const AHEAD: usize = 2;

/// Name of a layer's image.
pub(super) fn image_name(generation: &str, layer: u32) -> String {
    format!("{generation}.{layer}.image")
}

/// Name of a record.
pub(super) fn record_name(generation: &str) -> String {
    format!("{generation}.gpkg")
}

/// Writes record and images of a service into a folder, under the names of a generation.
pub(super) fn ingest(
    folder: &Path,
    generation: &str,
    source: &ServiceSource,
    datasets: &dyn Datasets,
) -> Result<()> {
    let path = folder.join(record_name(generation));
    let mut writer = BulkWriter::create(&path, generation, &source.service)?;
    for layer in &source.layers {
        writer = ingest_layer(writer, folder, generation, layer, datasets)
            .map_err(|error| error.context(format!("layer `{}`", layer.layer.name)))?;
    }
    writer.finish()
}

fn ingest_layer(
    writer: BulkWriter,
    folder: &Path,
    generation: &str,
    source: &LayerSource,
    datasets: &dyn Datasets,
) -> Result<BulkWriter> {
    let layer = &source.layer;
    let srs_id = writer.layer(layer)?;
    let image_path = folder.join(image_name(generation, layer.id));
    let built = match &source.source {
        Some(dataset) => {
            let (to_record, for_record) = sync_channel(AHEAD);
            let (to_image, for_image) = sync_channel(AHEAD);
            thread::scope(|scope| {
                let reading = scope.spawn(move || -> Result<()> {
                    for batch in datasets.read(dataset, None)? {
                        let batch = batch.map_err(|error| {
                            Error::new(Kind::Io, format!("reading stopped: {error}")).because(error)
                        })?;
                        // Whoever is gone has said why.
                        if to_record.send(batch.clone()).is_err() || to_image.send(batch).is_err() {
                            break;
                        }
                    }
                    Ok(())
                });
                let imaging = scope.spawn(move || build(folder, source, for_image));
                let written = write(&writer, source, srs_id, for_record);
                let read = join(reading.join());
                let built = join(imaging.join());
                read?;
                let (oids, highest) = written?;
                Ok::<_, Error>((built?, oids, highest))
            })
        }
        None => Ok((Some(Builder::new(folder, &layer.storages(), layer.has_geometry())?), Vec::new(), 0)),
    };
    let (builder, mut oids, highest) = built?;
    let (writer, mut builder) = if let Some(builder) = builder {
        (writer, builder)
    } else {
        // Rows came in another order than that of their ids: the record has sorted them by now.
        oids.sort_unstable();
        let path = folder.join(record_name(generation));
        let record = writer.into_record();
        let mut builder = Builder::new(folder, &layer.storages(), layer.has_geometry())?;
        record.walk_open(layer, |oid, cells, wkb| builder.push(folder, oid, cells, wkb).map(drop))?;
        (BulkWriter::from_record(record, &path), builder)
    };
    let order: Option<SpatialOrder> = builder.spatial_order();
    thread::scope(|scope| {
        let finishing = scope.spawn(|| builder.finish(&image_path, generation, 0, order.as_ref()));
        writer.end_layer(layer, &oids, order.as_ref(), highest + 1)?;
        join(finishing.join())
    })?;
    Ok(writer)
}

fn join<T>(joined: thread::Result<Result<T>>) -> Result<T> {
    joined.unwrap_or_else(|_| Err(Error::internal("a thread that stores data has died")))
}

/// Rows of a batch, one after the other, as both writers take them.
struct Rows<'a> {
    oids: Reader<'a>,
    cells: Vec<Reader<'a>>,
    shapes: Reader<'a>,
}

/// Object ids as they are given out: those of the source, moved up when they start below 1, or
/// counted when it has none.
#[derive(Default)]
struct Ids {
    shift: Option<i64>,
    counted: i64,
}

impl Ids {
    fn next(&mut self, given: Cell<'_>) -> i64 {
        self.counted += 1;
        let Cell::Int(given) = given else { return self.counted };
        // Shapefiles and text count rows from 0, services from 1.
        let shift = *self.shift.get_or_insert(if given < 1 { 1 - given } else { 0 });
        given + shift
    }
}

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch, source: &LayerSource) -> Result<Self> {
        let layer = &source.layer;
        let oid = layer.schema.field(layer.schema.oid);
        let find = |name: &str| batch.column_by_name(name).map(|column| column.as_ref() as &dyn Array);
        let oids = match (find(OID_COLUMN), oid) {
            (Some(column), Some(field)) => Reader::of(column, field)?,
            _ => Reader::missing(),
        };
        let mut cells = Vec::new();
        for index in layer.columns() {
            let column = source.columns.get(index).and_then(Option::as_deref).and_then(find);
            cells.push(match (column, layer.schema.field(index)) {
                (Some(column), Some(field)) => Reader::of(column, field)?,
                _ => Reader::missing(),
            });
        }
        let shapes = match find(GEOMETRY_COLUMN) {
            Some(column) if layer.has_geometry() => Reader::geometry(column)?,
            _ => Reader::missing(),
        };
        Ok(Self { oids, cells, shapes })
    }

    fn each(
        &self,
        count: usize,
        ids: &mut Ids,
        mut take: impl FnMut(i64, &[Cell<'_>], Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        let mut cells = Vec::with_capacity(self.cells.len());
        for row in 0..count {
            cells.clear();
            cells.extend(self.cells.iter().map(|reader| reader.cell(row)));
            let wkb = match self.shapes.cell(row) {
                Cell::Bytes(wkb) => Some(wkb),
                _ => None,
            };
            take(ids.next(self.oids.cell(row)), &cells, wkb)?;
        }
        Ok(())
    }
}

/// Position of the global id among the columns, where its values have to be made.
fn made_global_id(source: &LayerSource) -> Option<usize> {
    let layer = &source.layer;
    let index = layer.schema.global_id?;
    let missing = source.columns.get(index).is_none_or(Option::is_none);
    let at = layer.columns().position(|column| column == index);
    at.filter(|_| missing && layer.schema.field_type(index) == FieldType::GlobalId)
}

fn write(
    writer: &BulkWriter,
    source: &LayerSource,
    srs_id: i32,
    batches: Receiver<RecordBatch>,
) -> Result<(Vec<i64>, i64)> {
    let mut oids = Vec::new();
    let mut rows = writer.rows(&source.layer, srs_id)?;
    let mut ids = Ids::default();
    let made = made_global_id(source);
    let mut guids = Guids::default();
    for batch in batches {
        Rows::of(&batch, source)?.each(batch.num_rows(), &mut ids, |oid, cells, wkb| {
            oids.push(oid);
            let Some(at) = made else { return rows.push(oid, cells, wkb) };
            let guid = guids.make();
            let mut cells = cells.to_vec();
            if let Some(cell) = cells.get_mut(at) {
                *cell = Cell::Text(&guid);
            }
            rows.push(oid, &cells, wkb)
        })?;
    }
    Ok((oids, rows.highest()))
}

/// Builds the image; `None` when rows do not come by ascending id, or are completed by the record.
fn build(folder: &Path, source: &LayerSource, batches: Receiver<RecordBatch>) -> Result<Option<Builder>> {
    let layer = &source.layer;
    let mut builder = Builder::new(folder, &layer.storages(), layer.has_geometry())?;
    let mut ids = Ids::default();
    let mut sorted = made_global_id(source).is_none();
    for batch in batches {
        if sorted {
            Rows::of(&batch, source)?.each(batch.num_rows(), &mut ids, |oid, cells, wkb| {
                if sorted {
                    sorted = builder.push(folder, oid, cells, wkb)?;
                }
                Ok(())
            })?;
        }
    }
    Ok(sorted.then_some(builder))
}
