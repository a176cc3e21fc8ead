//! Opens an image and hands out its arrays.

use std::fs::File;
use std::path::Path;

use geosharing_core::{Error, Result};
use memmap2::Mmap;

use super::format::{self, Directory, Encoding, Geometry, HEAD, Heap, MAGIC, Section, Sum};
use super::rtree::Tree;
use crate::store::bitmap::Bitmap;
use crate::store::cell::Cell;
use crate::store::wkb::Bounds;

/// An open image.
#[derive(Debug)]
pub(crate) struct Image {
    map: Mmap,
    directory: Directory,
}

/// Numbers that may stand in a mapped file: any bits are a valid value.
trait Plain: Copy {}
impl Plain for u32 {}
impl Plain for u64 {}
impl Plain for i64 {}
impl Plain for f64 {}
impl Plain for [f32; 4] {}

/// Borrows a section as an array; empty when it does not fit.
#[allow(unsafe_code)]
fn typed<T: Plain>(map: &[u8], section: Section) -> &[T] {
    let end = section.at.saturating_add(section.len);
    let bytes = map.get(section.at as usize..end as usize).unwrap_or_default();
    // SAFETY: every `Plain` type is valid for any bit pattern and has no padding, and `align_to`
    // itself takes care of alignment; a misaligned section gives an empty array.
    let (before, all, after) = unsafe { bytes.align_to::<T>() };
    if before.is_empty() && after.is_empty() { all } else { &[] }
}

/// Values of variable length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Var<'a> {
    offsets: &'a [u64],
    bytes: &'a [u8],
}

impl<'a> Var<'a> {
    pub(crate) fn bytes(&self, row: usize) -> &'a [u8] {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(from), Some(to)) => self.bytes.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    pub(crate) fn text(&self, row: usize) -> &'a str {
        std::str::from_utf8(self.bytes(row)).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column<'a> {
    Int(&'a [i64]),
    Float(&'a [f64]),
    Plain(Var<'a>),
    /// Codes into sorted values; the rows of value `k` are `rows[starts[k]..starts[k + 1]]`.
    Dictionary {
        codes: &'a [u32],
        values: Var<'a>,
        starts: &'a [u64],
        rows: &'a [u32],
    },
}

impl<'a> Column<'a> {
    /// Returns a value that is known not to be null.
    pub(crate) fn cell(&self, row: usize) -> Cell<'a> {
        match self {
            Self::Int(values) => values.get(row).map_or(Cell::Null, |value| Cell::Int(*value)),
            Self::Float(values) => values.get(row).map_or(Cell::Null, |value| Cell::Float(*value)),
            Self::Plain(values) => match std::str::from_utf8(values.bytes(row)) {
                Ok(text) => Cell::Text(text),
                Err(_) => Cell::Bytes(values.bytes(row)),
            },
            Self::Dictionary { codes, values, .. } => {
                codes.get(row).map_or(Cell::Null, |code| Cell::Text(values.text(*code as usize)))
            }
        }
    }
}

impl Image {
    /// Maps an image and checks it; any doubt is an error, and the caller rebuilds.
    #[allow(unsafe_code)]
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("open the read image", path, error))?;
        // SAFETY: image files are private to the store, are complete before they get their name, and
        // are only ever replaced by renaming or removed, never written or cut in place.
        let map =
            unsafe { Mmap::map(&file) }.map_err(|error| Error::io("map the read image", path, error))?;
        let damaged =
            |what: &str| Error::invalid(format!("the read image `{}` is damaged: {what}", path.display()));
        let head = typed::<u64>(&map, Section { at: 0, len: HEAD as u64 });
        let [magic, at, len, sum, ..] = head else { return Err(damaged("it is too short")) };
        if *magic != MAGIC {
            return Err(damaged("it is of another version or machine"));
        }
        let mut actual = Sum::new();
        actual.add(map.get(HEAD..).unwrap_or_default());
        if actual.finish() != *sum {
            return Err(damaged("its check sum is wrong"));
        }
        let end = at.saturating_add(*len) as usize;
        let text = map.get(*at as usize..end).ok_or_else(|| damaged("it has no directory"))?;
        let directory: Directory =
            serde_json::from_slice(text).map_err(|_| damaged("its directory cannot be read"))?;
        let image = Self { map, directory };
        image.check().map_err(damaged)?;
        Ok(image)
    }

    /// Checks that every array has the length that the number of rows asks for.
    fn check(&self) -> Result<(), &'static str> {
        let rows = self.rows();
        let fits = |section: Section, width: usize| section.len as usize == rows * width;
        if self.oids().len() != rows {
            return Err("its row ids do not fit");
        }
        for at in 0..self.directory.columns.len() {
            let good = match (self.column(at), self.directory.columns.get(at).map(|one| one.nulls)) {
                (Some(column), Some(nulls)) => {
                    let filled = match column {
                        Column::Int(values) => values.len() == rows,
                        Column::Float(values) => values.len() == rows,
                        Column::Plain(values) => values.len() == rows,
                        Column::Dictionary { codes, values, starts, .. } => {
                            codes.len() == rows && starts.len() == values.len() + 1
                        }
                    };
                    filled && (nulls.len == 0 || nulls.len as usize == rows.div_ceil(64) * 8)
                }
                _ => false,
            };
            if !good {
                return Err("a column does not fit");
            }
        }
        if let Some(geometry) = &self.directory.geometry {
            let tree = self.tree();
            if !fits(geometry.wkb.offsets, 8) && geometry.wkb.offsets.len as usize != (rows + 1) * 8
                || tree.is_none_or(|tree| tree.leaves.len() != tree.rows.len())
            {
                return Err("its geometries do not fit");
            }
        }
        Ok(())
    }

    /// Which record this is an image of.
    pub(crate) fn record(&self) -> &str {
        &self.directory.record
    }

    /// Last change of the record that is in the image.
    pub(crate) fn change(&self) -> i64 {
        self.directory.change
    }

    pub(crate) fn rows(&self) -> usize {
        self.directory.rows as usize
    }

    pub(crate) fn bounds(&self) -> Option<Bounds> {
        self.directory.bounds
    }

    /// Row ids, ascending.
    pub(crate) fn oids(&self) -> &[i64] {
        typed(&self.map, self.directory.oids)
    }

    /// Finds the row with an id.
    pub(crate) fn find(&self, oid: i64) -> Option<usize> {
        let oids = self.oids();
        // Published ids are mostly dense, so the first guess mostly hits.
        let guess = oid.checked_sub(*oids.first()?).and_then(|at| usize::try_from(at).ok())?;
        if oids.get(guess) == Some(&oid) {
            return Some(guess);
        }
        oids.binary_search(&oid).ok()
    }

    fn heap(&self, heap: Heap) -> Var<'_> {
        let end = heap.bytes.at.saturating_add(heap.bytes.len);
        Var {
            offsets: typed(&self.map, heap.offsets),
            bytes: self.map.get(heap.bytes.at as usize..end as usize).unwrap_or_default(),
        }
    }

    pub(crate) fn column(&self, at: usize) -> Option<Column<'_>> {
        Some(match self.directory.columns.get(at)?.encoding {
            Encoding::Int(section) => Column::Int(typed(&self.map, section)),
            Encoding::Float(section) => Column::Float(typed(&self.map, section)),
            Encoding::Plain(heap) => Column::Plain(self.heap(heap)),
            Encoding::Dictionary { codes, values, starts, rows } => Column::Dictionary {
                codes: typed(&self.map, codes),
                values: self.heap(values),
                starts: typed(&self.map, starts),
                rows: typed(&self.map, rows),
            },
        })
    }

    pub(crate) fn columns(&self) -> usize {
        self.directory.columns.len()
    }

    fn null_words(&self, at: usize) -> &[u64] {
        self.directory.columns.get(at).map_or(&[], |column| typed(&self.map, column.nulls))
    }

    /// Returns the rows of a column without a value; `None` when all have one.
    pub(crate) fn nulls(&self, at: usize) -> Option<Bitmap> {
        let words = self.null_words(at);
        (!words.is_empty()).then(|| Bitmap::from_words(words.to_vec(), self.rows()))
    }

    pub(crate) fn is_null(&self, at: usize, row: usize) -> bool {
        self.null_words(at).get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    fn geometry(&self) -> Option<Geometry> {
        self.directory.geometry
    }

    /// All geometries as WKB.
    pub(crate) fn shapes(&self) -> Option<Var<'_>> {
        self.geometry().map(|geometry| self.heap(geometry.wkb))
    }

    pub(crate) fn tree(&self) -> Option<Tree<'_>> {
        let format::Geometry { leaves, rows, upper, .. } = self.geometry()?;
        Some(Tree {
            leaves: typed(&self.map, leaves),
            rows: typed(&self.map, rows),
            upper: typed(&self.map, upper),
        })
    }
}
