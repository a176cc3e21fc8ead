//! Extents in the spatial reference of a scheme.

use crate::Result;
use crate::dataset::{Envelope, SpatialReference};
use crate::geometry::{self, Projector};
use crate::sddraft::Reference;

fn system(reference: &Reference) -> SpatialReference {
    SpatialReference {
        wkid: (reference.wkid > 0).then_some(reference.wkid),
        latest_wkid: (reference.latest_wkid > 0).then_some(reference.latest_wkid),
        wkt: (!reference.wkt.is_empty()).then(|| reference.wkt.clone()),
    }
}

/// Moves an extent from one spatial reference to another.
///
/// As in the products no datum is changed on the way from degrees to Web Mercator: the drafts of maps in
/// other datums than WGS 84 show it.
///
/// # Errors
/// One of the systems is not known.
pub fn project_extent(extent: Envelope, from: &Reference, to: &Reference) -> Result<Option<Envelope>> {
    let (mut source, target) = (system(from), system(to));
    if from.is_geographic() && to.is_web_mercator() {
        source = SpatialReference { wkid: Some(4326), ..SpatialReference::default() };
    }
    if geometry::same_system(&source, &target) {
        return Ok(Some(extent));
    }
    let Some(projector) = Projector::new(&source, &target)? else { return Ok(Some(extent)) };
    Ok(projector
        .envelope(extent)
        .filter(|found| [found.xmin, found.ymin, found.xmax, found.ymax].iter().all(|side| side.is_finite())))
}
