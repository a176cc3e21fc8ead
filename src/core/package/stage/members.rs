//! Which layers and tables of a map are staged, under which ids, and what their data is.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::consolidate::container;
use super::stays::Stays;
use crate::analyze::{Finding, Severity};
use crate::cim::drawing_info_for;
use crate::dataset::{Dataset, Datasets, GeometryType, Source};
use crate::error::{Kind, Result};
use crate::project::{Layer, LayerKind, Map, Table};
use crate::sddraft::Document;

/// Which members a service takes, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice<'a> {
    /// `CIMPATH`s of layers; with those of tables empty, the whole map.
    pub(super) layers: Vec<String>,
    /// `CIMPATH`s of tables.
    pub(super) tables: Vec<String>,
    /// Whether the service draws maps, so that it may hold rasters and layers that are not for editing.
    pub(super) draws: bool,
    /// Which data stay where they are.
    pub(super) stays: Stays<'a>,
}

impl<'a> Choice<'a> {
    /// Reads a draft's lists.
    pub(super) fn of(draft: &Document, draws: bool, stays: Stays<'a>) -> Self {
        Self { layers: draft.layer_uris(), tables: draft.table_uris(), draws, stays }
    }
}

/// A layer or a table of the map.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Layer(Layer),
    Table(Table),
}

/// One resource of the service.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) id: u32,
    pub(super) parent: Option<u32>,
    pub(super) children: Vec<u32>,
    pub(super) item: Item,
    /// `None` for groups and rasters.
    pub(super) data: Option<Data>,
    /// The file or geodatabase of a raster layer, with the raster's name in a geodatabase.
    pub(super) raster: Option<Source>,
}

/// What a layer or table brings along.
#[derive(Clone, Debug)]
enum Content {
    /// Nothing of its own: a group.
    Group,
    Rows(Box<Data>),
    Raster(Source),
}

/// Where the rows are and what they look like.
#[derive(Clone, Debug)]
pub(super) struct Data {
    pub(super) source: Source,
    pub(super) dataset: Dataset,
}

impl Member {
    pub(super) fn name(&self) -> &str {
        match &self.item {
            Item::Layer(layer) => &layer.name,
            Item::Table(table) => &table.name,
        }
    }

    pub(super) fn cim_path(&self) -> &str {
        match &self.item {
            Item::Layer(layer) => &layer.cim_path,
            Item::Table(table) => &table.cim_path,
        }
    }

    pub(super) fn layer(&self) -> Option<&Layer> {
        match &self.item {
            Item::Layer(layer) => Some(layer),
            Item::Table(_) => None,
        }
    }

    pub(super) fn is_table(&self) -> bool {
        matches!(self.item, Item::Table(_))
    }

    /// Geometry type of the data; `None` for groups and tables.
    pub(super) fn geometry(&self) -> Option<GeometryType> {
        self.data.as_ref().filter(|_| !self.is_table()).and_then(|data| data.dataset.geometry_type)
    }
}

/// The members in drawing order, groups before what is in them, tables last.
#[derive(Clone, Debug)]
pub(super) struct Members(pub(super) Vec<Member>);

impl Members {
    /// Chooses by the draft's lists and looks at the data; what stands in the way becomes findings.
    pub(super) fn choose(
        map: &Map,
        choice: &Choice<'_>,
        datasets: &dyn Datasets,
        findings: &mut Vec<Finding>,
    ) -> Result<Self> {
        let (layers, tables) = map.contents()?;
        if layers.is_empty() && tables.is_empty() {
            findings.push(Finding::new(Severity::Error, 1, "Map does not have layers"));
            return Ok(Self(Vec::new()));
        }
        let wanted = Wanted::of(choice, &layers, &tables, findings);
        let mut look = Look { choice, datasets, findings };
        let mut chosen: Vec<(Item, Content)> = Vec::new();
        for layer in layers.into_iter().filter(|layer| wanted.layers.contains(&layer.cim_path)) {
            if matches!(layer.kind, LayerKind::Group | LayerKind::SubtypeGroup) {
                chosen.push((Item::Layer(layer), Content::Group));
            } else if let Some(content) = look.layer(&layer) {
                chosen.push((Item::Layer(layer), content));
            }
        }
        for table in tables.into_iter().filter(|table| wanted.tables.contains(&table.cim_path)) {
            if let Some(content) = look.table(&table) {
                chosen.push((Item::Table(table), content));
            }
        }
        drop_empty_groups(&mut chosen);
        if chosen.is_empty() {
            let service = if choice.draws { "map service" } else { "web feature layer" };
            let text = format!("`{}` does not contain a required layer type for a {service}", map.name);
            findings.push(Finding::new(Severity::Error, 102, text));
        }
        Ok(number(map, chosen))
    }
}

/// The `CIMPATH`s to stage.
struct Wanted {
    layers: HashSet<String>,
    tables: HashSet<String>,
}

impl Wanted {
    /// Reads the draft's lists. Empty lists mean the whole map; a group brings its members along.
    fn of(choice: &Choice<'_>, layers: &[Layer], tables: &[Table], findings: &mut Vec<Finding>) -> Self {
        let (layer_uris, table_uris) = (choice.layers.clone(), choice.tables.clone());
        if layer_uris.is_empty() && table_uris.is_empty() {
            return Self {
                layers: layers.iter().map(|layer| layer.cim_path.clone()).collect(),
                tables: tables.iter().map(|table| table.cim_path.clone()).collect(),
            };
        }
        let known: HashSet<&str> = layers
            .iter()
            .map(|layer| layer.cim_path.as_str())
            .chain(tables.iter().map(|table| table.cim_path.as_str()))
            .collect();
        for uri in layer_uris.iter().chain(&table_uris).filter(|uri| !known.contains(uri.as_str())) {
            let text = format!("the draft lists `{uri}`, which is not in the map; create the draft again");
            findings.push(Finding::new(Severity::Warning, 0, text));
        }
        let mut layer_set: HashSet<String> = layer_uris.into_iter().collect();
        let mut table_set: HashSet<String> = table_uris.into_iter().collect();
        for layer in layers {
            if layer.parent.as_ref().is_some_and(|parent| layer_set.contains(parent)) {
                layer_set.insert(layer.cim_path.clone());
            }
        }
        for table in tables {
            let listed = layer_set.contains(&table.cim_path);
            if listed || table.parent.as_ref().is_some_and(|parent| layer_set.contains(parent)) {
                table_set.insert(table.cim_path.clone());
            }
        }
        Self { layers: layer_set, tables: table_set }
    }
}

fn kind_in_words(layer: &Layer) -> &'static str {
    match layer.kind {
        LayerKind::Raster | LayerKind::Mosaic => "a raster layer",
        LayerKind::Annotation => "an annotation layer",
        LayerKind::Dimension => "a dimension layer",
        LayerKind::Scene | LayerKind::Elevation => "a scene layer",
        LayerKind::Controller => "a network, topology or parcel layer",
        _ => "a layer of another service",
    }
}

/// Looks at what the layers and tables show; what stands in the way becomes findings.
struct Look<'a> {
    choice: &'a Choice<'a>,
    datasets: &'a dyn Datasets,
    findings: &'a mut Vec<Finding>,
}

impl Look<'_> {
    /// Returns `None` when the layer is left out.
    fn layer(&mut self, layer: &Layer) -> Option<Content> {
        let name = &layer.long_name;
        let shows_service = layer.connection.as_ref().is_some_and(crate::project::DataConnection::is_service);
        let taken = layer.kind == LayerKind::Feature || self.choice.draws && layer.kind == LayerKind::Raster;
        if !taken || layer.is_basemap() || shows_service {
            let what = if shows_service { "a layer of another service" } else { kind_in_words(layer) };
            let service = if self.choice.draws { "map service" } else { "web feature layer" };
            let text = format!("`{name}` is {what}, which a {service} cannot hold; it was left out");
            self.findings.push(Finding::new(Severity::Warning, 0, text).about(name.clone()));
            return None;
        }
        if layer.name.is_empty() {
            let finding = Finding::new(Severity::Error, 115, "Layer name is empty");
            self.findings.push(finding.about(layer.cim_path.clone()));
            return None;
        }
        if layer.kind == LayerKind::Raster {
            return self.raster(layer);
        }
        let data = self.rows(name, layer.source(), &LAYER_CODES)?;
        let drawing = drawing_info_for(layer, data.dataset.geometry_type);
        self.findings.extend(drawing.findings);
        let mut say = |severity, code, text: &str| {
            self.findings.push(Finding::new(severity, code, text).about(name.clone()));
        };
        match data.dataset.geometry_type {
            None => say(Severity::Error, 5, "Layer type is not supported: its data has no geometry"),
            Some(GeometryType::MultiPatch) => say(
                Severity::Error,
                5,
                "Layer type is not supported: multipatch geometries are served by scene layers, so export them \
                 to polygons or leave the layer out",
            ),
            Some(_) => {}
        }
        if data.dataset.has_m {
            say(Severity::Warning, 24_033, "Layer's data source is m-aware");
        }
        Some(Content::Rows(Box::new(data)))
    }

    fn raster(&mut self, layer: &Layer) -> Option<Content> {
        let found = layer.source().and_then(|source| {
            if source.path.exists() {
                return Ok(source);
            }
            Err(crate::Error::not_found(format!("`{}` does not exist", source.path.display())))
        });
        match found {
            Ok(source) => Some(Content::Raster(Source { filter: None, ..source })),
            Err(error) => {
                let (code, text) = LAYER_CODES.inaccessible;
                let finding = Finding::new(Severity::Error, code, format!("{text}: {error}"));
                self.findings.push(finding.about(layer.long_name.clone()));
                None
            }
        }
    }

    fn table(&mut self, table: &Table) -> Option<Content> {
        if table.connection.as_ref().is_some_and(crate::project::DataConnection::is_service) {
            let text = format!("`{}` is a table of another service; it was left out", table.long_name);
            self.findings.push(Finding::new(Severity::Warning, 0, text).about(table.long_name.clone()));
            return None;
        }
        let data = self.rows(&table.long_name, table.source(), &TABLE_CODES)?;
        Some(Content::Rows(Box::new(data)))
    }

    fn rows(&mut self, name: &str, source: Result<Source>, codes: &Codes) -> Option<Data> {
        let mut say = |severity, (code, text): (u32, &str), more: Option<&crate::Error>| {
            let text = more.map_or_else(|| text.to_owned(), |error| format!("{text}: {error}"));
            self.findings.push(Finding::new(severity, code, text).about(name));
        };
        let found = source.and_then(|source| {
            let dataset = self.datasets.describe(&source)?;
            Ok((source, dataset))
        });
        match found {
            Ok((source, dataset)) => {
                let copied = !self.choice.stays.holds(&container(&source, &dataset));
                if copied {
                    // News only for who asked for it to stay.
                    let severity =
                        if self.choice.stays.wanted() { Severity::Warning } else { Severity::Message };
                    say(severity, codes.copied, None);
                }
                if copied && dataset.driver != "OpenFileGDB" {
                    let text = "Layer's data source will be converted to a file geodatabase";
                    say(Severity::Warning, (20_015, text), None);
                }
                Some(Data { source, dataset })
            }
            Err(error) => {
                let which = match error.kind() {
                    Kind::Unsupported => codes.unsupported,
                    Kind::InvalidInput => codes.query,
                    _ => codes.inaccessible,
                };
                say(Severity::Error, which, Some(&error));
                None
            }
        }
    }
}

/// The analyzer codes that layers and tables have for the same thing.
struct Codes {
    inaccessible: (u32, &'static str),
    unsupported: (u32, &'static str),
    query: (u32, &'static str),
    copied: (u32, &'static str),
}

const LAYER_CODES: Codes = Codes {
    inaccessible: (3, "Layer's data source is inaccessible"),
    unsupported: (4, "Layer's data source is not supported"),
    query: (7, "Layer's definition query is invalid"),
    copied: (24_011, "Data source is not registered with the server and data will be copied to the server"),
};
const TABLE_CODES: Codes = Codes {
    inaccessible: (32, "Standalone table's data source is inaccessible"),
    unsupported: (33, "Standalone table's data source is not supported"),
    query: (7, "Standalone table's definition query is invalid"),
    copied: (
        24_012,
        "Standalone table's data source is not registered with the server and data will be copied to the server",
    ),
};

/// Leaves out groups that hold nothing any more.
fn drop_empty_groups(chosen: &mut Vec<(Item, Content)>) {
    loop {
        let parents: HashSet<String> = chosen
            .iter()
            .filter_map(|(item, _)| match item {
                Item::Layer(layer) => layer.parent.clone(),
                Item::Table(table) => table.parent.clone(),
            })
            .collect();
        let before = chosen.len();
        chosen.retain(|(item, content)| match item {
            Item::Layer(layer) => !matches!(content, Content::Group) || parents.contains(&layer.cim_path),
            Item::Table(_) => true,
        });
        if chosen.len() == before {
            return;
        }
    }
}

/// Gives ids: those of the author where the map asks for them, else by position.
fn number(map: &Map, chosen: Vec<(Item, Content)>) -> Members {
    let assigned = map.uses_service_layer_ids();
    let author = |item: &Item| match item {
        Item::Layer(layer) => layer.service_id,
        Item::Table(table) => table.service_id,
    };
    let mut taken = BTreeSet::new();
    let fixed: Vec<Option<u32>> =
        chosen.iter().map(|(item, _)| author(item).filter(|id| assigned && taken.insert(*id))).collect();
    let mut next = 0;
    let mut members = Vec::with_capacity(chosen.len());
    let mut ids: HashMap<String, u32> = HashMap::new();
    for ((item, content), fixed) in chosen.into_iter().zip(fixed) {
        let id = fixed.unwrap_or_else(|| {
            while taken.contains(&next) {
                next += 1;
            }
            taken.insert(next);
            next
        });
        let (data, raster) = match content {
            Content::Group => (None, None),
            Content::Rows(data) => (Some(*data), None),
            Content::Raster(source) => (None, Some(source)),
        };
        let member = Member { id, parent: None, children: Vec::new(), item, data, raster };
        ids.insert(member.cim_path().to_owned(), id);
        members.push(member);
    }
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for member in &mut members {
        let parent = match &member.item {
            Item::Layer(layer) => layer.parent.as_ref(),
            // Tables of a group stand beside the layers in a service.
            Item::Table(_) => None,
        };
        member.parent = parent.and_then(|path| ids.get(path)).copied();
        if let Some(parent) = member.parent {
            children.entry(parent).or_default().push(member.id);
        }
    }
    for member in &mut members {
        member.children = children.remove(&member.id).unwrap_or_default();
    }
    Members(members)
}
