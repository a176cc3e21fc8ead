//! The thumbnail: the data of the layers, drawn with their symbols.

use super::featureserver::{full_extent, projected, service_reference};
use super::members::{Member, Members};
use crate::Result;
use crate::cim::drawing_info_for;
use crate::dataset::{Datasets, Envelope, SpatialReference};
use crate::draw::{Canvas, Color, Style};
use crate::geometry::Projector;
use crate::package::archive::Entry;
use crate::project::Map;

const WIDTH: u32 = 300;
const HEIGHT: u32 = 200;
/// Features of one layer that a picture of this size can still tell apart.
const MOST_FEATURES: usize = 20_000;

/// Makes `esriinfo/thumbnail/thumbnail.png`.
///
/// # Errors
/// Those of reading the data; a projection that fails leaves its layer out.
pub(super) fn entry(map: &Map, members: &Members, datasets: &dyn Datasets) -> Result<Option<Entry>> {
    let reference = map.spatial_reference().unwrap_or_else(|| service_reference(map, members));
    let extent =
        full_extent(members, &reference).unwrap_or(Envelope { xmin: -1.0, ymin: -1.0, xmax: 1.0, ymax: 1.0 });
    let mut canvas = Canvas::new(&padded(extent), WIDTH, HEIGHT, Color::WHITE)?;
    // The first layer of a map is drawn last.
    for member in members.0.iter().rev().filter(|member| is_shown(member, members)) {
        draw(member, &reference, datasets, &mut canvas)?;
    }
    Ok(Some(Entry::bytes("esriinfo/thumbnail/thumbnail.png", canvas.to_png()?)))
}

/// Tells whether a layer and all groups around it are switched on.
fn is_shown(member: &Member, members: &Members) -> bool {
    let mut current = Some(member);
    while let Some(member) = current {
        if member.layer().is_none_or(|layer| !layer.visible) {
            return false;
        }
        current = member.parent.and_then(|id| members.0.iter().find(|member| member.id == id));
    }
    true
}

fn padded(extent: Envelope) -> Envelope {
    let (dx, dy) = ((extent.xmax - extent.xmin) * 0.04, (extent.ymax - extent.ymin) * 0.04);
    Envelope {
        xmin: extent.xmin - dx,
        ymin: extent.ymin - dy,
        xmax: extent.xmax + dx,
        ymax: extent.ymax + dy,
    }
}

fn draw(
    member: &Member,
    reference: &SpatialReference,
    datasets: &dyn Datasets,
    canvas: &mut Canvas,
) -> Result<()> {
    let (Some(geometry), Some(data), Some(layer)) = (member.geometry(), &member.data, member.layer()) else {
        return Ok(());
    };
    let from = data.dataset.spatial_reference.as_ref().unwrap_or(reference);
    let Ok(projector) = Projector::new(from, reference) else { return Ok(()) };
    if data.dataset.extent.is_none_or(|extent| projected(extent, from, reference).is_none()) {
        return Ok(());
    }
    let style = Style::from_drawing_info(&drawing_info_for(layer, Some(geometry)).info, geometry);
    let place = |x: f64, y: f64| {
        let Some(projector) = &projector else { return Some((x, y)) };
        let mut coordinates = [[x, y, 0.0, 0.0]];
        projector.project(&mut coordinates);
        let [[x, y, _, _]] = coordinates;
        (x.is_finite() && y.is_finite()).then_some((x, y))
    };
    let columns: Vec<String> = style
        .fields()
        .iter()
        .filter_map(|name| data.dataset.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)))
        .map(|field| field.name.clone())
        .collect();
    let mut drawn = 0;
    for batch in datasets.read(&data.source, Some(&columns))? {
        let batch = batch.map_err(|error| {
            crate::Error::new(crate::Kind::Io, format!("reading `{}` failed: {error}", member.name()))
        })?;
        canvas.draw(&batch, &style, &place);
        drawn += batch.num_rows();
        if drawn >= MOST_FEATURES {
            break;
        }
    }
    Ok(())
}
