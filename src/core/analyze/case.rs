//! One analysis: the map's members with their data, each source described once.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::{
    Desktop, Finding, GpFacts, LocatorFacts, NotChecked, Product, RasterFacts, Report, ServerFacts, Target,
    entry, rules,
};
use crate::cim::{get, text, type_of};
use crate::dataset::{Dataset, Datasets, Details, Source};
use crate::error::{Error, Result};
use crate::project::{DataConnection, Layer, LayerKind, Map, Table};

/// What is analyzed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// The map; nothing for tools, locators and rasters.
    pub map: Option<&'a Map>,
    /// `CIMPATH`s of the layers and tables to share; all of the map when empty.
    pub chosen: &'a [String],
    /// Tools to share.
    pub gp: Option<&'a GpFacts>,
    /// The raster of an image service.
    pub raster: Option<&'a RasterFacts>,
    /// The locator of a geocode service.
    pub locator: Option<&'a LocatorFacts>,
    /// The server, when one was asked.
    pub server: Option<&'a ServerFacts>,
}

/// Analyzes an input for a target.
///
/// # Errors
/// The map cannot be read; what is wrong with layers and data is in the report.
pub fn analyze(input: &Input<'_>, target: &Target, datasets: &dyn Datasets) -> Result<Report> {
    let book = Book::new(datasets);
    let case = Case::of(input, target, &book)?;
    let mut said = Said { target, report: Report::default() };
    for rule in rules::all() {
        if rule.applies(target) {
            (rule.check)(&case, &mut said, rule.code);
        }
    }
    rules::own(&case, &mut said);
    rules::unchecked(&case, &mut said);
    let mut report = said.report;
    report.sort();
    Ok(report)
}

/// What the data of a member turned out to be.
#[derive(Clone, Debug)]
pub(super) enum Data {
    /// Described.
    Found(Rc<Dataset>),
    /// There, or perhaps there, but nothing here reads it.
    Unread(Rc<Error>),
    /// Not there.
    Missing(Rc<Error>),
}

/// A layer or a table of the map.
pub(super) struct Member<'a> {
    pub(super) name: String,
    pub(super) long_name: String,
    pub(super) definition: Arc<Value>,
    pub(super) connection: Option<DataConnection>,
    pub(super) query: Option<String>,
    pub(super) layer: Option<Layer>,
    source: Option<Result<Source>>,
    book: &'a Book<'a>,
    data: OnceCell<Option<Data>>,
    traits: OnceCell<rules::Traits>,
}

impl<'a> Member<'a> {
    fn of_layer(layer: Layer, book: &'a Book<'a>) -> Self {
        Self {
            name: layer.name.clone(),
            long_name: layer.long_name.clone(),
            definition: Arc::clone(&layer.definition),
            connection: layer.connection.clone(),
            query: layer.definition_query.clone(),
            source: layer.connection.as_ref().filter(|it| !it.is_service()).map(|_| layer.source()),
            layer: Some(layer),
            book,
            data: OnceCell::new(),
            traits: OnceCell::new(),
        }
    }

    fn of_table(table: Table, book: &'a Book<'a>) -> Self {
        Self {
            source: table.connection.as_ref().filter(|it| !it.is_service()).map(|_| table.source()),
            name: table.name,
            long_name: table.long_name,
            definition: table.definition,
            connection: table.connection,
            query: table.definition_query,
            layer: None,
            book,
            data: OnceCell::new(),
            traits: OnceCell::new(),
        }
    }

    pub(super) fn kind(&self) -> Option<LayerKind> {
        self.layer.as_ref().map(|layer| layer.kind)
    }

    pub(super) fn is_table(&self) -> bool {
        self.layer.is_none()
    }

    pub(super) fn is_group(&self) -> bool {
        matches!(self.kind(), Some(LayerKind::Group | LayerKind::SubtypeGroup))
    }

    /// Features of a class, of which services can hold a copy.
    pub(super) fn is_feature_layer(&self) -> bool {
        self.kind() == Some(LayerKind::Feature) && !self.is_service() && !self.is_basemap()
    }

    pub(super) fn is_basemap(&self) -> bool {
        self.layer.as_ref().is_some_and(Layer::is_basemap)
    }

    pub(super) fn is_service(&self) -> bool {
        self.connection.as_ref().is_some_and(DataConnection::is_service)
    }

    pub(super) fn type_name(&self) -> &str {
        type_of(&self.definition)
    }

    pub(super) fn renderer(&self) -> Option<&Value> {
        get(&self.definition, "renderer")
    }

    /// The object that holds queries, relates and fields: the layer's feature table, or the table.
    pub(super) fn table(&self) -> &Value {
        get(&self.definition, "featureTable").unwrap_or(&self.definition)
    }

    pub(super) fn factory(&self) -> &str {
        // Joins keep the factory in their innermost table.
        let mut definition = self.connection.as_ref().map(DataConnection::definition);
        for _ in 0..16 {
            match definition {
                Some(inner) if type_of(inner) == "CIMRelQueryTableDataConnection" => {
                    definition = get(inner, "sourceTable");
                }
                _ => break,
            }
        }
        definition.and_then(|inner| text(inner, "workspaceFactory")).unwrap_or_default()
    }

    pub(super) fn is_joined(&self) -> bool {
        self.connection
            .as_ref()
            .is_some_and(|connection| connection.type_name() == "CIMRelQueryTableDataConnection")
    }

    /// The source with the layer's definition query.
    pub(super) fn filtered(&self) -> Option<&Source> {
        self.source.as_ref().and_then(|source| source.as_ref().ok())
    }

    pub(super) fn datasets(&self) -> &dyn Datasets {
        self.book.datasets
    }

    /// Looks at the data, the first time that a rule asks.
    pub(super) fn data(&self) -> Option<&Data> {
        self.data.get_or_init(|| self.look()).as_ref()
    }

    fn look(&self) -> Option<Data> {
        if self.is_group() {
            return None;
        }
        Some(match self.source.as_ref()? {
            // Rasters are found or not; what they are is asked when a rule needs it.
            Ok(source) if self.is_raster() && source.path.exists() => {
                Data::Unread(Rc::new(Error::unsupported("only the raster's place was looked at")))
            }
            Ok(source) if !self.is_raster() => self.book.describe(source),
            Ok(source) => {
                Data::Missing(Rc::new(Error::not_found(format!("there is no `{}`", source.path.display()))))
            }
            Err(error) => sorted(Error::new(error.kind(), error.to_string())),
        })
    }

    /// What the symbols are made of, gathered the first time that a rule asks.
    pub(super) fn traits(&self) -> &rules::Traits {
        self.traits.get_or_init(|| rules::Traits::of(self.renderer()))
    }

    pub(super) fn is_raster(&self) -> bool {
        matches!(self.kind(), Some(LayerKind::Raster | LayerKind::Mosaic)) || self.factory() == "Raster"
    }

    pub(super) fn dataset(&self) -> Option<&Dataset> {
        match self.data() {
            Some(Data::Found(dataset)) => Some(dataset),
            _ => None,
        }
    }

    /// What only some rules ask: indexes, registration, overviews.
    pub(super) fn details(&self) -> Option<Rc<Details>> {
        if self.factory() == "SDE" {
            // Databases have no file; whoever can ask them knows them by their connection.
            let base = self.connection.as_ref()?.base();
            let path = PathBuf::from(format!("sde:{}", base.redacted()));
            return self.book.details(&Source { path, layer: Some(base.dataset().to_owned()), filter: None });
        }
        self.filtered().and_then(|source| self.book.details(source))
    }
}

fn sorted(error: Error) -> Data {
    match error.kind() {
        crate::Kind::Unsupported => Data::Unread(Rc::new(error)),
        _ => Data::Missing(Rc::new(error)),
    }
}

type Key = (PathBuf, Option<String>);

/// Descriptions by source, so that 150 layers of one class cost one look.
struct Book<'a> {
    datasets: &'a dyn Datasets,
    described: RefCell<HashMap<Key, Data>>,
    details: RefCell<HashMap<Key, Option<Rc<Details>>>>,
}

impl<'a> Book<'a> {
    fn new(datasets: &'a dyn Datasets) -> Self {
        Self { datasets, described: RefCell::default(), details: RefCell::default() }
    }

    fn describe(&self, source: &Source) -> Data {
        let key = (source.path.clone(), source.layer.clone());
        if let Some(data) = self.described.borrow().get(&key) {
            return data.clone();
        }
        let plain = Source { filter: None, ..source.clone() };
        let data = match self.datasets.describe(&plain) {
            Ok(dataset) => Data::Found(Rc::new(dataset)),
            Err(error) => sorted(error),
        };
        self.described.borrow_mut().insert(key, data.clone());
        data
    }

    fn details(&self, source: &Source) -> Option<Rc<Details>> {
        let key = (source.path.clone(), source.layer.clone());
        if let Some(details) = self.details.borrow().get(&key) {
            return details.clone();
        }
        let plain = Source { filter: None, ..source.clone() };
        let details = self.datasets.details(&plain).ok().map(Rc::new);
        self.details.borrow_mut().insert(key, details.clone());
        details
    }
}

/// Everything that rules may look at.
pub(super) struct Case<'a> {
    pub(super) input: Input<'a>,
    pub(super) target: &'a Target,
    /// Layers and tables in the order of the map, groups before their members.
    pub(super) members: Vec<Member<'a>>,
}

impl<'a> Case<'a> {
    fn of(input: &Input<'a>, target: &'a Target, book: &'a Book<'a>) -> Result<Self> {
        let mut members = Vec::new();
        if let Some(map) = input.map {
            let (layers, tables) = map.contents()?;
            let mut wanted: HashSet<String> = input.chosen.iter().cloned().collect();
            let all = wanted.is_empty();
            let inside = |wanted: &HashSet<String>, parent: Option<&String>| {
                parent.is_some_and(|path| wanted.contains(path))
            };
            for layer in layers {
                if all || wanted.contains(&layer.cim_path) || inside(&wanted, layer.parent.as_ref()) {
                    wanted.insert(layer.cim_path.clone());
                    members.push(Member::of_layer(layer, book));
                }
            }
            for table in tables {
                if all || wanted.contains(&table.cim_path) || inside(&wanted, table.parent.as_ref()) {
                    members.push(Member::of_table(table, book));
                }
            }
        }
        Ok(Self { input: *input, target, members })
    }

    /// The map's definition.
    pub(super) fn map(&self) -> Option<&Value> {
        self.input.map.map(|map| &*map.definition)
    }

    /// What the target can hold of the map: layers with data of their own.
    pub(super) fn shared(&self) -> impl Iterator<Item = &Member<'a>> {
        self.members.iter().filter(|member| self.keeps(member))
    }

    /// Layers that draw features.
    pub(super) fn feature_layers(&self) -> impl Iterator<Item = &Member<'a>> {
        self.members.iter().filter(|member| member.is_feature_layer())
    }

    /// Whether a member goes into the service, and is not left out with a warning.
    pub(super) fn keeps(&self, member: &Member<'_>) -> bool {
        if member.is_group() {
            return false;
        }
        if member.is_table() {
            return !member.is_service();
        }
        let Some(kind) = member.kind() else { return false };
        if member.is_basemap() || member.is_service() || kind.is_web() {
            return false;
        }
        match self.target.product {
            Product::Feature => {
                matches!(kind, LayerKind::Feature | LayerKind::Annotation | LayerKind::Dimension)
            }
            Product::VectorTile => matches!(kind, LayerKind::Feature | LayerKind::Annotation),
            Product::Scene => matches!(kind, LayerKind::Feature | LayerKind::Scene),
            _ => !matches!(kind, LayerKind::Scene),
        }
    }
}

/// What the rules have said so far.
pub(super) struct Said<'a> {
    target: &'a Target,
    pub(super) report: Report,
}

impl Said<'_> {
    /// Reports a row of the catalogue with the values of its title.
    pub(super) fn say(&mut self, code: u32, values: &[&str]) {
        self.finding(code, values, "", None);
    }

    /// Reports a row about a member.
    pub(super) fn about(&mut self, code: u32, values: &[&str], member: &Member<'_>) {
        self.finding(code, values, "", Some(&member.long_name));
    }

    /// Reports a row about a member, with what makes it so.
    pub(super) fn because(&mut self, code: u32, values: &[&str], member: &Member<'_>, why: &str) {
        self.finding(code, values, why, Some(&member.long_name));
    }

    /// Reports a row about a member, with what makes it so and the remedy: tools print it as their error.
    pub(super) fn because_and_what_helps(&mut self, code: u32, member: &Member<'_>, why: &str) {
        let fix = entry(code).map_or("", |entry| entry.fix).trim_end_matches('.');
        let mut letters = fix.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let fix: String = first.into_iter().chain(letters).collect();
        self.because(code, &[], member, &format!("{why}; {fix}"));
    }

    /// Reports a row about anything, with what makes it so.
    pub(super) fn finding(&mut self, code: u32, values: &[&str], why: &str, object: Option<&str>) {
        let Some(entry) = entry(code) else { return };
        let mut text = entry.fill(values);
        if self.target.desktop == Desktop::Pro {
            // ArcMap's word for a map.
            text = text.replace("Data frame", "Map").replace("Data Frame", "Map");
        }
        if !why.is_empty() {
            text.push_str(": ");
            text.push_str(why);
        }
        let mut finding = Finding::new(entry.severity, code, text);
        finding.objects.extend(object.map(str::to_owned));
        self.report.push(finding);
    }

    /// Reports a row about a member in words of its own.
    pub(super) fn titled(&mut self, code: u32, text: &str, member: &Member<'_>) {
        let Some(entry) = entry(code) else { return };
        self.report.push(Finding::new(entry.severity, code, text).about(member.long_name.clone()));
    }

    /// Reports a remark of our own.
    pub(super) fn own(&mut self, finding: Finding) {
        self.report.push(finding);
    }

    /// Reports that a row was not decided.
    pub(super) fn unknown(&mut self, code: u32, reason: &str, objects: Vec<String>) {
        let Some(entry) = entry(code) else { return };
        let known =
            self.report.not_checked.iter_mut().find(|found| found.code == code && found.reason == reason);
        match known {
            Some(found) => found.objects.extend(objects),
            None => self.report.not_checked.push(NotChecked {
                code,
                title: entry.plain(),
                reason: reason.to_owned(),
                objects,
            }),
        }
    }

    /// Reports that a row was not decided for one member.
    pub(super) fn unknown_for(&mut self, code: u32, reason: &str, member: &Member<'_>) {
        self.unknown(code, reason, vec![member.long_name.clone()]);
    }
}
