//! `manifest.xml` of a service definition, made of the draft.

use super::{Document, Markup, NodeId, ROOT, Tree, XsType};

/// One copied or registered dataset.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DatasetEntry {
    /// A GUID in braces.
    pub id: String,
    /// The name of the feature class or table.
    pub name: String,
    /// Where the author has it.
    pub on_premise_path: String,
    /// Such as `cd\city.gdb\roads`; empty when the data is registered and not copied.
    pub in_package_path: String,
    /// Such as `esriDTFeatureClass` or `esriDTTable`.
    pub dataset_type: String,
}

/// One workspace that layers read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DatabaseEntry {
    /// A GUID in braces.
    pub id: String,
    /// The name of the workspace.
    pub name: String,
    /// Such as `cd\city.gdb`; empty when the data is registered and not copied.
    pub in_package_path: String,
    /// Such as `esriDataSourcesGDB.FileGDBWorkspaceFactory`.
    pub on_premise_factory: String,
    /// The connection as the author has it, `DATABASE=...`.
    pub on_premise_connection: String,
    /// The factory of the copy.
    pub in_package_factory: String,
    /// Whether the data stays where it is.
    pub by_reference: bool,
    /// The datasets in it.
    pub datasets: Vec<DatasetEntry>,
}

/// What staging knows and the draft does not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ManifestExtras {
    /// The schema version of the target, such as `3.3.0`; empty keeps the draft's.
    pub schema_version: String,
    /// `SDS` for hosted relational layers, `ArcObjects` otherwise.
    pub service_provider: String,
    /// The document in the package, such as `p30\project.aprx`.
    pub in_package_path: String,
    /// The ids of all datasets, in braces.
    pub dataset_ids: Vec<String>,
    /// The workspaces.
    pub databases: Vec<DatabaseEntry>,
    /// More staging settings, such as `HasOnlyMultipatchGeometries`.
    pub staging: Vec<(String, String)>,
}

const NOT_IN_MANIFEST: &[&str] =
    &["Configurations", "CacheSchema", "ItemInfo", "Metadata", "InitCacheLevels"];

/// Makes `manifest.xml` of a draft, one line in the products' style whatever style the draft has.
pub fn to_manifest(draft: &Document, extras: &ManifestExtras) -> String {
    let tree = draft.tree();
    let version = draft.schema_version();
    let version = if extras.schema_version.is_empty() { version.as_str() } else { &extras.schema_version };
    let mut out = Markup::document(ROOT, ROOT, version);
    for child in tree.children(tree.root()) {
        match tree.name(child) {
            name if NOT_IN_MANIFEST.contains(&name) => {}
            "Databases" => databases(&mut out, &extras.databases),
            "Resources" => resources(&mut out, tree, child, extras),
            "StagingSettings" => staging(&mut out, tree, child, extras),
            "State" => {
                out.leaf("State", "esriSDState_Staged");
            }
            _ => {
                out.copy(tree, child);
            }
        }
    }
    out.finish(ROOT)
}

fn databases(out: &mut Markup, entries: &[DatabaseEntry]) {
    out.open("Databases", "ArrayOfSVCDatabase");
    for entry in entries {
        let on_server = |text: &str| if entry.by_reference { text.to_owned() } else { String::new() };
        out.open("SVCDatabase", "SVCDatabase")
            .leaf("ID", &entry.id)
            .leaf("Name", &entry.name)
            .leaf("OnPremisePath", "")
            .leaf("ServerPath", "")
            .leaf("InPackagePath", &entry.in_package_path)
            .leaf("OnPremiseWorkspaceFactoryProgID", &entry.on_premise_factory)
            .leaf("OnPremiseConnectionString", &entry.on_premise_connection)
            .leaf("InPackageWorkspaceFactoryProgID", &entry.in_package_factory)
            .open("Datasets", "ArrayOfSVCDataset");
        for dataset in &entry.datasets {
            out.open("SVCDataset", "SVCDataset")
                .leaf("ID", &dataset.id)
                .leaf("Name", &dataset.name)
                .leaf("OnPremisePath", &dataset.on_premise_path)
                .leaf("ServerPath", "")
                .leaf("InPackagePath", &dataset.in_package_path)
                .leaf("OnServerName", &on_server(&dataset.name))
                .leaf("DatasetType", &dataset.dataset_type)
                .close("SVCDataset");
        }
        out.close("Datasets")
            .empty("Replicas", "ArrayOfSVCReplica")
            .leaf("SwizzledOnClient", "false")
            .leaf("ByReference", if entry.by_reference { "true" } else { "false" })
            .leaf("OnServerWorkspaceFactoryProgID", &on_server(&entry.on_premise_factory))
            .leaf("OnServerConnectionString", &on_server(&entry.on_premise_connection))
            .leaf("OnServerName", &on_server(&entry.name))
            .close("SVCDatabase");
    }
    out.close("Databases");
}

fn resources(out: &mut Markup, tree: &Tree, resources: NodeId, extras: &ManifestExtras) {
    out.start(tree, resources);
    for resource in tree.children(resources) {
        out.start(tree, resource);
        if !extras.dataset_ids.is_empty() {
            out.open("DatasetIDs", "ArrayOfString");
            for id in &extras.dataset_ids {
                out.leaf("String", id);
            }
            out.close("DatasetIDs");
        }
        for child in tree.children(resource) {
            if tree.name(child) == "InPackagePath" && !extras.in_package_path.is_empty() {
                out.leaf("InPackagePath", &extras.in_package_path);
            } else {
                out.copy(tree, child);
            }
        }
        out.close(tree.name(resource));
    }
    out.close("Resources");
}

fn staging(out: &mut Markup, tree: &Tree, settings: NodeId, extras: &ManifestExtras) {
    let provider = if extras.service_provider.is_empty() { "ArcObjects" } else { &extras.service_provider };
    let mut written = false;
    let put = |out: &mut Markup, key: &str, value: &str| {
        out.open("PropertySetProperty", "PropertySetProperty").leaf("Key", key);
        out.typed_value(value, XsType::String).close("PropertySetProperty");
    };
    out.open("StagingSettings", "PropertySet").open("PropertyArray", "ArrayOfPropertySetProperty");
    for array in tree.children(settings) {
        for property in tree.children(array) {
            let key = tree.child(property, "Key").map(|id| tree.text(id)).unwrap_or_default();
            if key == "ServerConnectionString" || key == "ServiceProvider" {
                if !written {
                    put(out, "ServiceProvider", provider);
                    written = true;
                }
            } else {
                out.copy(tree, property);
            }
        }
    }
    if !written {
        put(out, "ServiceProvider", provider);
    }
    for (key, value) in &extras.staging {
        put(out, key, value);
    }
    out.close("PropertyArray").close("StagingSettings");
}
