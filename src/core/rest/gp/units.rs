//! Units of lengths and areas, as tools print them and as services name them.

/// A unit of areas.
pub type ArealUnit = (&'static str, &'static str);

/// Units of lengths: what tools print, and the service's name.
const LINEAR: [(&str, &str); 19] = [
    ("Unknown", "esriUnknownUnits"),
    ("Inches", "esriInches"),
    ("Points", "esriPoints"),
    ("Feet", "esriFeet"),
    ("Yards", "esriYards"),
    ("Miles", "esriMiles"),
    ("NauticalMiles", "esriNauticalMiles"),
    ("Millimeters", "esriMillimeters"),
    ("Centimeters", "esriCentimeters"),
    ("Meters", "esriMeters"),
    ("Kilometers", "esriKilometers"),
    ("DecimalDegrees", "esriDecimalDegrees"),
    ("Decimeters", "esriDecimeters"),
    ("FeetInt", "esriFeetInt"),
    ("FeetUS", "esriFeetUS"),
    ("MilesInt", "esriMilesInt"),
    ("MilesUS", "esriMilesUS"),
    ("YardsInt", "esriYardsInt"),
    ("NauticalMilesInt", "esriNauticalMilesInt"),
];

const AREAL: [ArealUnit; 13] = [
    ("Unknown", "esriUnknownAreaUnits"),
    ("SquareInches", "esriSquareInches"),
    ("SquareFeet", "esriSquareFeet"),
    ("SquareYards", "esriSquareYards"),
    ("Acres", "esriAcres"),
    ("SquareMiles", "esriSquareMiles"),
    ("SquareMillimeters", "esriSquareMillimeters"),
    ("SquareCentimeters", "esriSquareCentimeters"),
    ("SquareDecimeters", "esriSquareDecimeters"),
    ("SquareMeters", "esriSquareMeters"),
    ("Ares", "esriAres"),
    ("Hectares", "esriHectares"),
    ("SquareKilometers", "esriSquareKilometers"),
];

/// Returns the units of lengths as `(tool's name, service's name)`.
pub fn linear_units() -> impl Iterator<Item = (&'static str, &'static str)> {
    LINEAR.into_iter()
}

/// Returns the units of areas as `(tool's name, service's name)`.
pub fn areal_units() -> impl Iterator<Item = ArealUnit> {
    AREAL.into_iter()
}

/// Finds the service's name of a unit by any of its names: `esriMiles`, `Miles`, `mile`, `Nautical Miles`.
pub(super) fn service_name(
    name: &str,
    mut units: impl Iterator<Item = (&'static str, &'static str)>,
) -> Option<&'static str> {
    let plain = |text: &str| {
        let text: String = text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        text.strip_prefix("esri").unwrap_or(&text).to_owned()
    };
    let wanted = plain(name);
    if wanted.is_empty() {
        return None;
    }
    let singular = |text: &str| match text {
        "foot" => "feet".to_owned(),
        "inch" => "inches".to_owned(),
        "meter" | "metre" | "metres" => "meters".to_owned(),
        "kilometre" | "kilometres" => "kilometers".to_owned(),
        other => format!("{other}s"),
    };
    units
        .find(|(tool, service)| {
            [plain(tool), plain(service)].iter().any(|known| *known == wanted || *known == singular(&wanted))
        })
        .map(|(_, service)| service)
}
