//! Rows that cannot be decided, wholly or from here, and why; reported only where they concern the input.

use super::{Case, DRAWN, MAPS, Product, Said};
use crate::analyze::Desktop;
use crate::analyze::case::Member;
use crate::project::LayerKind;

/// What a row is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subject {
    /// Nothing that can be an input here.
    Nothing,
    /// Layers of annotation.
    Annotation,
    /// Layers of mosaic datasets.
    Mosaic,
    /// Layers of networks.
    Network,
    /// Layers and tables of enterprise geodatabases.
    Enterprise,
    /// Tables of enterprise geodatabases in an editable service.
    EditedTable,
    /// Layers with representations.
    Representation,
    /// Layers of topologies.
    Topology,
    /// Catalog layers.
    Catalog,
    /// Query layers on a cloud warehouse.
    Warehouse,
    /// Layers of 3D tiles.
    Tiles3d,
    /// Data that the service refers to.
    Referenced,
    /// The locator.
    Locator,
    /// The tools.
    Tools,
}

/// A row with the reason why it is not decided.
struct Open {
    code: u32,
    products: &'static [Product],
    arcmap: bool,
    subject: Subject,
    reason: &'static str,
}

const fn open(
    code: u32,
    products: &'static [Product],
    arcmap: bool,
    subject: Subject,
    reason: &'static str,
) -> Open {
    Open { code, products, arcmap, subject, reason }
}

const GP: &[Product] = &[Product::Geoprocessing];
const LOCATOR: &[Product] = &[Product::Geocode];
const IMAGES: &[Product] = &[Product::MapImage, Product::MapService, Product::Image];
const PACKAGES: &[Product] = &[Product::Package];

const CLASS: &str = "the annotation class keeps it, which only ArcGIS reads";
const SELDOM: &str = "ArcGIS Pro's documents have no such setting";
const DATABASE: &str = "the enterprise geodatabase was not asked, since nothing here connects to it";
const NETWORK: &str = "network datasets are read by ArcGIS only";
const SOLVER: &str = "the public specification does not describe the solver's settings";
const SERVER: &str = "no server was asked which data it has registered";
const MOBILE: &str = "packages for mobile applications are not made here";
const ITEMS: &str = "the mosaic dataset's log tables are read by ArcGIS only";

const OPEN: &[Open] = &[
    open(12, DRAWN, true, Subject::Nothing, SELDOM),
    open(14, DRAWN, true, Subject::Annotation, CLASS),
    open(15, DRAWN, true, Subject::Annotation, CLASS),
    open(16, DRAWN, true, Subject::Nothing, SELDOM),
    open(20, DRAWN, true, Subject::Annotation, CLASS),
    open(22, DRAWN, true, Subject::Nothing, SELDOM),
    open(24, DRAWN, true, Subject::Nothing, SELDOM),
    open(26, DRAWN, true, Subject::Nothing, "the page that names the option was not found"),
    open(31, DRAWN, false, Subject::Representation, "representation rules are read by ArcGIS only"),
    open(35, DRAWN, false, Subject::Representation, "representation rules are read by ArcGIS only"),
    open(44, PACKAGES, false, Subject::Network, NETWORK),
    open(53, MAPS, false, Subject::Enterprise, DATABASE),
    open(59, DRAWN, true, Subject::Enterprise, DATABASE),
    open(89, GP, true, Subject::Nothing, MOBILE),
    open(10_072, DRAWN, false, Subject::Network, NETWORK),
    open(110, MAPS, true, Subject::EditedTable, DATABASE),
    open(132, GP, true, Subject::Nothing, SERVER),
    open(135, DRAWN, true, Subject::EditedTable, SERVER),
    open(144, GP, true, Subject::Nothing, "the server was not asked for its licences"),
    open(145, DRAWN, true, Subject::Nothing, "dynamic workspaces are not part of a draft here"),
    open(147, IMAGES, false, Subject::Mosaic, "the server was not asked for its roles and licences"),
    open(
        150,
        GP,
        true,
        Subject::Tools,
        "which tools need an enterprise geodatabase is not documented in one place",
    ),
    open(164, MAPS, true, Subject::EditedTable, DATABASE),
    open(178, GP, true, Subject::Nothing, "every kind of data that was found can be copied"),
    open(186, MAPS, false, Subject::Enterprise, DATABASE),
    open(187, DRAWN, true, Subject::Network, NETWORK),
    open(231, &[Product::MapImage, Product::Scene], false, Subject::Referenced, SERVER),
    open(261, DRAWN, false, Subject::Enterprise, DATABASE),
    open(347, DRAWN, false, Subject::Topology, "topologies are read by ArcGIS only"),
    open(379, MAPS, false, Subject::Warehouse, "nothing here connects to cloud warehouses"),
    open(397, MAPS, false, Subject::Catalog, "the rows of a catalog layer are read by ArcGIS only"),
    open(10_028, DRAWN, true, Subject::Annotation, CLASS),
    open(10_045, DRAWN, true, Subject::Referenced, SERVER),
    open(10_051, DRAWN, false, Subject::Network, NETWORK),
    open(10_052, DRAWN, false, Subject::Network, SOLVER),
    open(10_053, DRAWN, false, Subject::Network, SOLVER),
    open(10_054, DRAWN, false, Subject::Network, SOLVER),
    open(10_058, DRAWN, false, Subject::Network, NETWORK),
    open(20_017, PACKAGES, false, Subject::Nothing, "no extent is cut when a package is analyzed"),
    open(
        20_025,
        MAPS,
        false,
        Subject::Nothing,
        "the rights of a font stand in its file on the author's machine",
    ),
    open(20_036, MAPS, false, Subject::Annotation, CLASS),
    open(24_011, DRAWN, false, Subject::Referenced, SERVER),
    open(24_012, DRAWN, false, Subject::Referenced, SERVER),
    open(24_014, DRAWN, false, Subject::Network, NETWORK),
    open(24_016, IMAGES, false, Subject::Mosaic, ITEMS),
    open(24_020, LOCATOR, false, Subject::Locator, "the locator's coordinate system could not be read"),
    open(24_022, IMAGES, false, Subject::Mosaic, ITEMS),
    open(24_032, GP, false, Subject::Tools, SERVER),
    open(24_042, MAPS, true, Subject::Nothing, SELDOM),
    open(24_045, GP, true, Subject::Nothing, MOBILE),
    open(
        24_051,
        GP,
        true,
        Subject::Tools,
        "which tools need an enterprise geodatabase is not documented in one place",
    ),
    open(24_056, GP, true, Subject::Nothing, MOBILE),
    open(
        24_176,
        &[Product::Scene, Product::WebMap],
        false,
        Subject::Tiles3d,
        "the heights of 3D tiles stand in the service",
    ),
    open(71_150, IMAGES, false, Subject::Mosaic, ITEMS),
];

/// Returns why a row of the catalogue is not decided, or not always; nothing for the others.
pub fn reason(code: u32) -> Option<&'static str> {
    OPEN.iter().find(|row| row.code == code).map(|row| row.reason)
}

impl Subject {
    fn meets(self, case: &Case<'_>, member: &Member<'_>) -> bool {
        match self {
            Self::Annotation => matches!(member.kind(), Some(LayerKind::Annotation)),
            Self::Mosaic => matches!(member.kind(), Some(LayerKind::Mosaic)),
            Self::Network => matches!(member.type_name(), "CIMNetworkDatasetLayer" | "CIMNALayer"),
            Self::Enterprise => member.factory() == "SDE",
            Self::EditedTable => member.is_table() && member.factory() == "SDE" && case.target.is_editable(),
            Self::Representation => member
                .renderer()
                .is_some_and(|renderer| crate::cim::type_of(renderer) == "CIMRepresentationRenderer"),
            Self::Topology => member.type_name() == "CIMTopologyLayer",
            Self::Catalog => member.type_name() == "CIMCatalogLayer",
            Self::Warehouse => matches!(member.factory(), "NoSQL" | "BigDataConnection"),
            Self::Tiles3d => matches!(member.type_name(), "CIMTiles3DLayer"),
            Self::Referenced => case.target.by_reference && case.keeps(member) && member.factory() == "SDE",
            Self::Nothing | Self::Locator | Self::Tools => false,
        }
    }

    /// Whether the input as a whole is meant.
    fn is_input(self, case: &Case<'_>) -> bool {
        match self {
            Self::Locator => case.input.locator.is_some_and(|facts| facts.has_spatial_reference.is_none()),
            Self::Tools => case.input.gp.is_some_and(|facts| {
                facts
                    .tools
                    .iter()
                    .any(|tool| tool.parameters.iter().any(|parameter| parameter.value.is_some()))
            }),
            _ => false,
        }
    }
}

/// Reports what concerns the input and was not decided.
pub(in crate::analyze) fn unchecked(case: &Case<'_>, said: &mut Said<'_>) {
    for row in OPEN {
        if !row.products.contains(&case.target.product)
            || (row.arcmap && case.target.desktop != Desktop::ArcMap)
            || row.subject == Subject::Nothing
            || !is_asked(row.code, case)
        {
            continue;
        }
        // A rule may have decided the row by what a server said.
        if said.report.findings.iter().any(|finding| finding.code == row.code) || decided(row.code, case) {
            continue;
        }
        let members: Vec<String> = case
            .members
            .iter()
            .filter(|member| row.subject.meets(case, member))
            .map(|member| member.long_name.clone())
            .collect();
        if !members.is_empty() || row.subject.is_input(case) {
            said.unknown(row.code, row.reason, members);
        }
    }
}

/// Rows about capabilities matter only to services that offer them.
fn is_asked(code: u32, case: &Case<'_>) -> bool {
    match code {
        59 => case.target.serves_features() || case.target.extension("WFSServer").is_some(),
        186 => case.target.offers("Sync") && case.target.by_reference,
        231 => case.target.serves_features(),
        261 => ["VersionManagementServer", "ValidationServer"]
            .iter()
            .any(|it| case.target.extension(it).is_some()),
        _ => true,
    }
}

/// Rows that a server's answer decides.
fn decided(code: u32, case: &Case<'_>) -> bool {
    let Some(server) = case.input.server else { return false };
    match code {
        231 | 24_011 | 24_012 => server.data_items.is_some(),
        147 => server.roles.is_some(),
        _ => false,
    }
}
