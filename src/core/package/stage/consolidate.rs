//! Copying the data of the layers into geodatabases of the package.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::guid::guid;
use super::members::{Data, Members};
use super::raster::Raster;
use super::stays::Stays;
use super::target::Target;
use crate::analyze::{Finding, Severity};
use crate::dataset::{Copy, Dataset, Datasets, Source};
use crate::error::{Code, Error, Result};
use crate::package::archive::Entry;
use crate::sddraft::{DatabaseEntry, DatasetEntry};

/// What is copied where.
#[derive(Debug)]
pub(super) struct Plan {
    workspaces: Vec<Workspace>,
    rasters: Vec<(Source, Raster)>,
    data: &'static str,
    id: String,
    /// The containers of rasters that are only named.
    staying: BTreeSet<PathBuf>,
    /// How findings of copies are meant.
    severity: Severity,
}

/// One geodatabase of the package.
#[derive(Debug)]
struct Workspace {
    /// Name in the package, `city.gdb`.
    name: String,
    /// What the author has: a geodatabase, a GeoPackage, a folder of files.
    container: PathBuf,
    driver: String,
    copies: Vec<Copy>,
    tables: BTreeSet<String>,
    /// Whether data stays where it is and is only named.
    stays: bool,
    /// Whether every class of the author's geodatabase is staged, so that its files can be taken.
    whole: bool,
}

/// Where the rows of a member are in the package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement<'a> {
    /// `city.gdb`.
    pub(super) geodatabase: &'a str,
    /// `roads`.
    pub(super) dataset: &'a str,
}

impl Plan {
    /// Groups the sources by workspace and names the copies.
    pub(super) fn of(
        members: &Members,
        stays: Stays<'_>,
        id: &str,
        target: &Target,
        datasets: &dyn Datasets,
    ) -> Result<Self> {
        let mut plan = Self {
            workspaces: Vec::new(),
            rasters: Vec::new(),
            data: target.data,
            id: id.to_owned(),
            staying: BTreeSet::new(),
            severity: if stays.wanted() { Severity::Warning } else { Severity::Message },
        };
        for member in &members.0 {
            if let Some(data) = &member.data {
                plan.add(data, member.is_table());
            }
            if let Some(raster) = &member.raster {
                plan.add_raster(raster);
            }
        }
        let containers = plan.rasters.iter().map(|(source, _)| raster_container(source));
        plan.staying = containers.filter(|container| stays.holds(container)).collect();
        for workspace in &mut plan.workspaces {
            workspace.stays = stays.holds(&workspace.container);
        }
        for workspace in plan.workspaces.iter_mut().filter(|workspace| !workspace.stays) {
            workspace.whole = is_whole(workspace, datasets)?;
        }
        Ok(plan)
    }

    fn add(&mut self, data: &Data, is_table: bool) {
        let container = container(&data.source, &data.dataset);
        let known = self.workspaces.iter().position(|workspace| workspace.container == container);
        let at = known.unwrap_or_else(|| self.open(container, data));
        let Some(workspace) = self.workspaces.get_mut(at) else { return };
        // Layers with one source and one query share a copy; another query needs rows of its own.
        if workspace.copies.iter().any(|copy| copy.source == data.source) {
            return;
        }
        let wanted = class_name(&data.dataset.name);
        let target = unused(&wanted, |name| {
            workspace.copies.iter().any(|copy| copy.target.eq_ignore_ascii_case(name))
        });
        if is_table {
            workspace.tables.insert(target.clone());
        }
        workspace.copies.push(Copy { source: data.source.clone(), target });
    }

    /// Adds a geodatabase for a container and returns its position.
    fn open(&mut self, container: PathBuf, data: &Data) -> usize {
        let taken: Vec<&str> = self.workspaces.iter().map(|workspace| workspace.name.as_str()).collect();
        let stem = super::stem(&container).to_lowercase();
        let stem = if stem.is_empty() { "data".to_owned() } else { stem };
        let name = unused(&stem, |name| taken.contains(&format!("{name}.gdb").as_str()));
        self.workspaces.push(Workspace {
            name: format!("{name}.gdb"),
            container,
            driver: data.dataset.driver.clone(),
            copies: Vec::new(),
            tables: BTreeSet::new(),
            stays: false,
            whole: false,
        });
        self.workspaces.len() - 1
    }

    fn add_raster(&mut self, source: &Source) {
        if self.rasters.iter().any(|(known, _)| known == source) {
            return;
        }
        let same = self.rasters.iter().find(|(known, _)| known.path == source.path);
        let known = same.map(|(_, raster)| raster.clone());
        let raster = known.unwrap_or_else(|| {
            let file = &source.path;
            let stem = super::stem(file);
            let suffix = file.extension().map(|suffix| format!(".{}", suffix.to_string_lossy()));
            let suffix = suffix.unwrap_or_default();
            let stem = unused(&stem, |name| {
                self.rasters.iter().any(|(_, one)| one.name.eq_ignore_ascii_case(&format!("{name}{suffix}")))
            });
            let folder = format!("{}/{}", self.data, super::raster::FOLDER);
            Raster { path: file.clone(), folder, name: format!("{stem}{suffix}") }
        });
        self.rasters.push((source.clone(), raster));
    }

    /// Says what about the rasters the author should know.
    pub(super) fn remark(&self, findings: &mut Vec<Finding>) {
        for (source, raster) in self.rasters.iter().filter(|(source, _)| !self.stays(source)) {
            let text = "Data source is not registered with the server and data will be copied to the server";
            let name = source.layer.clone().unwrap_or_else(|| super::stem(&raster.path));
            findings.push(Finding::new(self.severity, 24_011, text).about(name));
        }
    }

    /// Finds the copy of a raster: its folder and name in the package.
    pub(super) fn place_raster(&self, source: &Source) -> Option<&Raster> {
        let found = self.rasters.iter().find(|(known, _)| known == source && !self.stays(known));
        found.map(|(_, raster)| raster)
    }

    /// Returns the connection string of a source that stays where it is.
    pub(super) fn registered(&self, source: &Source) -> Option<String> {
        let holding = |workspace: &&Workspace| workspace.copies.iter().any(|copy| copy.source == *source);
        let workspace = self.workspaces.iter().filter(|workspace| workspace.stays).find(holding);
        let container = if let Some(workspace) = workspace {
            workspace.container.clone()
        } else {
            let known = self.rasters.iter().find(|(known, _)| known == source && self.stays(known))?;
            raster_container(&known.0)
        };
        Some(format!("DATABASE={}", container.display()))
    }

    /// Finds the copy of a source.
    pub(super) fn place(&self, source: &Source) -> Option<Placement<'_>> {
        let (workspace, copy) = self.copy_of(source)?;
        Some(Placement { geodatabase: &workspace.name, dataset: &copy.target })
    }

    /// Copies what has to be copied into `scratch` and returns the files for the archive.
    ///
    /// # Errors
    /// 001270 with the reason.
    pub(super) fn run(&self, scratch: &Path, datasets: &dyn Datasets) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut packed = BTreeSet::new();
        for (_, raster) in self.rasters.iter().filter(|(source, _)| !self.stays(source)) {
            if packed.insert(raster.name.clone()) {
                entries.extend(raster.entries()?);
            }
        }
        for workspace in self.workspaces.iter().filter(|workspace| !workspace.stays) {
            let folder = workspace.folder(scratch);
            if !workspace.whole {
                datasets.copy_to_geodatabase(&workspace.copies, &folder).map_err(|error| {
                    error.context("Consolidating data failed").with_code(Code::CONSOLIDATE_FAILED)
                })?;
            }
            entries.extend(files_of(&folder, &format!("{}/{}", self.data, workspace.name))?);
        }
        Ok(entries)
    }

    /// Points the members at their copies, whose schema is what the service will have.
    pub(super) fn describe(
        &self,
        members: Members,
        scratch: &Path,
        datasets: &dyn Datasets,
    ) -> Result<Members> {
        let mut seen: HashMap<(PathBuf, Option<String>), Data> = HashMap::new();
        let mut members = members;
        for member in &mut members.0 {
            let Some(data) = &mut member.data else { continue };
            let Some((workspace, copy)) = self.copy_of(&data.source) else { continue };
            let source =
                Source { path: workspace.folder(scratch), layer: Some(copy.target.clone()), filter: None };
            let key = (source.path.clone(), source.layer.clone());
            if let Some(known) = seen.get(&key) {
                *data = known.clone();
                continue;
            }
            let dataset = datasets.describe(&source).map_err(|error| {
                error.context("Consolidating data failed").with_code(Code::CONSOLIDATE_FAILED)
            })?;
            *data = Data { source, dataset };
            seen.insert(key, data.clone());
        }
        Ok(members)
    }

    fn copy_of(&self, source: &Source) -> Option<(&Workspace, &Copy)> {
        let copied = self.workspaces.iter().filter(|workspace| !workspace.stays);
        copied.into_iter().find_map(|workspace| {
            let copy = workspace.copies.iter().find(|copy| copy.source == *source)?;
            Some((workspace, copy))
        })
    }

    /// Returns the ids of all datasets.
    pub(super) fn dataset_ids(&self) -> Vec<String> {
        self.databases()
            .into_iter()
            .flat_map(|database| database.datasets)
            .map(|dataset| dataset.id)
            .collect()
    }

    /// Returns what the manifest says of the data.
    pub(super) fn databases(&self) -> Vec<DatabaseEntry> {
        let mut out: Vec<DatabaseEntry> =
            self.workspaces.iter().map(|workspace| workspace.database(&self.id, self.data)).collect();
        out.extend(self.raster_databases());
        out
    }

    /// Tells whether a raster is only named.
    fn stays(&self, source: &Source) -> bool {
        self.staying.contains(&raster_container(source))
    }

    /// One workspace for each folder or geodatabase that rasters come from.
    fn raster_databases(&self) -> Vec<DatabaseEntry> {
        let mut by_container: BTreeMap<PathBuf, Vec<&(Source, Raster)>> = BTreeMap::new();
        for one in &self.rasters {
            by_container.entry(raster_container(&one.0)).or_default().push(one);
        }
        let entry = |(container, rasters): (PathBuf, Vec<&(Source, Raster)>)| {
            let name = container.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let inside = has_suffix(&name, "gdb");
            let factory =
                if inside { factory("OpenFileGDB") } else { "esriDataSourcesRaster.RasterWorkspaceFactory" };
            let folder = format!("{}\\{}", self.data, super::raster::FOLDER);
            let in_package = match rasters.first() {
                Some((_, raster)) if inside => format!("{folder}\\{}", raster.name),
                _ => folder,
            };
            let dataset = |(source, raster): &&(Source, Raster)| {
                let name = source.layer.clone().unwrap_or_else(|| raster.name.clone());
                DatasetEntry {
                    id: guid(&["raster", &self.id, &raster.name, &name]),
                    on_premise_path: match &source.layer {
                        Some(layer) => source.path.join(layer).to_string_lossy().into_owned(),
                        None => source.path.to_string_lossy().into_owned(),
                    },
                    in_package_path: format!("{in_package}\\{name}"),
                    name,
                    dataset_type: "esriDTRasterDataset".to_owned(),
                }
            };
            let mut database = DatabaseEntry {
                id: guid(&["rasters", &self.id, &container.to_string_lossy()]),
                name,
                in_package_path: in_package.clone(),
                on_premise_factory: factory.to_owned(),
                on_premise_connection: format!("DATABASE={}", container.display()),
                in_package_factory: factory.to_owned(),
                by_reference: false,
                datasets: rasters.iter().map(dataset).collect(),
            };
            if self.staying.contains(&container) {
                registered_only(&mut database);
            }
            database
        };
        by_container.into_iter().map(entry).collect()
    }
}

/// Describes a workspace that stays where it is: by its own names, and without a place in the package.
fn registered_only(database: &mut DatabaseEntry) {
    let last = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    database.by_reference = true;
    database.in_package_path.clear();
    database.in_package_factory.clear();
    database.name = last(database.on_premise_connection.trim_start_matches("DATABASE="));
    for dataset in &mut database.datasets {
        dataset.in_package_path.clear();
        dataset.name = last(&dataset.on_premise_path);
    }
    // Layers with queries of their own share the dataset that nobody copies.
    let mut seen = BTreeSet::new();
    database.datasets.retain(|dataset| seen.insert(dataset.name.clone()));
}

/// Tells whether a name ends in a suffix, in any case.
pub(super) fn has_suffix(name: &str, suffix: &str) -> bool {
    Path::new(name).extension().is_some_and(|own| own.eq_ignore_ascii_case(suffix))
}

/// The folder of a raster file, or the geodatabase of a raster in one.
fn raster_container(source: &Source) -> PathBuf {
    if source.layer.is_some() {
        return source.path.clone();
    }
    source.path.parent().map(Path::to_path_buf).unwrap_or_default()
}

impl Workspace {
    /// Where the geodatabase is that goes into the package.
    fn folder(&self, scratch: &Path) -> PathBuf {
        if self.whole { self.container.clone() } else { scratch.join(&self.name) }
    }

    fn database(&self, id: &str, data: &str) -> DatabaseEntry {
        let container = self.container.to_string_lossy();
        let in_package = format!("{data}\\{}", self.name);
        let dataset = |copy: &Copy| {
            let name = copy.source.layer.clone().unwrap_or_else(|| {
                copy.source.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            });
            DatasetEntry {
                id: guid(&["dataset", id, &self.name, &copy.target]),
                name: copy.target.clone(),
                on_premise_path: self.container.join(name).to_string_lossy().into_owned(),
                in_package_path: format!("{in_package}\\{}", copy.target),
                dataset_type: if self.tables.contains(&copy.target) {
                    "esriDTTable"
                } else {
                    "esriDTFeatureClass"
                }
                .to_owned(),
            }
        };
        let mut database = DatabaseEntry {
            id: guid(&["database", id, &self.name]),
            name: self.name.clone(),
            in_package_path: in_package.clone(),
            on_premise_factory: factory(&self.driver).to_owned(),
            on_premise_connection: format!("DATABASE={container}"),
            in_package_factory: factory("OpenFileGDB").to_owned(),
            by_reference: false,
            datasets: self.copies.iter().map(dataset).collect(),
        };
        if self.stays {
            registered_only(&mut database);
        }
        database
    }
}

fn factory(driver: &str) -> &'static str {
    match driver {
        "ESRI Shapefile" => "esriDataSourcesFile.ShapefileWorkspaceFactory",
        "CSV" => "esriDataSourcesOleDB.TextFileWorkspaceFactory",
        "XLSX" | "XLS" => "esriDataSourcesOleDB.ExcelWorkspaceFactory",
        "GPKG" | "SQLite" => "esriDataSourcesGDB.SqliteWorkspaceFactory",
        _ => "esriDataSourcesGDB.FileGDBWorkspaceFactory",
    }
}

/// The geodatabase or GeoPackage of a source, or the folder of a file.
pub(super) fn container(source: &Source, dataset: &Dataset) -> PathBuf {
    let path = &source.path;
    let is_container = matches!(dataset.driver.as_str(), "OpenFileGDB" | "GPKG" | "SQLite" | "XLSX");
    if is_container {
        return path.clone();
    }
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(path).to_path_buf()
}

/// Turns any name into one that a geodatabase takes.
fn class_name(name: &str) -> String {
    let mut out: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(100).collect();
    if !out.starts_with(char::is_alphabetic) {
        out.insert_str(0, "T_");
    }
    out
}

fn unused(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let mut number = 1_u32;
    loop {
        let name = format!("{wanted}_{number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}

/// Tells whether a geodatabase holds exactly what is staged: no class, raster or attachment more.
fn is_whole(workspace: &Workspace, datasets: &dyn Datasets) -> Result<bool> {
    if workspace.driver != "OpenFileGDB" || !workspace.container.is_dir() {
        return Ok(false);
    }
    let plain =
        |copy: &&Copy| copy.source.filter.is_none() && copy.source.layer.as_deref() == Some(&copy.target);
    let used: BTreeSet<&str> =
        workspace.copies.iter().filter(plain).map(|copy| copy.target.as_str()).collect();
    if used.len() != workspace.copies.len() {
        return Ok(false);
    }
    let listed = datasets.list(&workspace.container)?;
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    Ok(listed == used && user_tables(&workspace.container)? == used.len())
}

/// Counts the tables of a geodatabase that are not its own: those from `a00000009` on. Rasters and
/// classes that GDAL does not list count here.
fn user_tables(geodatabase: &Path) -> Result<usize> {
    let files = std::fs::read_dir(geodatabase).map_err(|error| Error::io("read", geodatabase, error))?;
    Ok(files
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| u32::from_str_radix(name.strip_prefix('a')?.strip_suffix(".gdbtable")?, 16).ok())
        .filter(|number| *number >= 9)
        .count())
}

/// Lists the files of a geodatabase for the archive, without locks of who has it open.
fn files_of(folder: &Path, prefix: &str) -> Result<Vec<Entry>> {
    let files = std::fs::read_dir(folder).map_err(|error| Error::io("read", folder, error))?;
    let mut names = BTreeMap::new();
    for entry in files {
        let entry = entry.map_err(|error| Error::io("read", folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() && !name.to_ascii_lowercase().ends_with(".lock") {
            names.insert(name, entry.path());
        }
    }
    Ok(names.into_iter().map(|(name, path)| Entry::file(format!("{prefix}/{name}"), path)).collect())
}
