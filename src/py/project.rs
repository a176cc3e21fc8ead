//! `_native.Project`: documents of projects by their `CIMPATH`, as plain Python values.

use std::path::{Path, PathBuf};

use geosharing_core::cim::{build, drawing_info_for, popup_info};
use geosharing_core::dataset::{Dataset, GeometryType, Source};
use geosharing_core::project::{
    DataConnection, FileKind, Layer, Map, Place, Project, Table, factory_name, factory_title, paths,
};
use geosharing_core::{Error, Result as CoreResult};
use pyo3::prelude::*;
use pythonize::{depythonize, pythonize};
use serde_json::{Value, json};

use crate::error::BindError;

type Bind<T> = Result<T, BindError>;

/// An open project, map or layer file.
#[pyclass(frozen, name = "Project", module = "geosharing._native")]
pub(crate) struct PyProject {
    inner: Project,
}

fn give<'py>(py: Python<'py>, value: &Value) -> Bind<Bound<'py, PyAny>> {
    Ok(pythonize(py, value).map_err(PyErr::from)?)
}

fn take(value: &Bound<'_, PyAny>) -> Bind<Value> {
    Ok(depythonize(value).map_err(PyErr::from)?)
}

fn place_of(place: &str, target: Option<String>) -> CoreResult<Place> {
    let need =
        || target.clone().ok_or_else(|| Error::invalid("a place beside or in a layer needs that layer"));
    Ok(match place {
        "TOP" => Place::Top,
        "BOTTOM" => Place::Bottom,
        "AUTO_ARRANGE" => Place::Auto,
        "BEFORE" => Place::Before(need()?),
        "AFTER" => Place::After(need()?),
        "INTO" => Place::Into(need()?),
        other => {
            return Err(Error::invalid(format!("`{other}` is no position; use AUTO_ARRANGE, TOP or BOTTOM")));
        }
    })
}

fn layer_view(layer: &Layer) -> Value {
    json!({
        "uri": layer.cim_path,
        "name": layer.name,
        "long_name": layer.long_name,
        "parent": layer.parent,
        "kind": format!("{:?}", layer.kind),
        "is_web": layer.kind.is_web(),
        "type": layer.type_name(),
        "is_basemap": layer.is_basemap(),
    })
}

fn table_view(table: &Table) -> Value {
    json!({
        "uri": table.cim_path,
        "name": table.name,
        "long_name": table.long_name,
        "parent": table.parent,
        "type": "CIMStandaloneTable",
    })
}

impl PyProject {
    pub(crate) fn project(&self) -> &Project {
        &self.inner
    }

    fn map(&self, uri: &str) -> CoreResult<Map> {
        self.inner.map_by_path(uri)
    }

    fn layer(&self, uri: &str) -> CoreResult<Layer> {
        let definition = self.inner.document(uri)?;
        Ok(Layer::from_definition(definition, uri, None, 0, self.inner.folder().to_path_buf()))
    }

    fn connection(&self, uri: &str) -> CoreResult<Option<DataConnection>> {
        Ok(self.layer(uri)?.connection)
    }
}

#[pymethods]
impl PyProject {
    /// Open a project (.aprx), map (.mapx), layer file (.lyrx) or package (.ppkx).
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> Bind<Self> {
        Ok(Self { inner: py.detach(|| Project::open(path))? })
    }

    #[getter]
    fn path(&self) -> &Path {
        self.inner.path()
    }

    #[getter]
    fn folder(&self) -> &Path {
        self.inner.folder()
    }

    #[getter]
    fn kind(&self) -> &'static str {
        match self.inner.kind() {
            FileKind::Project => "project",
            FileKind::Map => "map",
            FileKind::Layer => "layer",
        }
    }

    #[getter]
    fn version(&self) -> &str {
        self.inner.version()
    }

    #[getter]
    fn root(&self) -> &str {
        self.inner.root_path()
    }

    #[getter]
    fn is_dirty(&self) -> bool {
        self.inner.is_dirty()
    }

    /// List (uri, name) of the maps.
    fn maps(&self, py: Python<'_>) -> Bind<Vec<(String, String)>> {
        let maps = py.detach(|| self.inner.maps())?;
        Ok(maps.into_iter().map(|map| (map.cim_path, map.name)).collect())
    }

    fn active_map(&self, py: Python<'_>) -> Bind<Option<String>> {
        Ok(py.detach(|| self.inner.active_map())?.map(|map| map.cim_path))
    }

    /// List the layers and the tables of a map, in arcpy's order.
    fn contents<'py>(&self, py: Python<'py>, map: &str) -> Bind<Bound<'py, PyAny>> {
        let (layers, tables) = py.detach(|| self.map(map)?.contents())?;
        let layers: Vec<Value> = layers.iter().map(layer_view).collect();
        let tables: Vec<Value> = tables.iter().map(table_view).collect();
        give(py, &json!([layers, tables]))
    }

    fn map_view<'py>(&self, py: Python<'py>, map: &str) -> Bind<Bound<'py, PyAny>> {
        let map = self.map(map)?;
        let view = json!({
            "name": map.name,
            "type": map.map_type(),
            "spatial_reference": map.spatial_reference(),
            "default_extent": map.default_extent(),
            "full_extent": map.full_extent(),
        });
        give(py, &view)
    }

    /// Return a definition as dictionaries and lists.
    fn document<'py>(&self, py: Python<'py>, uri: &str) -> Bind<Bound<'py, PyAny>> {
        let definition = py.detach(|| self.inner.document(uri))?;
        give(py, &definition)
    }

    fn set_document(&self, uri: &str, definition: &Bound<'_, PyAny>) -> Bind<()> {
        Ok(self.inner.set_document(uri, take(definition)?)?)
    }

    /// Return one value of a definition by JSON pointer, or None.
    fn get<'py>(&self, py: Python<'py>, uri: &str, pointer: &str) -> Bind<Option<Bound<'py, PyAny>>> {
        let definition = self.inner.document(uri)?;
        definition.pointer(pointer).filter(|value| !value.is_null()).map(|value| give(py, value)).transpose()
    }

    /// Change one value of a definition; None removes it.
    fn set(&self, uri: &str, pointer: &str, value: &Bound<'_, PyAny>) -> Bind<()> {
        let value = take(value)?;
        let mut definition = Value::clone(&*self.inner.document(uri)?);
        let (holder, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let members = definition
            .pointer_mut(holder)
            .and_then(Value::as_object_mut)
            .ok_or_else(|| Error::invalid(format!("`{uri}` has no `{holder}`")))?;
        if value.is_null() {
            members.remove(key);
        } else {
            members.insert(key.to_owned(), value);
        }
        Ok(self.inner.set_document(uri, definition)?)
    }

    fn data_source(&self, uri: &str) -> Bind<Option<String>> {
        Ok(self.connection(uri)?.and_then(|connection| connection.data_source(self.inner.folder())))
    }

    fn is_broken(&self, py: Python<'_>, uri: &str) -> Bind<bool> {
        let connection = self.connection(uri)?;
        Ok(py.detach(|| connection.is_some_and(|connection| connection.is_broken(self.inner.folder()))))
    }

    /// Return (path, layer or None, where or None) of the data, or raise why it cannot be read.
    fn source(&self, py: Python<'_>, uri: &str) -> Bind<(PathBuf, Option<String>, Option<String>)> {
        let definition = self.inner.document(uri)?;
        let folder = self.inner.folder().to_path_buf();
        let source = py.detach(|| {
            if geosharing_core::cim::type_of(&definition) == "CIMStandaloneTable" {
                Table::from_definition(definition, uri, None, folder).source()
            } else {
                Layer::from_definition(definition, uri, None, 0, folder).source()
            }
        })?;
        Ok((source.path, source.layer, source.filter))
    }

    fn connection_properties<'py>(&self, py: Python<'py>, uri: &str) -> Bind<Option<Bound<'py, PyAny>>> {
        let connection = self.connection(uri)?;
        connection.map(|connection| give(py, &connection.properties(self.inner.folder()))).transpose()
    }

    fn drawing_info<'py>(
        &self,
        py: Python<'py>,
        uri: &str,
        geometry_type: Option<&Bound<'py, PyAny>>,
    ) -> Bind<Bound<'py, PyAny>> {
        let geometry: Option<GeometryType> =
            geometry_type.map(|value| depythonize(value)).transpose().map_err(PyErr::from)?;
        let drawing = drawing_info_for(&self.layer(uri)?, geometry);
        give(py, &json!({"info": drawing.info, "findings": drawing.findings}))
    }

    fn popup_info<'py>(&self, py: Python<'py>, uri: &str) -> Bind<Option<Bound<'py, PyAny>>> {
        popup_info(&self.layer(uri)?).map(|popup| give(py, &popup)).transpose()
    }

    fn metadata(&self, uri: &str) -> Bind<Option<String>> {
        let definition = self.inner.document(uri)?;
        Ok(self.inner.metadata_of(&definition)?)
    }

    fn set_metadata(&self, uri: &str, xml: &str) -> Bind<()> {
        Ok(self.inner.set_metadata(uri, xml)?)
    }

    fn default_path(&self, key: &str) -> Bind<Option<PathBuf>> {
        Ok(self.inner.default_path(key)?)
    }

    fn create_map(&self, name: &str, is_scene: bool) -> Bind<String> {
        Ok(self.inner.create_map(name, is_scene)?.cim_path)
    }

    fn delete_map(&self, uri: &str) -> Bind<()> {
        Ok(self.inner.delete_map(uri)?)
    }

    fn import_map(&self, from: &Self, uri: &str, name: Option<&str>) -> Bind<String> {
        Ok(self.inner.import_map(&from.map(uri)?, name)?.cim_path)
    }

    fn import_all(&self, from: &Self) -> Bind<Vec<String>> {
        Ok(self.inner.import(&from.inner)?.into_iter().map(|map| map.cim_path).collect())
    }

    /// Add data as layer or table; `dataset` is what `geosharing.data.describe` returned.
    #[pyo3(signature = (map, name, dataset, path, layer=None, place="AUTO_ARRANGE", target=None))]
    #[allow(clippy::too_many_arguments, reason = "one parameter for each of Python's")]
    fn add_dataset(
        &self,
        map: &str,
        name: &str,
        dataset: &Bound<'_, PyAny>,
        path: PathBuf,
        layer: Option<String>,
        place: &str,
        target: Option<String>,
    ) -> Bind<String> {
        let dataset: Dataset = depythonize(dataset).map_err(PyErr::from)?;
        let source = Source { path, layer, filter: None };
        let connection = build::connection(&source, dataset.geometry_type.is_none(), self.inner.folder());
        let definition = build::from_dataset(name, &dataset, &connection);
        Ok(self.map(map)?.add_definition(definition, &place_of(place, target)?)?)
    }

    fn add_service(&self, map: &str, name: &str, url: &str) -> Bind<String> {
        Ok(self.map(map)?.add_definition(build::service_layer(name, url), &Place::Auto)?)
    }

    #[pyo3(signature = (map, definition, place="AUTO_ARRANGE", target=None))]
    fn add_definition(
        &self,
        map: &str,
        definition: &Bound<'_, PyAny>,
        place: &str,
        target: Option<String>,
    ) -> Bind<String> {
        Ok(self.map(map)?.add_definition(take(definition)?, &place_of(place, target)?)?)
    }

    #[pyo3(signature = (map, from, uri, place="AUTO_ARRANGE", target=None))]
    fn add_copy(
        &self,
        map: &str,
        from: &Self,
        uri: &str,
        place: &str,
        target: Option<String>,
    ) -> Bind<String> {
        Ok(self.map(map)?.add_copy(&from.inner, uri, &place_of(place, target)?)?)
    }

    fn create_group(&self, map: &str, name: &str, place: &str, target: Option<String>) -> Bind<String> {
        Ok(self.map(map)?.create_group(name, &place_of(place, target)?)?)
    }

    fn remove(&self, map: &str, uri: &str) -> Bind<()> {
        Ok(self.map(map)?.remove(uri)?)
    }

    fn move_layer(&self, map: &str, uri: &str, place: &str, target: Option<String>) -> Bind<()> {
        Ok(self.map(map)?.move_layer(uri, &place_of(place, target)?)?)
    }

    fn save(&self, py: Python<'_>) -> Bind<()> {
        Ok(py.detach(|| self.inner.save())?)
    }

    fn save_copy(&self, py: Python<'_>, path: PathBuf) -> Bind<()> {
        Ok(py.detach(|| self.inner.save_copy(&path))?)
    }

    fn export_map(&self, py: Python<'_>, uri: &str, path: PathBuf) -> Bind<()> {
        Ok(py.detach(|| self.inner.export_map(&self.map(uri)?, &path))?)
    }

    fn export_layer(&self, py: Python<'_>, uri: &str, path: PathBuf) -> Bind<()> {
        Ok(py.detach(|| self.inner.export_layer(uri, &path))?)
    }

    fn __repr__(&self) -> String {
        format!("Project({})", self.inner.path().display())
    }
}

/// Return where a file that a script names is on this machine.
///
/// Names may be Windows paths: a file of the literal name wins, then the drives of
/// `GEOSHARING_PATH_MAP`. With `must_exist`, a missing file raises with both spellings.
#[pyfunction]
#[pyo3(signature = (name, base=None, must_exist=true))]
pub(crate) fn resolve_path(name: &str, base: Option<PathBuf>, must_exist: bool) -> Bind<PathBuf> {
    let base = match base {
        Some(base) => base,
        None => std::env::current_dir().map_err(|error| Error::io("find", Path::new("."), error))?,
    };
    if must_exist { Ok(paths::resolve(name, &base)?) } else { Ok(paths::destination(name, &base)) }
}

/// Return arcpy's name of a workspace factory, `File Geodatabase`.
#[pyfunction]
pub(crate) fn workspace_factory_title(name: &str) -> String {
    factory_title(name).to_owned()
}

/// Return the CIM name of a workspace factory, `FileGDB`.
#[pyfunction]
pub(crate) fn workspace_factory_name(title: &str) -> String {
    factory_name(title).to_owned()
}
