//! What staging makes of a draft for servers: service configuration, tiling scheme, first cache.

use serde_json::{Value, json};

use super::{Document, Markup, PropertySet, ServerType};
use crate::service::{ExtensionConfiguration, Pooling, ServiceConfiguration};

fn lower_first(key: &str) -> String {
    let mut letters = key.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn capabilities(info: &[(String, Option<String>)]) -> String {
    let found = info.iter().find(|(key, _)| key.eq_ignore_ascii_case("webCapabilities"));
    found.and_then(|(_, value)| value.clone()).unwrap_or_default()
}

fn values(set: Vec<(String, Option<String>)>) -> Vec<(String, String)> {
    set.into_iter().map(|(key, value)| (lower_first(&key), value.unwrap_or_default())).collect()
}

/// Reads the service's description out of a draft.
pub fn to_service_description(draft: &Document) -> ServiceConfiguration {
    let at = |path: &str| draft.text_at(path).map(std::borrow::Cow::into_owned).unwrap_or_default();
    let extension = |extension: super::Extension| ExtensionConfiguration {
        type_name: extension.type_name,
        enabled: extension.enabled,
        capabilities: capabilities(&extension.info),
        properties: values(extension.props),
    };
    let pooling = || Pooling {
        cluster: at("Configurations/SVCConfiguration/Definition/Cluster"),
        props: draft
            .properties(PropertySet::Props)
            .into_iter()
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect(),
    };
    ServiceConfiguration {
        folder: draft.service_folder(),
        name: draft.service_name(),
        type_name: draft.type_name(),
        description: at("Configurations/SVCConfiguration/Definition/Description"),
        capabilities: capabilities(&draft.properties(PropertySet::Info)),
        properties: values(draft.properties(PropertySet::Configuration)),
        pooling: (draft.server_type() == ServerType::Full).then(pooling),
        extensions: draft.extensions().into_iter().map(extension).collect(),
    }
}

/// Makes `serviceconfiguration.json` of a draft.
pub fn to_service_configuration(draft: &Document) -> Value {
    to_service_description(draft).to_json()
}

/// Makes `tilingservice.xml` of a draft: its `CacheSchema` as a document of its own.
pub fn to_tiling_service(draft: &Document, version: &str) -> Option<String> {
    let schema = draft.find("CacheSchema")?;
    let mut markup = Markup::document("CacheInfo", "CacheInfo", version);
    for child in draft.tree().children(schema) {
        markup.copy(draft.tree(), child);
    }
    Some(markup.finish("CacheInfo"))
}

/// Makes `initialcachesettings.json` of a draft that has `InitCacheLevels`.
pub fn to_initial_cache_settings(draft: &Document) -> Option<Value> {
    let levels = draft.find("InitCacheLevels")?;
    let tree = draft.tree();
    let at = |path: &str| draft.text_at(&format!("InitCacheLevels/{path}")).unwrap_or_default();
    let side = |name: &str| at(&format!("Extent/{name}")).trim().parse::<f64>().unwrap_or(0.0);
    let truth = |text: &str| text.trim().eq_ignore_ascii_case("true");
    let level = |id| {
        let text =
            |name: &str| tree.child(id, name).map(|id| tree.text(id).trim().to_owned()).unwrap_or_default();
        let whole = |name: &str| text(name).parse::<i64>().unwrap_or(0);
        json!({
            "level": whole("LevelID"),
            "scale": text("Scale").parse::<f64>().unwrap_or(0.0),
            "estimatedSizeInMB": whole("Size"),
            "estimatedNumberOfTiles": text("NumberOfTiles"),
            "isStatisticalEstimate": truth(&text("IsStatisticalEstimate")),
        })
    };
    let infos = tree.child(levels, "InitialCacheInfos");
    let lods: Vec<Value> = infos.map(|id| tree.children(id).map(level).collect()).unwrap_or_default();
    Some(json!({
        "buildCache": "automatic",
        "extent": {
            "xmin": side("XMin"), "ymin": side("YMin"), "xmax": side("XMax"), "ymax": side("YMax"),
            "isFullExtent": truth(&at("IsFullExtent")),
        },
        "lodInfos": lods,
    }))
}
