//! Layers and tables of a map: typed views over their CIM definitions.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::Result;
use crate::cim::{flag, get, items, number, text, type_of};
use crate::dataset::Source;
use crate::project::DataConnection;

/// What a layer shows.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LayerKind {
    /// Features of one class.
    Feature,
    /// A group of layers.
    Group,
    /// Subtypes of one class as a group.
    SubtypeGroup,
    /// A raster.
    Raster,
    /// A mosaic dataset with its sublayers.
    Mosaic,
    /// Tiles of a map service, mostly basemaps.
    TiledService,
    /// Vector tiles.
    VectorTile,
    /// A map service that draws on request.
    MapService,
    /// An image service.
    ImageService,
    /// WMS, WMTS, WFS, KML or another open service.
    OpenService,
    /// Annotation of a geodatabase.
    Annotation,
    /// Dimensions of a geodatabase.
    Dimension,
    /// A ground surface.
    Elevation,
    /// Scene layers, point clouds, 3D tiles, buildings.
    Scene,
    /// A network, parcel fabric, topology, trace network or utility network.
    Controller,
    /// Anything else that Pro draws.
    Other,
}

impl LayerKind {
    /// Tells the kind of a CIM type name.
    pub fn of(type_name: &str) -> Self {
        match type_name {
            "CIMFeatureLayer" | "CIMFeatureMosaicSubLayer" => Self::Feature,
            "CIMGroupLayer" => Self::Group,
            "CIMSubtypeGroupLayer" => Self::SubtypeGroup,
            "CIMRasterLayer" | "CIMImageMosaicSubLayer" => Self::Raster,
            "CIMMosaicLayer" => Self::Mosaic,
            "CIMTiledServiceLayer" => Self::TiledService,
            "CIMVectorTileLayer" => Self::VectorTile,
            "CIMDynamicServiceLayer" | "CIMMapServiceLayer" => Self::MapService,
            "CIMImageServiceLayer" => Self::ImageService,
            "CIMWMSLayer"
            | "CIMWMTSLayer"
            | "CIMWCSLayer"
            | "CIMKMLLayer"
            | "CIMServiceLayer"
            | "CIMOGCAPIServiceLayer" => Self::OpenService,
            "CIMAnnotationLayer" | "CIMAnnotationSubLayer" => Self::Annotation,
            "CIMDimensionLayer" => Self::Dimension,
            "CIMElevationSurfaceLayer" => Self::Elevation,
            "CIMSceneServiceLayer"
            | "CIMPointCloudLayer"
            | "CIMBuildingSceneLayer"
            | "CIMIntegratedMeshLayer"
            | "CIMTiles3DLayer"
            | "CIMVoxelLayer"
            | "CIMBuildingLayer" => Self::Scene,
            "CIMNetworkDatasetLayer"
            | "CIMParcelLayer"
            | "CIMTopologyLayer"
            | "CIMUtilityNetworkLayer"
            | "CIMTraceNetworkLayer"
            | "CIMGeodatabaseErrorLayer" => Self::Controller,
            _ => Self::Other,
        }
    }

    /// Tells whether the layer comes from a service on the web.
    pub fn is_web(self) -> bool {
        matches!(
            self,
            Self::TiledService | Self::VectorTile | Self::MapService | Self::ImageService | Self::OpenService
        )
    }
}

/// One layer of a map, in the state that the project has now.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What users read.
    pub name: String,
    /// Names of the groups and the layer, joined by a backslash as arcpy does.
    pub long_name: String,
    /// Where its definition is, `CIMPATH=map/roads.json`.
    pub cim_path: String,
    /// `CIMPATH` of the group that holds it.
    pub parent: Option<String>,
    /// How deep in groups it lies; 0 for the map's own layers.
    pub depth: usize,
    /// What it shows.
    pub kind: LayerKind,
    /// Where the data is; groups have none.
    pub connection: Option<DataConnection>,
    /// Which features it shows, in the syntax of the source.
    pub definition_query: Option<String>,
    /// Whether it is switched on, without regard to its groups.
    pub visible: bool,
    /// Percent, 0 is opaque.
    pub transparency: f64,
    /// Largest scale denominator at which it draws; 0 for no limit.
    pub min_scale: f64,
    /// Smallest scale denominator at which it draws; 0 for no limit.
    pub max_scale: f64,
    /// Whether its labels are switched on.
    pub labels_visible: bool,
    /// The id that the author assigned for sharing; `None` when there is none.
    pub service_id: Option<u32>,
    /// The whole CIM definition.
    pub definition: Arc<Value>,
    pub(super) folder: PathBuf,
}

impl Layer {
    /// Makes the view of one definition.
    pub fn from_definition(
        definition: Arc<Value>,
        cim_path: &str,
        parent: Option<(&str, &str)>,
        depth: usize,
        folder: PathBuf,
    ) -> Self {
        let name = text(&definition, "name").unwrap_or_default().to_owned();
        let long_name = match parent {
            Some((_, group)) => format!("{group}\\{name}"),
            None => name.clone(),
        };
        let table = get(&definition, "featureTable").unwrap_or(&definition);
        Self {
            long_name,
            cim_path: cim_path.to_owned(),
            parent: parent.map(|(path, _)| path.to_owned()),
            depth,
            kind: LayerKind::of(type_of(&definition)),
            connection: connection_of(&definition),
            definition_query: text(table, "definitionExpression").map(str::to_owned),
            visible: flag(&definition, "visibility"),
            transparency: number(&definition, "transparency").unwrap_or_default(),
            min_scale: number(&definition, "minScale").unwrap_or_default(),
            max_scale: number(&definition, "maxScale").unwrap_or_default(),
            labels_visible: flag(&definition, "labelVisibility"),
            service_id: number(&definition, "serviceLayerID").filter(|id| *id >= 0.0).map(|id| id as u32),
            name,
            definition,
            folder,
        }
    }

    /// Returns the CIM type, `CIMFeatureLayer`.
    pub fn type_name(&self) -> &str {
        type_of(&self.definition)
    }

    /// Returns the renderer's CIM object.
    pub fn renderer(&self) -> Option<&Value> {
        get(&self.definition, "renderer")
    }

    /// Returns the descriptions of fields: `fieldName`, `alias`, `visible`, `readOnly`.
    pub fn field_descriptions(&self) -> &[Value] {
        get(&self.definition, "featureTable").map_or(&[], |table| items(table, "fieldDescriptions"))
    }

    /// Returns the field that names a feature.
    pub fn display_field(&self) -> Option<&str> {
        get(&self.definition, "featureTable").and_then(|table| text(table, "displayField"))
    }

    /// Tells whether the layer is a basemap, which sharing drafts leave out.
    pub fn is_basemap(&self) -> bool {
        matches!(text(&self.definition, "layerType"), Some("BasemapBackground" | "BasemapTopReference"))
    }

    /// Finds the layer's data with its definition query.
    ///
    /// # Errors
    /// Those of [`DataConnection::resolve`], with the layer's name.
    pub fn source(&self) -> Result<Source> {
        source_of(&self.long_name, self.connection.as_ref(), self.definition_query.as_ref(), &self.folder)
    }

    /// Tells whether the layer's data is missing.
    pub fn is_broken(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_broken(&self.folder))
    }

    /// Returns the folder that relative connections count from.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

/// One stand-alone table of a map.
#[derive(Clone, Debug)]
pub struct Table {
    /// What users read.
    pub name: String,
    /// Names of the groups and the table, joined by a backslash.
    pub long_name: String,
    /// Where its definition is.
    pub cim_path: String,
    /// `CIMPATH` of the group that holds it.
    pub parent: Option<String>,
    /// Where the data is.
    pub connection: Option<DataConnection>,
    /// Which rows it shows.
    pub definition_query: Option<String>,
    /// The id that the author assigned for sharing.
    pub service_id: Option<u32>,
    /// The whole CIM definition.
    pub definition: Arc<Value>,
    pub(super) folder: PathBuf,
}

impl Table {
    /// Makes the view of one definition.
    pub fn from_definition(
        definition: Arc<Value>,
        cim_path: &str,
        parent: Option<(&str, &str)>,
        folder: PathBuf,
    ) -> Self {
        let name = text(&definition, "name").unwrap_or_default().to_owned();
        Self {
            long_name: parent.map_or_else(|| name.clone(), |(_, group)| format!("{group}\\{name}")),
            cim_path: cim_path.to_owned(),
            parent: parent.map(|(path, _)| path.to_owned()),
            connection: connection_of(&definition),
            definition_query: text(&definition, "definitionExpression").map(str::to_owned),
            service_id: number(&definition, "serviceTableID").filter(|id| *id >= 0.0).map(|id| id as u32),
            name,
            definition,
            folder,
        }
    }

    /// Returns the descriptions of fields.
    pub fn field_descriptions(&self) -> &[Value] {
        items(&self.definition, "fieldDescriptions")
    }

    /// Finds the table's data with its definition query.
    ///
    /// # Errors
    /// Those of [`DataConnection::resolve`], with the table's name.
    pub fn source(&self) -> Result<Source> {
        source_of(&self.long_name, self.connection.as_ref(), self.definition_query.as_ref(), &self.folder)
    }

    /// Tells whether the table's data is missing.
    pub fn is_broken(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_broken(&self.folder))
    }

    /// Returns the folder that relative connections count from.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

fn source_of(
    name: &str,
    connection: Option<&DataConnection>,
    filter: Option<&String>,
    folder: &std::path::Path,
) -> Result<Source> {
    let connection =
        connection.ok_or_else(|| crate::Error::invalid(format!("`{name}` has no data connection")))?;
    let mut source = connection
        .resolve(folder)
        .map_err(|error| error.context(format_args!("cannot find the data of `{name}`")))?;
    source.filter = filter.cloned();
    Ok(source)
}

/// Where the parts of a layer keep their connection.
fn connection_of(definition: &Value) -> Option<DataConnection> {
    ["featureTable", "boundaryLayer", "mosaicDatasetConnection"]
        .iter()
        .find_map(|key| get(get(definition, key)?, "dataConnection"))
        .or_else(|| get(definition, "dataConnection"))
        .or_else(|| get(definition, "serviceConnection"))
        .filter(|connection| connection.is_object())
        .map(|connection| DataConnection::new(connection.clone()))
}
