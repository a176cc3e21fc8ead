//! Which layers and tables of a map are staged, under which ids, and what their data is.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::analyze::{Finding, Severity};
use crate::cim::drawing_info_for;
use crate::dataset::{Dataset, Datasets, GeometryType, Source};
use crate::error::{Kind, Result};
use crate::project::{Layer, LayerKind, Map, Table};
use crate::sddraft::Document;

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
    /// `None` for groups.
    pub(super) data: Option<Data>,
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
        draft: &Document,
        datasets: &dyn Datasets,
        findings: &mut Vec<Finding>,
    ) -> Result<Self> {
        let (layers, tables) = map.contents()?;
        if layers.is_empty() && tables.is_empty() {
            findings.push(Finding::new(Severity::Error, 1, "Map does not have layers"));
            return Ok(Self(Vec::new()));
        }
        let wanted = Wanted::of(draft, &layers, &tables, findings);
        let mut chosen: Vec<(Item, Option<Data>)> = Vec::new();
        for layer in layers.into_iter().filter(|layer| wanted.layers.contains(&layer.cim_path)) {
            if matches!(layer.kind, LayerKind::Group | LayerKind::SubtypeGroup) {
                chosen.push((Item::Layer(layer), None));
            } else if let Some(data) = look_at_layer(&layer, datasets, findings) {
                chosen.push((Item::Layer(layer), data));
            }
        }
        for table in tables.into_iter().filter(|table| wanted.tables.contains(&table.cim_path)) {
            if let Some(data) = look_at_table(&table, datasets, findings) {
                chosen.push((Item::Table(table), data));
            }
        }
        drop_empty_groups(&mut chosen);
        if chosen.is_empty() {
            let text =
                format!("`{}` does not contain a required layer type for a web feature layer", map.name);
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
    fn of(draft: &Document, layers: &[Layer], tables: &[Table], findings: &mut Vec<Finding>) -> Self {
        let (layer_uris, table_uris) = (draft.layer_uris(), draft.table_uris());
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

/// Returns `None` when the layer is left out, `Some(None)` never for layers with data.
#[allow(clippy::option_option, reason = "the outer says whether it stays, the inner whether it has data")]
fn look_at_layer(
    layer: &Layer,
    datasets: &dyn Datasets,
    findings: &mut Vec<Finding>,
) -> Option<Option<Data>> {
    let shows_service = layer.connection.as_ref().is_some_and(crate::project::DataConnection::is_service);
    if layer.kind != LayerKind::Feature || layer.is_basemap() || shows_service {
        let what = if shows_service { "a layer of another service" } else { kind_in_words(layer) };
        let text = format!(
            "`{}` is {what}, which a web feature layer cannot hold; it was left out",
            layer.long_name
        );
        findings.push(Finding::new(Severity::Warning, 0, text).about(layer.long_name.clone()));
        return None;
    }
    if layer.name.is_empty() {
        findings
            .push(Finding::new(Severity::Error, 115, "Layer name is empty").about(layer.cim_path.clone()));
        return None;
    }
    let data = look_at_data(&layer.long_name, layer.source(), datasets, &LAYER_CODES, findings)?;
    let drawing = drawing_info_for(layer, data.dataset.geometry_type);
    findings.extend(drawing.findings);
    match data.dataset.geometry_type {
        None => {
            let text = "Layer type is not supported: its data has no geometry";
            findings.push(Finding::new(Severity::Error, 5, text).about(layer.long_name.clone()));
        }
        Some(GeometryType::MultiPatch) => {
            let text = "Layer type is not supported: multipatch geometries are served by scene layers, so export them \
                        to polygons or leave the layer out";
            findings.push(Finding::new(Severity::Error, 5, text).about(layer.long_name.clone()));
        }
        Some(_) => {}
    }
    if data.dataset.has_m {
        findings.push(
            Finding::new(Severity::Warning, 24_033, "Layer's data source is m-aware")
                .about(layer.long_name.clone()),
        );
    }
    Some(Some(data))
}

#[allow(clippy::option_option, reason = "as look_at_layer")]
fn look_at_table(
    table: &Table,
    datasets: &dyn Datasets,
    findings: &mut Vec<Finding>,
) -> Option<Option<Data>> {
    if table.connection.as_ref().is_some_and(crate::project::DataConnection::is_service) {
        let text = format!("`{}` is a table of another service; it was left out", table.long_name);
        findings.push(Finding::new(Severity::Warning, 0, text).about(table.long_name.clone()));
        return None;
    }
    look_at_data(&table.long_name, table.source(), datasets, &TABLE_CODES, findings).map(Some)
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

fn look_at_data(
    name: &str,
    source: Result<Source>,
    datasets: &dyn Datasets,
    codes: &Codes,
    findings: &mut Vec<Finding>,
) -> Option<Data> {
    let mut say = |severity, (code, text): (u32, &str), more: Option<&crate::Error>| {
        let text = more.map_or_else(|| text.to_owned(), |error| format!("{text}: {error}"));
        findings.push(Finding::new(severity, code, text).about(name));
    };
    let found = source.and_then(|source| {
        let dataset = datasets.describe(&source)?;
        Ok((source, dataset))
    });
    match found {
        Ok((source, dataset)) => {
            say(Severity::Message, codes.copied, None);
            if dataset.driver != "OpenFileGDB" {
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

/// Leaves out groups that hold nothing any more.
fn drop_empty_groups(chosen: &mut Vec<(Item, Option<Data>)>) {
    loop {
        let parents: HashSet<String> = chosen
            .iter()
            .filter_map(|(item, _)| match item {
                Item::Layer(layer) => layer.parent.clone(),
                Item::Table(table) => table.parent.clone(),
            })
            .collect();
        let before = chosen.len();
        chosen.retain(|(item, data)| match item {
            Item::Layer(layer) => data.is_some() || parents.contains(&layer.cim_path),
            Item::Table(_) => true,
        });
        if chosen.len() == before {
            return;
        }
    }
}

/// Gives ids: those of the author where the map asks for them, else by position.
fn number(map: &Map, chosen: Vec<(Item, Option<Data>)>) -> Members {
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
    for ((item, data), fixed) in chosen.into_iter().zip(fixed) {
        let id = fixed.unwrap_or_else(|| {
            while taken.contains(&next) {
                next += 1;
            }
            taken.insert(next);
            next
        });
        let member = Member { id, parent: None, children: Vec::new(), item, data };
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
