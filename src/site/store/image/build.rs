//! Builds an image from rows in the order of their object ids.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use geosharing_core::{Error, Result};

use super::format::{Column, Directory, Encoding, Geometry, Heap, Section, Writer};
use super::rtree::{self, Box32, NO_BOX};
use super::spill::Spill;
use crate::store::cell::{Cell, Storage};
use crate::store::wkb::{self, Bounds, NOWHERE};

/// Distinct values up to which a text column is held as codes with postings.
const DICTIONARY: usize = 4096;
/// Code of rows without a value.
const NO_CODE: u32 = u32::MAX;

/// Takes rows one by one and writes them as columns.
#[derive(Debug)]
pub(crate) struct Builder {
    rows: u64,
    last: Option<i64>,
    oids: Spill,
    columns: Vec<Values>,
    geometry: Option<Var>,
    boxes: Vec<Box32>,
    bounds: Bounds,
}

/// Boxes by row, and the rows that have one in Hilbert order.
#[derive(Debug, Default)]
pub(crate) struct SpatialOrder {
    pub(crate) boxes: Vec<Box32>,
    pub(crate) rows: Vec<u32>,
    pub(crate) bounds: Option<Bounds>,
}

#[derive(Debug)]
struct Values {
    held: Held,
    nulls: Vec<u64>,
    any_null: bool,
}

#[derive(Debug)]
enum Held {
    Int(Spill),
    Float(Spill),
    Plain(Var),
    Dictionary { codes: Spill, known: HashMap<Box<str>, u32> },
}

#[derive(Debug)]
struct Var {
    offsets: Spill,
    bytes: Spill,
}

impl Var {
    fn new(folder: &Path) -> Result<Self> {
        let mut offsets = Spill::new(folder)?;
        offsets.write(&0_u64.to_ne_bytes())?;
        Ok(Self { offsets, bytes: Spill::new(folder)? })
    }

    fn push(&mut self, value: &[u8]) -> Result<()> {
        self.bytes.write(value)?;
        self.offsets.write(&self.bytes.len().to_ne_bytes())
    }

    fn finish(self, writer: &mut Writer<'_>) -> Result<Heap> {
        Ok(Heap { offsets: writer.stream(self.offsets.read()?)?, bytes: writer.stream(self.bytes.read()?)? })
    }
}

impl Builder {
    /// Starts an image whose scratch files lie in a folder.
    pub(crate) fn new(folder: &Path, columns: &[Storage], has_geometry: bool) -> Result<Self> {
        let columns = columns
            .iter()
            .map(|storage| {
                let held = match storage {
                    Storage::Int => Held::Int(Spill::new(folder)?),
                    Storage::Float => Held::Float(Spill::new(folder)?),
                    Storage::Text => Held::Dictionary { codes: Spill::new(folder)?, known: HashMap::new() },
                    Storage::Bytes => Held::Plain(Var::new(folder)?),
                };
                Ok(Values { held, nulls: Vec::new(), any_null: false })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            rows: 0,
            last: None,
            oids: Spill::new(folder)?,
            columns,
            geometry: if has_geometry { Some(Var::new(folder)?) } else { None },
            boxes: Vec::new(),
            bounds: NOWHERE,
        })
    }

    /// Adds a row, or gives `false` when its object id does not come after the last.
    pub(crate) fn push(
        &mut self,
        folder: &Path,
        oid: i64,
        cells: &[Cell<'_>],
        wkb: Option<&[u8]>,
    ) -> Result<bool> {
        if self.last.is_some_and(|last| last >= oid) {
            return Ok(false);
        }
        if self.rows >= u64::from(NO_CODE) {
            return Err(Error::limit("a layer has more than 4 294 967 295 rows"));
        }
        self.last = Some(oid);
        self.oids.write(&oid.to_ne_bytes())?;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(folder, self.rows as usize, *cell)?;
        }
        if let Some(geometry) = &mut self.geometry {
            let wkb = wkb.unwrap_or_default();
            let bounds = if wkb.is_empty() { None } else { wkb::bounds(wkb)? };
            if let Some(bounds) = &bounds {
                wkb::grow(&mut self.bounds, bounds);
            }
            self.boxes.push(bounds.map_or(NO_BOX, |bounds| rtree::outward(&bounds)));
            geometry.push(wkb)?;
        }
        self.rows += 1;
        Ok(true)
    }

    /// Sorts the boxes; call it once, before [`Builder::finish`].
    pub(crate) fn spatial_order(&mut self) -> Option<SpatialOrder> {
        self.geometry.as_ref()?;
        let boxes = std::mem::take(&mut self.boxes);
        let rows = rtree::hilbert_order(&boxes);
        let some = self.bounds[0] <= self.bounds[2];
        Some(SpatialOrder { boxes, rows, bounds: some.then_some(self.bounds) })
    }

    /// Writes the image.
    pub(crate) fn finish(
        self,
        path: &Path,
        record: &str,
        change: i64,
        order: Option<&SpatialOrder>,
    ) -> Result<()> {
        let mut writer = Writer::create(path)?;
        let rows = self.rows as usize;
        let oids = writer.stream(self.oids.read()?)?;
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            columns.push(column.finish(&mut writer, rows)?);
        }
        let geometry = match (self.geometry, order) {
            (Some(wkb), Some(order)) => {
                let wkb = wkb.finish(&mut writer)?;
                let leaves: Vec<Box32> = order
                    .rows
                    .iter()
                    .map(|row| order.boxes.get(*row as usize).copied().unwrap_or(NO_BOX))
                    .collect();
                let upper = rtree::upper_levels(&leaves);
                Some(Geometry {
                    wkb,
                    leaves: write_boxes(&mut writer, &leaves)?,
                    rows: write_u32(&mut writer, &order.rows)?,
                    upper: write_boxes(&mut writer, &upper)?,
                })
            }
            _ => None,
        };
        writer.finish(&Directory {
            record: record.to_owned(),
            change,
            rows: self.rows,
            oids,
            columns,
            geometry,
            bounds: order.and_then(|order| order.bounds),
        })
    }
}

fn write_boxes(writer: &mut Writer<'_>, boxes: &[Box32]) -> Result<Section> {
    let bytes: Vec<u8> = boxes.iter().flatten().flat_map(|value| value.to_ne_bytes()).collect();
    writer.section(&bytes)
}

fn write_u32(writer: &mut Writer<'_>, numbers: &[u32]) -> Result<Section> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|value| value.to_ne_bytes()).collect();
    writer.section(&bytes)
}

fn write_u64(writer: &mut Writer<'_>, numbers: &[u64]) -> Result<Section> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|value| value.to_ne_bytes()).collect();
    writer.section(&bytes)
}

impl Values {
    fn push(&mut self, folder: &Path, row: usize, cell: Cell<'_>) -> Result<()> {
        if row.is_multiple_of(64) {
            self.nulls.push(0);
        }
        if cell.is_null() {
            self.any_null = true;
            if let Some(word) = self.nulls.last_mut() {
                *word |= 1 << (row % 64);
            }
        }
        match &mut self.held {
            Held::Int(spill) => {
                let value = match cell {
                    Cell::Int(value) => value,
                    Cell::Float(value) => value as i64,
                    _ => 0,
                };
                spill.write(&value.to_ne_bytes())
            }
            Held::Float(spill) => {
                let value = match cell {
                    Cell::Int(value) => value as f64,
                    Cell::Float(value) => value,
                    _ => 0.0,
                };
                spill.write(&value.to_ne_bytes())
            }
            Held::Plain(var) => var.push(match cell {
                Cell::Text(value) => value.as_bytes(),
                Cell::Bytes(value) => value,
                _ => &[],
            }),
            Held::Dictionary { codes, known } => {
                let Cell::Text(value) = cell else { return codes.write(&NO_CODE.to_ne_bytes()) };
                if let Some(code) = known.get(value) {
                    return codes.write(&code.to_ne_bytes());
                }
                if known.len() < DICTIONARY {
                    let code = known.len() as u32;
                    known.insert(value.into(), code);
                    return codes.write(&code.to_ne_bytes());
                }
                let mut var = self.spell_out(folder)?;
                var.push(value.as_bytes())?;
                self.held = Held::Plain(var);
                Ok(())
            }
        }
    }

    /// Turns codes back into text, once a column turns out to have many values.
    fn spell_out(&mut self, folder: &Path) -> Result<Var> {
        let mut var = Var::new(folder)?;
        let empty = Held::Float(Spill::new(folder)?);
        if let Held::Dictionary { codes, known } = std::mem::replace(&mut self.held, empty) {
            let mut values = vec![""; known.len()];
            for (value, code) in &known {
                if let Some(slot) = values.get_mut(*code as usize) {
                    *slot = value;
                }
            }
            let mut reader = codes.read()?;
            let mut chunk = [0; 4];
            while reader.read_exact(&mut chunk).is_ok() {
                let value = values.get(u32::from_ne_bytes(chunk) as usize).copied().unwrap_or_default();
                var.push(value.as_bytes())?;
            }
        }
        Ok(var)
    }

    fn finish(self, writer: &mut Writer<'_>, rows: usize) -> Result<Column> {
        let encoding = match self.held {
            Held::Int(spill) => Encoding::Int(writer.stream(spill.read()?)?),
            Held::Float(spill) => Encoding::Float(writer.stream(spill.read()?)?),
            Held::Plain(var) => Encoding::Plain(var.finish(writer)?),
            Held::Dictionary { codes, known } => write_dictionary(writer, codes, known, rows)?,
        };
        let nulls = if self.any_null { write_u64(writer, &self.nulls)? } else { Section::default() };
        Ok(Column { encoding, nulls })
    }
}

/// Writes values in their order, codes that follow this order, and the rows of each value.
fn write_dictionary(
    writer: &mut Writer<'_>,
    codes: Spill,
    known: HashMap<Box<str>, u32>,
    rows: usize,
) -> Result<Encoding> {
    let mut values: Vec<(Box<str>, u32)> = known.into_iter().collect();
    values.sort_unstable();
    let mut rank = vec![0; values.len()];
    let (mut offsets, mut bytes) = (vec![0_u64], Vec::new());
    for (at, (value, code)) in values.iter().enumerate() {
        if let Some(slot) = rank.get_mut(*code as usize) {
            *slot = at as u32;
        }
        bytes.extend_from_slice(value.as_bytes());
        offsets.push(bytes.len() as u64);
    }
    let mut codes = codes.read_u32()?;
    let mut starts = vec![0_u64; values.len() + 1];
    for code in &mut codes {
        if *code != NO_CODE {
            *code = rank.get(*code as usize).copied().unwrap_or(NO_CODE);
            if let Some(slot) = starts.get_mut(*code as usize + 1) {
                *slot += 1;
            }
        }
    }
    let mut total = 0;
    for start in &mut starts {
        total += *start;
        *start = total;
    }
    let mut next = starts.clone();
    let mut postings = vec![0_u32; total as usize];
    for (row, code) in codes.iter().enumerate().take(rows) {
        if let Some(at) = next.get_mut(*code as usize)
            && let Some(slot) = postings.get_mut(*at as usize)
        {
            *slot = row as u32;
            *at += 1;
        }
    }
    Ok(Encoding::Dictionary {
        codes: write_u32(writer, &codes)?,
        values: Heap { offsets: write_u64(writer, &offsets)?, bytes: writer.section(&bytes)? },
        starts: write_u64(writer, &starts)?,
        rows: write_u32(writer, &postings)?,
    })
}
