//! An untouched draft of each form: every element and key that the products write, nothing said yet.

use crate::dataset::Envelope;
use crate::error::Result;
use crate::sddraft::table::{Form, Listing, items, listing_of};
use crate::sddraft::{Document, Markup, ROOT, Reference};
use crate::tiling::TilingScheme;

/// Who wrote the drafts of a form.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Maker {
    ArcMap,
    /// Scripts of ArcGIS Pro: with a template and a path into the project.
    Pro,
    /// The user interface of Pro, which leaves empty elements out.
    ProWindow,
}

/// Where the service is to be, and where its data.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Data {
    /// In the portal, copied.
    Hosted,
    /// On a server, copied.
    Copied,
    /// On a server, left where it is.
    Referenced,
}

/// What one form of drafts writes around its property sets.
struct Shell {
    /// The schema version that the root names.
    version: &'static str,
    maker: Maker,
    data: Data,
    type_name: &'static str,
    metadata: bool,
    levels: bool,
    /// The elements of `ItemInfo`.
    item: &'static str,
}

impl Shell {
    fn is_pro(&self) -> bool {
        self.maker != Maker::ArcMap
    }
}

const ITEM_ARCMAP: &str = "Name GUID Type TypeKeywords CatalogPath Title Description Snippet AccessInformation MinScale \
     MaxScale Credits spatialReference";
const ITEM_TOOL: &str = "Name GUID Type TypeID TypeKeywords CatalogPath physicalPath Title Description Snippet \
     AccessInformation MinScale MaxScale Credits spatialReference";

const ARCMAP: Shell = Shell {
    version: "10.1",
    maker: Maker::ArcMap,
    data: Data::Referenced,
    type_name: "",
    metadata: true,
    levels: false,
    item: ITEM_ARCMAP,
};

const PRO: Shell = Shell { version: "3.0.0", maker: Maker::Pro, levels: true, ..ARCMAP };

fn shell(form: Form) -> Shell {
    match form {
        Form::Feature => Shell {
            version: "3.3.0",
            data: Data::Hosted,
            type_name: "FeatureServer",
            levels: false,
            item: "Name GUID Type TypeID TypeKeywords TypeFilters TypeInfo CatalogPath physicalPath Title Description \
                   Tags Snippet Url Extent SpatialReference AccessInformation MinScale MaxScale Credits spatialReference",
            ..PRO
        },
        Form::Tile => Shell {
            data: Data::Hosted,
            type_name: "MapServer",
            item: "Name GUID Type TypeID TypeKeywords CatalogPath physicalPath Title Description Tags Snippet Url \
                   SpatialReference AccessInformation MinScale MaxScale Credits spatialReference",
            ..PRO
        },
        Form::MapService => Shell {
            type_name: "MapServer",
            item: "Name GUID Type TypeID TypeKeywords CatalogPath physicalPath Title Description Tags Snippet \
                   SpatialReference AccessInformation MinScale MaxScale Credits spatialReference",
            ..PRO
        },
        Form::VectorTile => Shell {
            version: "2.3.0",
            data: Data::Hosted,
            type_name: "VectorTileServer",
            maker: Maker::ProWindow,
            item: "Name Type Title Tags Snippet Url DataLastModifiedTime SpatialReference MinScale MaxScale",
            ..PRO
        },
        Form::Image => Shell {
            type_name: "ImageServer",
            item: "Name GUID Type TypeKeywords CatalogPath Title Description Snippet SpatialReference \
                   AccessInformation MinScale MaxScale Credits spatialReference",
            ..ARCMAP
        },
        Form::Geocode => Shell {
            type_name: "GeocodeServer",
            item: "Name GUID Type TypeKeywords CatalogPath Title Description Tags Snippet AccessInformation MinScale \
                   MaxScale Credits spatialReference",
            ..ARCMAP
        },
        Form::GeoData => Shell { type_name: "GeoDataServer", ..ARCMAP },
        Form::WebTool | Form::GeoprocessingService => Shell {
            version: "2.9.0",
            type_name: "GPServer",
            data: if form == Form::WebTool { Data::Copied } else { Data::Referenced },
            metadata: false,
            levels: false,
            item: ITEM_TOOL,
            ..PRO
        },
        _ => ARCMAP,
    }
}

/// Returns an untouched draft of a form; empty where a draft names its maker's machine, portal or data.
///
/// # Errors
/// None, except a fault of ours.
pub fn blank(form: Form) -> Result<Document> {
    let shell = shell(form);
    let listed = listing_of(form);
    let mut out = Markup::document(ROOT, ROOT, shell.version);
    let empty = |out: &mut Markup, names: &[&str]| {
        // The user interface of Pro writes no empty element.
        for name in names.iter().filter(|_| shell.maker != Maker::ProWindow) {
            out.leaf(name, "");
        }
    };
    out.empty("Databases", "ArrayOfSVCDatabase");
    out.open("Resources", "ArrayOfSVCResource").open("SVCResource", "SVCResource");
    out.leaf("ID", "").leaf("Name", "").leaf("OnPremisePath", "");
    empty(&mut out, &["StagingPath", "ServerPath", "InPackagePath", "OnServerName"]);
    out.leaf("ClientName", "");
    if shell.is_pro() {
        out.leaf("CIMPath", "").leaf("RepositoryID", "");
    }
    out.close("SVCResource").close("Resources");
    out.leaf("ID", "").leaf("Name", "").leaf("OnPremisePath", "");
    empty(&mut out, &["StagingPath", "ServerPath", "InPackagePath"]);
    out.leaf("ByReference", if shell.data == Data::Referenced { "true" } else { "false" })
        .leaf("Type", "esriServiceDefinitionType_New")
        .leaf("State", "esriSDState_Draft")
        .leaf(
            "ServerType",
            if shell.data == Data::Hosted {
                "esriSVCServerType_LightweightOnline"
            } else {
                "esriSVCServerType_FullServer"
            },
        );
    empty(&mut out, &["DataFolder"]);
    out.property_set("StagingSettings", items(&listed.staging));
    if shell.is_pro() {
        out.property_set("TemplateSettings", items(&listed.template));
    }
    out.leaf("KeepExistingData", "false").leaf("KeepExistingMapCache", "false").leaf("ClientHostName", "");
    empty(&mut out, &["OnServerName"]);
    configuration(&mut out, &shell, listed);
    let scheme = scheme(form);
    scheme.write_schema(&mut out, !shell.is_pro());
    item(&mut out, &shell, form);
    if shell.metadata {
        out.open("Metadata", "XmlPropertySet").leaf("XmlDoc", "").close("Metadata");
    }
    if shell.levels {
        let world = world();
        scheme.write_levels(&mut out, (&world, &Reference::web_mercator()), &world);
    }
    Document::from_text(out.finish(ROOT))
}

fn configuration(out: &mut Markup, shell: &Shell, listed: &Listing) {
    out.open("Configurations", "ArrayOfSVCConfiguration")
        .open("SVCConfiguration", "SVCConfiguration")
        .leaf("ID", "")
        .leaf("Name", "")
        .leaf("TypeName", shell.type_name)
        .leaf("ResourceID", "")
        .leaf("ServiceFolder", "")
        .leaf("DataFolder", "")
        .open("Definition", "SVCConfigurationDefinition")
        .leaf("Description", "")
        .property_set("ConfigurationProperties", items(&listed.configuration));
    if !listed.info.is_empty() {
        out.property_set("Info", items(&listed.info));
    }
    out.property_set("Props", items(&listed.props))
        .leaf("RecyclingInterval", "")
        .leaf("RecyclingStart", "0")
        .open("Extensions", "ArrayOfSVCExtension");
    for found in &listed.extensions {
        out.open("SVCExtension", "SVCExtension")
            .leaf("Enabled", "false")
            .property_set("Info", items(&found.info))
            .property_set("Props", items(&found.props))
            .leaf("TypeName", found.extension.name)
            .close("SVCExtension");
    }
    out.close("Extensions")
        .leaf("Cluster", "default")
        .close("Definition")
        .close("SVCConfiguration")
        .close("Configurations");
}

fn scheme(form: Form) -> TilingScheme {
    match form {
        Form::Feature => TilingScheme::none(),
        Form::MapService => TilingScheme::web_mercator(24).drawn("PNG", 0, true),
        Form::Tile => TilingScheme::web_mercator(24).drawn("Mixed", 75, true),
        Form::VectorTile => TilingScheme::web_mercator(19).drawn("PNG", 0, true).stored("Compact"),
        Form::WebTool | Form::GeoprocessingService => TilingScheme::web_mercator(24).drawn("PNG8", 0, false),
        _ => TilingScheme::web_mercator(20).drawn("PNG8", 0, false).stored("Compact"),
    }
}

fn item(out: &mut Markup, shell: &Shell, form: Form) {
    out.open("ItemInfo", "ItemInfo");
    for name in shell.item.split_whitespace() {
        match name {
            "Type" => drop(out.leaf(name, "Service Definition")),
            "TypeKeywords" if form != Form::Feature => drop(out.nil(name)),
            "TypeKeywords" | "Tags" => drop(out.empty(name, "ArrayOfString")),
            "MinScale" | "MaxScale" => drop(out.leaf(name, "0")),
            "Extent" => Reference::web_mercator().write_extent(out, name, &world()),
            "SpatialReference" => Reference::web_mercator().write(out, name),
            _ => drop(out.leaf(name, "")),
        }
    }
    out.close("ItemInfo");
}

/// The square that the web maps' scheme covers.
fn world() -> Envelope {
    const SIDE: f64 = 20_037_508.342_787;
    Envelope { xmin: -SIDE, ymin: -SIDE, xmax: SIDE, ymax: SIDE }
}
