//! CIM colours as red, green, blue and alpha.

use serde_json::{Value, json};

use crate::cim::{items, type_of};

/// A colour with channels of 0 to 255.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rgba(pub [u8; 4]);

impl Rgba {
    /// Opaque black.
    pub const BLACK: Self = Self([0, 0, 0, 255]);

    /// Returns the REST form `[r, g, b, a]`.
    pub fn to_json(self) -> Value {
        json!(self.0)
    }
}

/// Converts a CIM colour of any model; `None` for an absent or unknown one.
///
/// CMYK and LAB are converted by formula, without the document's colour profiles.
pub fn rgba(color: &Value) -> Option<Rgba> {
    let values: Vec<f64> = items(color, "values").iter().filter_map(Value::as_f64).collect();
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    let (rgb, alpha) = match type_of(color) {
        "CIMRGBColor" => ([at(0), at(1), at(2)], 3),
        "CIMHSVColor" => (hsv(at(0), at(1) / 100.0, at(2) / 100.0), 3),
        "CIMHSLColor" => (hsl(at(0), at(1) / 100.0, at(2) / 100.0), 3),
        "CIMGrayColor" => ([at(0); 3], 1),
        "CIMCMYKColor" => {
            let ink = |index: usize| 255.0 * (1.0 - at(index) / 100.0) * (1.0 - at(3) / 100.0);
            ([ink(0), ink(1), ink(2)], 4)
        }
        "CIMLABColor" => (lab(at(0), at(1), at(2)), 3),
        _ => return None,
    };
    let alpha = values.get(alpha).copied().unwrap_or(100.0);
    let byte = |value: f64| value.round().clamp(0.0, 255.0) as u8;
    Some(Rgba([byte(rgb[0]), byte(rgb[1]), byte(rgb[2]), byte(alpha * 255.0 / 100.0)]))
}

fn hsv(hue: f64, saturation: f64, value: f64) -> [f64; 3] {
    let channel = |offset: f64| {
        let k = (offset + hue / 60.0).rem_euclid(6.0);
        255.0 * (value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0))
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}

fn hsl(hue: f64, saturation: f64, light: f64) -> [f64; 3] {
    let range = saturation * light.min(1.0 - light);
    let channel = |offset: f64| {
        let k = (offset + hue / 30.0).rem_euclid(12.0);
        255.0 * (light - range * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

fn lab(light: f64, green: f64, blue: f64) -> [f64; 3] {
    let y = (light + 16.0) / 116.0;
    let cube =
        |t: f64| if t > 6.0 / 29.0 { t.powi(3) } else { (t - 16.0 / 116.0) * 3.0 * (6.0_f64 / 29.0).powi(2) };
    let (x, y, z) = (0.950_47 * cube(y + green / 500.0), cube(y), 1.088_83 * cube(y - blue / 200.0));
    let gamma = |t: f64| 255.0 * if t <= 0.003_130_8 { 12.92 * t } else { 1.055 * t.powf(1.0 / 2.4) - 0.055 };
    [
        gamma(3.240_6 * x - 1.537_2 * y - 0.498_6 * z),
        gamma(-0.968_9 * x + 1.875_8 * y + 0.041_5 * z),
        gamma(0.055_7 * x - 0.204 * y + 1.057 * z),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, values: &[f64]) -> [u8; 4] {
        rgba(&json!({"type": kind, "values": values})).unwrap().0
    }

    #[test]
    fn every_colour_model_of_real_files_becomes_rgba() {
        assert_eq!(of("CIMRGBColor", &[212.06, 252.45, 222.16, 100.0]), [212, 252, 222, 255]);
        assert_eq!(of("CIMHSVColor", &[120.0, 100.0, 50.0, 50.0]), [0, 128, 0, 128]);
        assert_eq!(of("CIMHSLColor", &[240.0, 100.0, 50.0, 100.0]), [0, 0, 255, 255]);
        assert_eq!(of("CIMCMYKColor", &[0.0, 100.0, 100.0, 0.0, 100.0]), [255, 0, 0, 255]);
        assert_eq!(of("CIMGrayColor", &[130.0, 100.0]), [130, 130, 130, 255]);
        assert_eq!(of("CIMLABColor", &[100.0, 0.0, 0.0, 100.0]), [255, 255, 255, 255]);
    }
}
