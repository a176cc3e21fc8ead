//! Moving coordinates from one spatial reference to another.

use std::fmt;

use proj4rs::Proj;
use proj4rs::transform::{Transform, TransformClosure, transform};

use super::parts::Parts;
use super::systems::{is_mercator, is_wgs84, proj_string, same_system};
use crate::dataset::{Envelope, SpatialReference};
use crate::{Error, Result};

const RADIUS: f64 = 6_378_137.0;
/// Latitude beyond which Web Mercator has no coordinates worth having.
const MERCATOR_LIMIT: f64 = 89.999_999;

/// A transformation between two spatial references.
#[derive(Clone)]
pub struct Projector(Way);

#[derive(Clone)]
enum Way {
    ToMercator,
    FromMercator,
    General(Box<(Proj, Proj)>),
}

impl fmt::Debug for Projector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Way::ToMercator => "Projector(4326 -> 3857)",
            Way::FromMercator => "Projector(3857 -> 4326)",
            Way::General(_) => "Projector",
        })
    }
}

impl Projector {
    /// Makes a transformation; `None` when both are the same system, or when one is unknown because
    /// nothing is said about it.
    pub fn new(from: &SpatialReference, to: &SpatialReference) -> Result<Option<Self>> {
        let unknown = SpatialReference::default();
        if same_system(from, to) || *from == unknown || *to == unknown {
            return Ok(None);
        }
        if is_wgs84(from) && is_mercator(to) {
            return Ok(Some(Self(Way::ToMercator)));
        }
        if is_mercator(from) && is_wgs84(to) {
            return Ok(Some(Self(Way::FromMercator)));
        }
        Self::of_strings(&proj_string(from)?, &proj_string(to)?).map(Some)
    }

    pub(super) fn of_strings(from: &str, to: &str) -> Result<Self> {
        let load = |text: &str| {
            Proj::from_proj_string(text).map_err(|error| {
                Error::unsupported(format!("the projection `{text}` is not supported: {error}"))
            })
        };
        Ok(Self(Way::General(Box::new((load(from)?, load(to)?)))))
    }

    /// Metres in one unit of the target system; `None` for degrees.
    pub fn metres_per_unit(reference: &SpatialReference) -> Result<Option<f64>> {
        let text = proj_string(reference)?;
        let proj = Proj::from_proj_string(&text).map_err(|error| {
            Error::unsupported(format!("the projection `{text}` is not supported: {error}"))
        })?;
        Ok((!proj.is_latlong()).then(|| proj.to_meter()))
    }

    /// Transforms coordinates in place; what cannot be transformed becomes NaN.
    pub fn project(&self, coords: &mut [[f64; 4]]) {
        match &self.0 {
            Way::ToMercator => {
                for [x, y, ..] in coords {
                    *x = x.to_radians() * RADIUS;
                    let latitude = y.clamp(-MERCATOR_LIMIT, MERCATOR_LIMIT).to_radians();
                    *y = (std::f64::consts::FRAC_PI_4 + latitude / 2.0).tan().ln() * RADIUS;
                }
            }
            Way::FromMercator => {
                for [x, y, ..] in coords {
                    *x = (*x / RADIUS).to_degrees();
                    *y = (2.0 * (*y / RADIUS).exp().atan() - std::f64::consts::FRAC_PI_2).to_degrees();
                }
            }
            Way::General(pair) => {
                let (from, to) = pair.as_ref();
                let (degrees_in, degrees_out) = (from.is_latlong(), to.is_latlong());
                for coord in coords {
                    let mut one = One { x: coord[0], y: coord[1] };
                    if degrees_in {
                        one = One { x: one.x.to_radians(), y: one.y.to_radians() };
                    }
                    if transform(from, to, &mut one).is_err() {
                        one = One { x: f64::NAN, y: f64::NAN };
                    }
                    if degrees_out {
                        one = One { x: one.x.to_degrees(), y: one.y.to_degrees() };
                    }
                    coord[0] = one.x;
                    coord[1] = one.y;
                }
            }
        }
    }

    /// Transforms an extent by its densified edges, so that bulging sides are inside the result.
    pub fn envelope(&self, envelope: Envelope) -> Option<Envelope> {
        let mut parts = dense_envelope(envelope);
        self.project(&mut parts.coords);
        parts.envelope()
    }

    /// Whether straight sides stay straight, so that envelopes stay envelopes.
    pub(super) fn keeps_envelopes(&self) -> bool {
        !matches!(self.0, Way::General(_))
    }
}

/// An envelope as a ring with points along its sides.
pub(super) fn dense_envelope(envelope: Envelope) -> Parts {
    let Envelope { xmin, ymin, xmax, ymax } = envelope;
    let mut parts = Parts::new(crate::dataset::GeometryType::Polygon);
    let corners = [[xmin, ymin], [xmin, ymax], [xmax, ymax], [xmax, ymin], [xmin, ymin]];
    for (a, b) in corners.iter().zip(corners.iter().skip(1)) {
        for step in 0..16 {
            let part = f64::from(step) / 16.0;
            parts.coords.push([a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, f64::NAN, f64::NAN]);
        }
    }
    parts.coords.push([xmin, ymin, f64::NAN, f64::NAN]);
    parts.end_part(true);
    parts
}

struct One {
    x: f64,
    y: f64,
}

impl Transform for One {
    fn transform_coordinates<F: TransformClosure>(&mut self, f: &mut F) -> proj4rs::errors::Result<()> {
        // Heights are not transformed: a missing one must not spoil the plane.
        let (x, y, _) = f(self.x, self.y, 0.0)?;
        self.x = x;
        self.y = y;
        Ok(())
    }
}
