//! GeoPackage's geometry blobs, and the SQL functions that its R-tree triggers call.

use geosharing_core::{Error, Result};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::store::wkb::{self, Bounds};

/// Puts the blob of a geometry into `out`, whose memory is used again.
pub(super) fn encode(wkb: &[u8], srs_id: i32, out: &mut Vec<u8>) -> Result<()> {
    out.clear();
    let wkb = wkb::to_iso(wkb)?;
    let bounds = wkb::bounds(&wkb)?;
    // Points carry their own bounds, so that only other geometries spend 32 bytes on an envelope.
    let is_point = bounds.is_some_and(|[xmin, ymin, xmax, ymax]| xmin >= xmax && ymin >= ymax);
    let with_envelope = !is_point && bounds.is_some();
    let flags = 1 | u8::from(with_envelope) << 1 | u8::from(bounds.is_none()) << 4;
    out.extend([b'G', b'P', 0, flags]);
    out.extend(srs_id.to_le_bytes());
    if with_envelope && let Some([xmin, ymin, xmax, ymax]) = bounds {
        for value in [xmin, xmax, ymin, ymax] {
            out.extend(value.to_le_bytes());
        }
    }
    out.extend_from_slice(&wkb);
    Ok(())
}

/// Returns the WKB inside a blob.
pub(super) fn decode(blob: &[u8]) -> Result<&[u8]> {
    let broken = || Error::invalid("a geometry in the record is not a GeoPackage blob");
    let [b'G', b'P', _, flags, ..] = blob else { return Err(broken()) };
    let envelope = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(broken()),
    };
    blob.get(8 + envelope..).ok_or_else(broken)
}

fn bounds_of(context: &Context<'_>) -> Option<Bounds> {
    match context.get_raw(0) {
        ValueRef::Blob(blob) => decode(blob).and_then(wkb::bounds).ok().flatten(),
        _ => None,
    }
}

/// Registers `ST_IsEmpty`, `ST_MinX` and their kin, without which edits cannot fire the triggers.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context| Ok(bounds_of(context).is_none()))?;
    for (name, at) in [("ST_MinX", 0), ("ST_MinY", 1), ("ST_MaxX", 2), ("ST_MaxY", 3)] {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(bounds_of(context).map(|bounds| bounds[at]))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_gives_back_its_wkb() {
        let mut wkb = vec![1, 2, 0, 0, 0, 2, 0, 0, 0];
        for value in [1.0_f64, 2.0, 3.0, 4.0] {
            wkb.extend(value.to_le_bytes());
        }
        let mut blob = Vec::new();
        encode(&wkb, 4326, &mut blob).unwrap();
        assert_eq!(blob.len(), 8 + 32 + wkb.len());
        assert_eq!(decode(&blob).unwrap(), wkb);
        assert!(decode(b"no blob").is_err());
    }
}
