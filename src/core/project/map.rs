//! Maps of a project and their layers in drawing order.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::layer::{Layer, LayerKind, Table};
use super::{FileKind, Project};
use crate::cim::{get, items, number, text, type_of};
use crate::dataset::{Envelope, SpatialReference};
use crate::{Error, Result};

/// How deep groups may nest; Pro's own window ends long before.
const MAX_DEPTH: usize = 64;
/// How many layers a map may have.
const MAX_LAYERS: usize = 100_000;

/// One map of a project, or the contents of a layer file.
#[derive(Clone, Debug)]
pub struct Map {
    /// What users read.
    pub name: String,
    /// Where its definition is, `CIMPATH=map/map.json`; empty for a layer file.
    pub cim_path: String,
    /// The whole CIM definition.
    pub definition: Arc<Value>,
    pub(super) project: Project,
}

impl Map {
    /// Returns the project that holds the map.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Lists the layers, groups before their members, as arcpy does.
    pub fn layers(&self) -> Result<Vec<Layer>> {
        Ok(self.contents()?.0)
    }

    /// Lists the tables, those of groups after the map's own.
    pub fn tables(&self) -> Result<Vec<Table>> {
        Ok(self.contents()?.1)
    }

    /// Lists the elevation surfaces, which `listLayers` leaves out.
    pub fn surfaces(&self) -> Result<Vec<Layer>> {
        let mut uris: Vec<&str> = text(&self.definition, "groundElevationSurfaceLayer").into_iter().collect();
        uris.extend(strings(&self.definition, "elevationSurfaceLayers"));
        uris.extend(strings(&self.definition, "elevationSurfaces"));
        // Layer files keep the surfaces of their 3D layers without naming them anywhere.
        if self.project.kind() == FileKind::Layer {
            let kept = items(&self.definition, "elevationSurfaceLayerDefinitions");
            uris.extend(kept.iter().filter_map(crate::cim::uri_of));
        }
        uris.sort_unstable();
        uris.dedup();
        uris.into_iter()
            .map(|uri| {
                let definition = self.project.document(uri)?;
                Ok(Layer::from_definition(definition, uri, None, 0, self.project.folder().to_path_buf()))
            })
            .collect()
    }

    /// Returns layers and tables in one walk.
    pub fn contents(&self) -> Result<(Vec<Layer>, Vec<Table>)> {
        let mut walk = Walk { map: self, layers: Vec::new(), tables: Vec::new(), seen: HashSet::new() };
        walk.enter(&self.definition, None, 0)?;
        Ok((walk.layers, walk.tables))
    }

    /// Finds one layer.
    ///
    /// # Errors
    /// [`crate::Kind::NotFound`] when the map has no layer of that path.
    pub fn layer(&self, cim_path: &str) -> Result<Layer> {
        self.layers()?
            .into_iter()
            .find(|layer| layer.cim_path == cim_path)
            .ok_or_else(|| Error::not_found(format!("the map `{}` has no layer `{cim_path}`", self.name)))
    }

    /// Returns `MAP`, `SCENE` or what else Pro calls the map, as arcpy spells it.
    pub fn map_type(&self) -> String {
        let viewing = text(&self.definition, "defaultViewingMode").unwrap_or_default();
        match text(&self.definition, "mapType") {
            Some("Scene") => "SCENE".to_owned(),
            _ if viewing.starts_with("Scene") => "SCENE".to_owned(),
            Some("Map") | None => "MAP".to_owned(),
            Some(other) => other.to_uppercase(),
        }
    }

    /// Returns the spatial reference of the map.
    pub fn spatial_reference(&self) -> Option<SpatialReference> {
        get(&self.definition, "spatialReference").and_then(spatial_reference)
    }

    /// Returns the extent that the map opens with.
    pub fn default_extent(&self) -> Option<Envelope> {
        get(&self.definition, "defaultExtent").and_then(envelope)
    }

    /// Returns the extent that the author set as full, if any.
    pub fn full_extent(&self) -> Option<Envelope> {
        get(&self.definition, "customFullExtent").and_then(envelope)
    }

    /// Returns the sharing description that the map carries.
    pub fn description(&self) -> Option<&str> {
        text(&self.definition, "description")
    }

    /// Tells whether layers keep the ids that the author assigned; the ids count only then.
    pub fn uses_service_layer_ids(&self) -> bool {
        crate::cim::flag(&self.definition, "useServiceLayerIDs")
    }

    /// Returns the map's metadata document.
    pub fn metadata(&self) -> Result<Option<String>> {
        self.project.metadata_of(&self.definition)
    }
}

/// Reads a spatial reference of a CIM document.
pub fn spatial_reference(value: &Value) -> Option<SpatialReference> {
    let id = |key| number(value, key).filter(|id| *id > 0.0).map(|id| id as u32);
    let out = SpatialReference {
        wkid: id("wkid"),
        latest_wkid: id("latestWkid"),
        wkt: text(value, "wkt").map(str::to_owned),
    };
    (out != SpatialReference::default()).then_some(out)
}

/// Reads an envelope of a CIM document; `None` for empty ones.
pub fn envelope(value: &Value) -> Option<Envelope> {
    Some(Envelope {
        xmin: number(value, "xmin")?,
        ymin: number(value, "ymin")?,
        xmax: number(value, "xmax")?,
        ymax: number(value, "ymax")?,
    })
}

fn strings<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    items(value, key).iter().filter_map(Value::as_str)
}

/// Members of a layer that name the layers inside it, in drawing order.
const CHILDREN: [&str; 13] = [
    "layers",
    "subtypeLayers",
    "allLayers",
    "boundaryLayer",
    "footprintLayer",
    "imageLayer",
    "seamlineLayer",
    "pointLayer",
    "lineLayer",
    "polygonLayer",
    "subLayers",
    "parcelLayers",
    "recordsLayer",
];

struct Walk<'a> {
    map: &'a Map,
    layers: Vec<Layer>,
    tables: Vec<Table>,
    seen: HashSet<String>,
}

impl Walk<'_> {
    fn enter(&mut self, holder: &Value, parent: Option<(&str, &str)>, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH || self.layers.len() > MAX_LAYERS {
            return Err(Error::limit(format!(
                "the map `{}` nests groups deeper than {MAX_DEPTH} or has more than {MAX_LAYERS} layers",
                self.map.name
            )));
        }
        let folder = || self.map.project.folder().to_path_buf();
        let mut tables: Vec<&str> = strings(holder, "standaloneTables").collect();
        if parent.is_none() && self.map.project.kind() == FileKind::Layer {
            tables.extend(strings(holder, "tables"));
        }
        tables.extend(text(holder, "objectTable"));
        for uri in tables {
            if !self.seen.insert(uri.to_owned()) {
                continue;
            }
            let definition = self.map.project.document(uri)?;
            self.tables.push(Table::from_definition(definition, uri, parent, folder()));
        }
        for key in CHILDREN {
            let uris: Vec<&str> = match get(holder, key) {
                Some(Value::String(uri)) if uri.starts_with("CIMPATH=") => vec![uri.as_str()],
                Some(Value::Array(_)) => strings(holder, key).collect(),
                // Pro 2.x writes sublayers of mosaics in place.
                Some(inline @ Value::Object(_)) if type_of(inline).ends_with("SubLayer") => {
                    let cim_path = format!("{}#{key}", parent.map_or("", |(path, _)| path));
                    let layer =
                        Layer::from_definition(Arc::new(inline.clone()), &cim_path, parent, depth, folder());
                    self.layers.push(layer);
                    continue;
                }
                _ => continue,
            };
            for uri in uris {
                // A layer that names its own group would never end.
                if !self.seen.insert(uri.to_owned()) {
                    continue;
                }
                let definition = self.map.project.document(uri)?;
                let layer = Layer::from_definition(Arc::clone(&definition), uri, parent, depth, folder());
                if layer.kind == LayerKind::Elevation {
                    continue;
                }
                let long_name = layer.long_name.clone();
                self.layers.push(layer);
                self.enter(&definition, Some((uri, &long_name)), depth + 1)?;
            }
        }
        Ok(())
    }
}
