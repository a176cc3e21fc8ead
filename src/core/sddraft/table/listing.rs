//! What an untouched genuine draft of each form holds, key by key, in the product's order.
//!
//! To write a draft: for each of [`Listing::staging`], `template`, `configuration`, `info` and `props` call
//! [`crate::sddraft::Markup::property_set`] with [`items`], then write one `SVCExtension` for each of
//! [`Listing::extensions`] (`Enabled`, `Info`, `Props`, `TypeName`), and set what the script and the map
//! say with [`super::write`] and `Document::set_property`. [`crate::service::blank`] does the first half.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::keys::{self, ExtensionType, Key, Part, extension_types, keys_of};
use super::{ServiceKind, XsType};

/// A form of drafts, as one version of the products writes it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// A hosted feature layer of ArcGIS Pro 3.3.
    Feature,
    /// A hosted tile layer of Pro 3.0.
    Tile,
    /// A map service of Pro 3.0; also for map image layers, of which no genuine draft is known.
    MapService,
    /// A vector tile layer of Pro 2.3, made in its user interface.
    VectorTile,
    /// An image service of ArcMap 10.
    Image,
    /// A geocode service of ArcMap 10.4.
    Geocode,
    /// A geodata service of ArcMap 10.
    GeoData,
    /// A web tool of Pro 2.9.
    WebTool,
    /// A geoprocessing service for a connection file, of Pro 2.9.
    GeoprocessingService,
    /// Any other service of a server: only instances, after the geodata service.
    Server,
}

impl Form {
    /// Every form.
    pub const ALL: &'static [Self] = &[
        Self::Feature,
        Self::Tile,
        Self::MapService,
        Self::VectorTile,
        Self::Image,
        Self::Geocode,
        Self::GeoData,
        Self::WebTool,
        Self::GeoprocessingService,
        Self::Server,
    ];

    /// Returns the name of the form in the column `drafts` of the table.
    fn column(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::Tile => "tile",
            Self::MapService => "map_service",
            Self::VectorTile => "vector_tile",
            Self::Image => "image",
            Self::Geocode => "geocode",
            Self::GeoData | Self::Server => "geodata",
            Self::WebTool => "web_tool",
            Self::GeoprocessingService => "gp_service",
        }
    }

    /// Returns the form of a kind; none for scene layers, of which the products write no draft.
    ///
    /// Geoprocessing has two: this is the web tool, [`Form::GeoprocessingService`] is the other.
    pub fn of(kind: ServiceKind) -> Option<Self> {
        Some(match kind {
            ServiceKind::Feature => Self::Feature,
            ServiceKind::Tile => Self::Tile,
            ServiceKind::MapImage | ServiceKind::MapService => Self::MapService,
            ServiceKind::VectorTile => Self::VectorTile,
            ServiceKind::Image => Self::Image,
            ServiceKind::Geocode => Self::Geocode,
            ServiceKind::GeoData => Self::GeoData,
            ServiceKind::Geoprocessing => Self::WebTool,
            ServiceKind::Geometry | ServiceKind::Globe => Self::Server,
            ServiceKind::Scene => return None,
        })
    }
}

/// A key with the value that an untouched draft gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The row of the table.
    pub key: &'static Key,
    /// The key as this form spells it.
    pub name: &'static str,
    /// The type of the value; none for `xsi:nil`.
    pub kind: Option<XsType>,
    /// The value; empty where the draft names its maker's machine, portal or data.
    pub value: &'static str,
}

/// What a draft gives one extension.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtensionListing {
    /// The extension.
    pub extension: &'static ExtensionType,
    /// `Info`.
    pub info: Vec<Entry>,
    /// `Props`.
    pub props: Vec<Entry>,
}

/// What an untouched draft holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The form.
    pub form: Form,
    /// `StagingSettings`.
    pub staging: Vec<Entry>,
    /// `TemplateSettings`; empty where the product writes none, or an empty one.
    pub template: Vec<Entry>,
    /// `ConfigurationProperties`.
    pub configuration: Vec<Entry>,
    /// `Info`; empty where the product writes none.
    pub info: Vec<Entry>,
    /// `Props`; empty for hosted layers.
    pub props: Vec<Entry>,
    /// The extensions, in order.
    pub extensions: Vec<ExtensionListing>,
}

/// One cell of the column `drafts`.
struct Cell {
    position: usize,
    spelling: Option<&'static str>,
    kind: Option<XsType>,
    value: &'static str,
}

fn cell(drafts: &'static str, column: &str) -> Option<Cell> {
    let mut cells = drafts.split(" | ").filter_map(|cell| cell.split_once('@'));
    let (_, rest) = cells.find(|(form, _)| *form == column)?;
    let (head, value) = rest.split_once('=').unwrap_or((rest, ""));
    let (head, kind) = head.split_once(':').unwrap_or((head, "string"));
    let (position, spelling) = head.split_once('~').map_or((head, None), |(at, name)| (at, Some(name)));
    let kind = match kind {
        "boolean" => Some(XsType::Boolean),
        "int" => Some(XsType::Int),
        "double" => Some(XsType::Double),
        "nil" => None,
        _ => Some(XsType::String),
    };
    Some(Cell { position: position.parse().ok()?, spelling, kind, value })
}

fn entries(part: Part, form: Form) -> Vec<Entry> {
    let mut found: Vec<(usize, Entry)> = keys_of(part)
        .filter_map(|key| {
            let cell = cell(key.drafts, form.column())?;
            let name = cell.spelling.unwrap_or(key.name);
            Some((cell.position, Entry { key, name, kind: cell.kind, value: cell.value }))
        })
        .collect();
    found.sort_by_key(|(position, _)| *position);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// `Info` of an extension: the keys of the service's own, with the extension's operations.
fn extension_info(cell: &Cell) -> Vec<Entry> {
    let spelled =
        |name: &'static str, lower: &'static str| if cell.spelling.is_some() { lower } else { name };
    let row = |name: &'static str, lower, kind, value| {
        let key = keys::key_named(Part::Info, name)?;
        Some(Entry { key, name: spelled(key.name, lower), kind, value })
    };
    [
        row("WebEnabled", "webEnabled", Some(XsType::String), "true"),
        row("WebCapabilities", "webCapabilities", cell.kind, cell.value),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn read(form: Form) -> Listing {
    let set = |part| entries(part, form);
    if form == Form::Server {
        return Listing {
            form,
            staging: set(Part::Staging),
            template: Vec::new(),
            configuration: Vec::new(),
            info: extension_info(&Cell {
                position: 1,
                spelling: None,
                kind: Some(XsType::String),
                value: "",
            }),
            props: set(Part::Props),
            extensions: Vec::new(),
        };
    }
    let mut extensions: Vec<(usize, ExtensionListing)> = extension_types()
        .iter()
        .filter_map(|extension| {
            let cell = cell(extension.drafts, form.column())?;
            let props = entries(Part::Extension(extension.name), form);
            Some((cell.position, ExtensionListing { extension, info: extension_info(&cell), props }))
        })
        .collect();
    extensions.sort_by_key(|(position, _)| *position);
    Listing {
        form,
        staging: set(Part::Staging),
        template: set(Part::Template),
        configuration: set(Part::Configuration),
        info: set(Part::Info),
        props: set(Part::Props),
        extensions: extensions.into_iter().map(|(_, extension)| extension).collect(),
    }
}

/// Returns what an untouched draft of a form holds.
pub fn listing_of(form: Form) -> &'static Listing {
    static LISTINGS: LazyLock<Vec<Listing>> =
        LazyLock::new(|| Form::ALL.iter().map(|form| read(*form)).collect());
    static EMPTY: LazyLock<Listing> = LazyLock::new(|| read(Form::Server));
    LISTINGS.iter().find(|listing| listing.form == form).unwrap_or(&EMPTY)
}

/// Returns what an untouched draft of a kind holds; none for scene layers.
pub fn listing(kind: ServiceKind) -> Option<&'static Listing> {
    Form::of(kind).map(listing_of)
}

/// Returns entries as [`crate::sddraft::Markup::property_set`] takes them.
pub fn items(entries: &[Entry]) -> impl Iterator<Item = (&'static str, Cow<'static, str>, Option<XsType>)> {
    entries.iter().map(|entry| (entry.name, Cow::Borrowed(entry.value), entry.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the samples have because of their makers' machine, data or edits, and ours does not.
    const EDITED: &[(&str, &str)] = &[
        // The script that made the sample allowed exporting.
        ("feature", "webCapabilities"),
        ("feature", "exportTilesAllowed"),
        // The script that made the sample asked for messages.
        ("gp_service", "showMessages"),
        ("gp_service", "appSchemaPrefix"),
        // The product's own slip (`false0`, `false2`), on which readers fail.
        ("", "onlyAllowTrueCurveUpdatesByTrueCurveClients"),
        // The scales of the map.
        ("", "minScale"),
        ("", "maxScale"),
        // The server's directories.
        ("gp_service", "jobsVirtualDirectory"),
        ("gp_service", "virtualOutputDir"),
        // The name of the service or its data.
        ("", "name"),
        ("geodata", "appSchemaPrefix"),
        ("", "ConnectionString"),
        ("image", "Raster"),
        ("geocode", "locator"),
        // The project's own lists.
        ("map_service", "DependantLayerList"),
        ("map_service", "DependantTableList"),
    ];

    #[test]
    fn listings_are_the_untouched_genuine_drafts() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/sddraft/listings");
        for form in Form::ALL.iter().filter(|form| **form != Form::Server) {
            let golden = std::fs::read_to_string(format!("{folder}/{}.tsv", form.column())).unwrap();
            let listed = listing_of(*form);
            let rows: Vec<Vec<&str>> =
                golden.lines().skip(1).map(|line| line.split('\t').collect()).collect();
            let check = |set: &str, ours: &[Entry]| {
                let wanted: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == set).collect();
                let names = |row: &&Vec<&str>| format!("{}:{}", row[1], row[2]);
                let kind =
                    |entry: &Entry| entry.kind.map_or("nil", |kind| kind.as_str().trim_start_matches("xs:"));
                let own: Vec<String> =
                    ours.iter().map(|entry| format!("{}:{}", entry.name, kind(entry))).collect();
                assert_eq!(own, wanted.iter().map(names).collect::<Vec<_>>(), "{form:?} {set}");
                for (row, entry) in wanted.iter().zip(ours) {
                    let edited = EDITED
                        .iter()
                        .any(|(of, key)| *key == entry.name && (of.is_empty() || *of == form.column()));
                    // The whole geocode sample was edited by hand: its numbers are arcpy's defaults here.
                    let by_hand =
                        *form == Form::Geocode && matches!(set, "Props" | "ConfigurationProperties");
                    if !edited && !by_hand && !row[3].starts_with('<') {
                        assert_eq!(entry.value, row[3], "{form:?} {set} {}", entry.name);
                    }
                }
            };
            check("StagingSettings", &listed.staging);
            check("TemplateSettings", &listed.template);
            check("ConfigurationProperties", &listed.configuration);
            check("Info", &listed.info);
            check("Props", &listed.props);
            let enabled = rows.iter().filter(|row| row[1] == "Enabled").map(|row| row[0]);
            let own: Vec<&str> = listed.extensions.iter().map(|found| found.extension.name).collect();
            assert_eq!(own, enabled.collect::<Vec<_>>());
            for found in &listed.extensions {
                check(&format!("{}/Info", found.extension.name), &found.info);
                // The sample's 94 keys of network analysis are in the table only.
                if found.extension.name != "NAServer" {
                    check(&format!("{}/Props", found.extension.name), &found.props);
                }
            }
        }
    }

    #[test]
    fn every_cell_is_read_and_positions_have_no_gap() {
        let of = |form: Form| {
            let found = listing_of(form);
            let sets = [&found.staging, &found.template, &found.configuration, &found.props];
            let count = sets.iter().map(|set| set.len()).sum::<usize>();
            count + found.extensions.iter().map(|found| found.props.len()).sum::<usize>()
        };
        let listed: usize =
            Form::ALL.iter().filter(|form| **form != Form::Server).map(|form| of(*form)).sum();
        let cells: usize = keys::keys()
            .iter()
            .filter(|key| key.part != Part::Info && !key.drafts.is_empty())
            .map(|key| key.drafts.split(" | ").count())
            .sum();
        assert_eq!(listed, cells);
        for form in Form::ALL {
            for (at, entry) in listing_of(*form).configuration.iter().enumerate() {
                assert_eq!(cell(entry.key.drafts, form.column()).unwrap().position, at + 1, "{}", entry.name);
            }
        }
    }

    #[test]
    fn spellings_and_types_are_those_of_each_form() {
        let entry = |form, name: &str| {
            let set = &listing_of(form).configuration;
            set.iter().find(|entry| entry.name == name).map(|entry| (entry.kind, entry.value))
        };
        assert_eq!(entry(Form::MapService, "maxExportTilesCount"), Some((Some(XsType::Int), "100000")));
        assert_eq!(entry(Form::Feature, "maxExportTilesCount"), Some((Some(XsType::String), "100000")));
        assert_eq!(entry(Form::Image, "MaxRecordCount"), Some((Some(XsType::Int), "1000")));
        let info: Vec<&str> =
            listing_of(Form::Tile).extensions[0].info.iter().map(|entry| entry.name).collect();
        assert_eq!(info, ["webEnabled", "webCapabilities"]);
        let provider = listing_of(Form::WebTool).props[16].name;
        assert_eq!(provider, "Provider");
        assert_eq!(listing_of(Form::MapService).extensions[0].info[1].kind, None);
    }
}
