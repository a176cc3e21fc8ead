//! The one writer of drafts: the listing of a kind, and what its draft changes in it.

use super::items::Items;
use super::{Identity, Reference, SharingDraft, service_name};
use crate::dataset::Envelope;
use crate::error::{Error, Result};
use crate::sddraft::table::{self, Form, ServiceKind};
use crate::sddraft::{Markup, ROOT, number};
use crate::tiling::TilingScheme;

const EMPTY_METADATA: &str = "<?xml version=\"1.0\"?>\n<metadata xml:lang=\"en\"><Esri>\
<ArcGISFormat>1.0</ArcGISFormat><SyncOnce>TRUE</SyncOnce></Esri></metadata>\n";

/// How one form of drafts looks outside its property sets.
struct Style {
    /// The schema version of the product.
    schema: &'static str,
    /// ArcMap's form: ids in braces, no CIM, `PreciseDPI` before the levels.
    arcmap: bool,
    /// Whether type keywords are an empty list, and not nil.
    keywords: bool,
    /// The children of `ItemInfo`.
    item: &'static str,
}

fn style(form: Form) -> Style {
    let pro = |schema, keywords, item| Style { schema, arcmap: false, keywords, item };
    let arcmap = |item| Style { schema: "10.1", arcmap: true, keywords: false, item };
    match form {
        Form::Feature => pro(
            "3.3.0",
            true,
            "Name GUID Type TypeID TypeKeywords TypeFilters TypeInfo CatalogPath physicalPath Title Description \
             Tags Snippet Url Extent SpatialReference AccessInformation MinScale MaxScale Credits \
             spatialReference",
        ),
        Form::Tile => pro(
            "3.0.0",
            false,
            "Name GUID Type TypeID TypeKeywords CatalogPath physicalPath Title Description Tags Snippet Url \
             SpatialReference AccessInformation MinScale MaxScale Credits spatialReference",
        ),
        Form::Image => arcmap(
            "Name GUID Type TypeKeywords CatalogPath Title Description Snippet SpatialReference \
             AccessInformation MinScale MaxScale Credits spatialReference",
        ),
        Form::Geocode => arcmap(
            "Name GUID Type TypeKeywords CatalogPath Title Description Tags Snippet AccessInformation MinScale \
             MaxScale Credits spatialReference",
        ),
        _ => pro(
            "3.0.0",
            false,
            "Name GUID Type TypeID TypeKeywords CatalogPath physicalPath Title Description Tags Snippet \
             SpatialReference AccessInformation MinScale MaxScale Credits spatialReference",
        ),
    }
}

/// The document or dataset that the service is made of.
pub(super) struct Resource {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) client: String,
}

/// One extension in the making.
pub(super) struct Extension {
    pub(super) type_name: &'static str,
    pub(super) info: Items,
    pub(super) props: Items,
}

/// What an untouched draft of the kind holds, to be changed before it is written.
pub(super) struct Manifest<'a> {
    kind: ServiceKind,
    style: Style,
    draft: &'a SharingDraft,
    ids: Identity,
    pub(super) name: String,
    pub(super) resource: Resource,
    pub(super) by_reference: bool,
    pub(super) staging: Items,
    template: Items,
    pub(super) configuration: Items,
    info: Items,
    props: Items,
    pub(super) extensions: Vec<Extension>,
    pub(super) scheme: TilingScheme,
    /// The scales of the service; those of the listing when none.
    pub(super) scales: Option<(f64, f64)>,
    pub(super) url: String,
    pub(super) extent: Option<(Envelope, Reference)>,
    pub(super) reference: Option<Reference>,
    /// The extent of the cache in the scheme's spatial reference, for drafts that list its levels.
    pub(super) cached: Option<Envelope>,
}

impl<'a> Manifest<'a> {
    /// Begins with an untouched draft.
    ///
    /// # Errors
    /// The products write no draft of the kind.
    pub(super) fn of(draft: &'a SharingDraft) -> Result<Self> {
        let kind = draft.kind();
        let listing = table::listing(kind).ok_or_else(|| {
            Error::unsupported(format!("there is no draft file of `{}`: publish it as it is", kind.word()))
        })?;
        let source = &draft.source;
        let (name, _) = service_name(&draft.properties.text("serviceName"));
        let extension = |listed: &table::ExtensionListing| Extension {
            type_name: listed.extension.name,
            info: Items::of(&listed.info),
            props: Items::of(&listed.props),
        };
        let mut staging = Items::of(&listing.staging);
        staging.set("GeodataServiceName", &name).set("ServiceTitle", draft.title());
        Ok(Self {
            kind,
            style: style(listing.form),
            draft,
            ids: draft.identity(),
            name,
            resource: Resource {
                name: source.cim_path.rsplit('/').next().unwrap_or_default().to_owned(),
                path: source.document.clone(),
                client: source.machine.clone(),
            },
            by_reference: false,
            staging,
            template: Items::of(&listing.template),
            configuration: Items::of(&listing.configuration),
            info: Items::of(&listing.info),
            props: Items::of(&listing.props),
            extensions: listing.extensions.iter().map(extension).collect(),
            scheme: TilingScheme::none(),
            scales: None,
            url: String::new(),
            extent: None,
            reference: None,
            cached: None,
        })
    }

    /// An id for one use, as this form writes it.
    fn id(&self, what: &str) -> String {
        let id = self.ids.id(what);
        if self.style.arcmap { format!("{{{id}}}") } else { id }
    }

    /// Connects the draft to a portal.
    pub(super) fn referer(&self) -> String {
        self.ids.id("referer")
    }

    /// Sets the address of every extension's own service.
    pub(super) fn serve_at(&mut self, service: &str) {
        for extension in &mut self.extensions {
            let address = format!("{service}/{}", extension.type_name);
            extension.props.set("onlineResource", address);
        }
    }

    /// Writes the draft.
    pub(super) fn write(mut self) -> String {
        let resource_id = self.id("resource");
        let source = &self.draft.source;
        if let Some((least, most)) = self.scales {
            self.configuration.set("minScale", number(least)).set("maxScale", number(most));
        }
        let mut out = Markup::document(ROOT, ROOT, self.style.schema);
        out.empty("Databases", "ArrayOfSVCDatabase");
        out.open("Resources", "ArrayOfSVCResource").open("SVCResource", "SVCResource");
        out.leaf("ID", &resource_id)
            .leaf("Name", &self.resource.name)
            .leaf("OnPremisePath", &self.resource.path);
        for empty in ["StagingPath", "ServerPath", "InPackagePath", "OnServerName"] {
            out.leaf(empty, "");
        }
        out.leaf("ClientName", &self.resource.client);
        if !self.style.arcmap {
            out.leaf("CIMPath", &source.cim_path).leaf("RepositoryID", &source.repository_id.to_string());
        }
        out.close("SVCResource").close("Resources");
        out.leaf("ID", &self.id("manifest")).leaf("Name", &self.name).leaf("OnPremisePath", &source.folder);
        for empty in ["StagingPath", "ServerPath", "InPackagePath"] {
            out.leaf(empty, "");
        }
        let server = if self.kind.is_hosted() { "LightweightOnline" } else { "FullServer" };
        out.leaf("ByReference", if self.by_reference { "true" } else { "false" })
            .leaf("Type", "esriServiceDefinitionType_New")
            .leaf("State", "esriSDState_Draft")
            .leaf("ServerType", &format!("esriSVCServerType_{server}"))
            .leaf("DataFolder", "");
        std::mem::replace(&mut self.staging, Items::of(&[])).write(&mut out, "StagingSettings");
        if !self.style.arcmap {
            std::mem::replace(&mut self.template, Items::of(&[])).write(&mut out, "TemplateSettings");
        }
        out.leaf("KeepExistingData", "false")
            .leaf("KeepExistingMapCache", "false")
            .leaf("ClientHostName", &source.machine)
            .leaf("OnServerName", "");
        let scales =
            ["minScale", "maxScale"].map(|key| self.configuration.get(key).unwrap_or("0").to_owned());
        self.write_configuration(&mut out, &resource_id);
        self.scheme.write_schema(&mut out, self.style.arcmap);
        self.write_item(&mut out, &scales);
        let text = &source.text;
        let metadata = if text.says_anything() { &text.xml } else { EMPTY_METADATA };
        out.open("Metadata", "XmlPropertySet").leaf("XmlDoc", metadata).close("Metadata");
        if let (Some(extent), Some(reference)) = (&self.cached, &self.scheme.reference) {
            self.scheme.write_levels(&mut out, (extent, reference), extent);
        }
        out.finish(ROOT)
    }

    fn write_configuration(&mut self, out: &mut Markup, resource_id: &str) {
        let take = |items: &mut Items| std::mem::replace(items, Items::of(&[]));
        out.open("Configurations", "ArrayOfSVCConfiguration")
            .open("SVCConfiguration", "SVCConfiguration")
            .leaf("ID", &self.ids.id("configuration"))
            .leaf("Name", &self.name)
            .leaf("TypeName", self.kind.type_name())
            .leaf("ResourceID", resource_id)
            .leaf("ServiceFolder", "")
            .leaf("DataFolder", "")
            .open("Definition", "SVCConfigurationDefinition")
            .leaf("Description", "");
        take(&mut self.configuration).write(out, "ConfigurationProperties");
        take(&mut self.info).write(out, "Info");
        take(&mut self.props).write(out, "Props");
        out.leaf("RecyclingInterval", "").leaf("RecyclingStart", "0");
        out.open("Extensions", "ArrayOfSVCExtension");
        for extension in std::mem::take(&mut self.extensions) {
            out.open("SVCExtension", "SVCExtension").leaf("Enabled", "false");
            extension.info.write(out, "Info");
            extension.props.write(out, "Props");
            out.leaf("TypeName", extension.type_name).close("SVCExtension");
        }
        out.close("Extensions")
            .leaf("Cluster", "default")
            .close("Definition")
            .close("SVCConfiguration")
            .close("Configurations");
    }

    fn write_item(&self, out: &mut Markup, [least, most]: &[String; 2]) {
        let tagged = !self.draft.item_text().tags.trim().is_empty();
        out.open("ItemInfo", "ItemInfo");
        for name in self.style.item.split_whitespace() {
            match name {
                "Name" => out.leaf(name, &self.name),
                "Type" => out.leaf(name, "Service Definition"),
                "TypeKeywords" if self.style.keywords => out.empty(name, "ArrayOfString"),
                "TypeKeywords" => out.nil(name),
                "Title" => out.leaf(name, &self.draft.title()),
                "Tags" => out.empty(name, "ArrayOfString"),
                "Url" => out.leaf(name, &self.url),
                "MinScale" => out.leaf(name, least),
                "MaxScale" => out.leaf(name, most),
                "Extent" => {
                    if let Some((extent, reference)) = &self.extent {
                        reference.write_extent(out, name, extent);
                    }
                    &mut *out
                }
                "SpatialReference" => {
                    if let Some(reference) = &self.reference {
                        reference.write(out, name);
                    }
                    &mut *out
                }
                // Image drafts have no element for tags until there are some.
                "Snippet" if tagged && !self.style.item.contains("Tags") => {
                    out.empty("Tags", "ArrayOfString").leaf(name, "")
                }
                _ => out.leaf(name, ""),
            };
        }
        out.close("ItemInfo");
    }
}
