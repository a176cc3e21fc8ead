//! The embedded store of one service: a folder with a record, its images, and what is current.
//!
//! The folder holds one generation of files, and a small file that names it. A publish writes the
//! next generation beside it and then replaces this name, which is the moment of the swap: before it
//! the old service stands, after it the new one, also when the process dies in between.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::thread;

use geosharing_core::dataset::{Datasets, Envelope};
use geosharing_core::query::{EditReply, Edits, Groups, OrderBy, Rows, Selection};
use geosharing_core::{Error, Result};

use super::delta::Delta;
use super::execute::View;
use super::geopackage::Record;
use super::guid::Guids;
use super::image::{Builder, Image};
use super::ingest::{ServiceSource, image_name, ingest, record_name};
use super::layer::{Layer, ServiceDescription};
use super::{FeatureStore, GroupTable, RowSink};

const CURRENT: &str = "current";
/// Changed rows up to which reads merge them; beyond, and past a fiftieth of the layer, the image is
/// built again in the background.
const MERGED: usize = 4096;

/// The embedded store of one service.
#[derive(Debug)]
pub struct HostedStore {
    folder: PathBuf,
    me: Weak<Self>,
    state: RwLock<Arc<State>>,
    writer: Mutex<Writer>,
    version: AtomicU64,
    compacting: AtomicBool,
}

/// What editing needs; whoever holds it is the only writer.
#[derive(Debug)]
struct Writer {
    record: Record,
    guids: Guids,
}

/// What queries see, all of one moment.
#[derive(Debug)]
struct State {
    generation: String,
    service: Arc<ServiceDescription>,
    layers: Vec<LayerState>,
}

#[derive(Clone, Debug)]
struct LayerState {
    layer: Arc<Layer>,
    image: Arc<Image>,
    delta: Arc<Delta>,
}

impl HostedStore {
    /// Opens a stored service. Images that are missing, damaged or too old are built again.
    pub fn open(folder: &Path) -> Result<Arc<Self>> {
        let generation = current(folder)?;
        let (record, state) = load(folder, &generation)?;
        sweep(folder, &generation);
        Ok(Self::assemble(folder, record, state))
    }

    /// Stores a service in a folder; its datasets are read to the end before anybody sees it.
    ///
    /// On failure nothing is left in the folder.
    pub fn create(folder: &Path, source: &ServiceSource, datasets: &dyn Datasets) -> Result<Arc<Self>> {
        if current(folder).is_ok() {
            return Err(Error::new(
                geosharing_core::Kind::Conflict,
                format!("`{}` holds a service already", folder.display()),
            ));
        }
        let is_new = !folder.exists();
        fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
        sweep(folder, "");
        let made = prepare(folder, source, datasets)
            .and_then(|(generation, record, state)| point_to(folder, &generation).map(|()| (record, state)));
        match made {
            Ok((record, state)) => Ok(Self::assemble(folder, record, state)),
            Err(error) => {
                sweep(folder, "");
                if is_new {
                    let _ = fs::remove_dir(folder);
                }
                Err(error)
            }
        }
    }

    /// Replaces the service by another. Until the data is complete the old one serves and takes edits,
    /// and it goes on when anything fails.
    pub fn replace(&self, source: &ServiceSource, datasets: &dyn Datasets) -> Result<()> {
        let (generation, record, state) = prepare(&self.folder, source, datasets)?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = point_to(&self.folder, &generation) {
            remove(&self.folder, |name| name.starts_with(&generation));
            return Err(error);
        }
        writer.record = record;
        self.put(state);
        drop(writer);
        sweep(&self.folder, &generation);
        Ok(())
    }

    fn assemble(folder: &Path, record: Record, state: State) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            folder: folder.to_owned(),
            me: Weak::clone(me),
            state: RwLock::new(Arc::new(state)),
            writer: Mutex::new(Writer { record, guids: Guids::default() }),
            version: AtomicU64::new(seed()),
            compacting: AtomicBool::new(false),
        })
    }

    /// Where the GeoPackage of the service is, for whoever wants to copy it.
    pub fn record_path(&self) -> PathBuf {
        self.folder.join(record_name(&self.state().generation))
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        self.version.fetch_add(1, Ordering::Release);
    }

    fn with<T>(&self, layer: u32, ask: impl FnOnce(&View<'_>) -> Result<T>) -> Result<T> {
        let state = self.state();
        let one = state.layers.iter().find(|one| one.layer.id == layer);
        let one = one.ok_or_else(|| Error::not_found(format!("the service has no layer {layer}")))?;
        ask(&View { layer: &one.layer, image: &one.image, delta: &one.delta })
    }

    /// Replaces one layer's state; the caller holds the writer, so nobody else does the same.
    fn change(&self, layer: u32, change: impl FnOnce(&mut LayerState)) {
        let old = self.state();
        let mut layers = old.layers.clone();
        if let Some(one) = layers.iter_mut().find(|one| one.layer.id == layer) {
            change(one);
        }
        let service = Arc::clone(&old.service);
        self.put(State { generation: old.generation.clone(), service, layers });
    }

    /// Builds a layer's image with all edits so far and forgets them as deltas.
    pub fn compact(&self, layer: u32) -> Result<()> {
        let state = self.state();
        let Some(one) = state.layers.iter().find(|one| one.layer.id == layer) else { return Ok(()) };
        // A second connection reads one moment of the record while edits go on.
        let record = Record::open(&self.folder.join(record_name(&state.generation)))?;
        let image = Arc::new(build_image(&self.folder, &state.generation, &record, &one.layer)?);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.state().generation != state.generation {
            return Ok(());
        }
        if let Some(delta) = delta_of(&writer.record, &one.layer, &image)? {
            let change = image.change();
            self.change(layer, |one| {
                one.image = image;
                one.delta = Arc::new(delta);
            });
            writer.record.cut_changes(layer, change)?;
        }
        Ok(())
    }

    fn compact_when_due(&self, layer: u32) {
        let state = self.state();
        let due = state
            .layers
            .iter()
            .find(|one| one.layer.id == layer)
            .is_some_and(|one| one.delta.len() > MERGED && one.delta.len() > one.image.rows() / 50);
        if !due || self.compacting.swap(true, Ordering::AcqRel) {
            return;
        }
        let Some(me) = self.me.upgrade() else { return };
        let spawned = thread::Builder::new().name("geosharing-compact".into()).spawn(move || {
            if let Err(error) = me.compact(layer) {
                tracing::warn!("building a read image again failed, reads go on without: {error}");
            }
            me.compacting.store(false, Ordering::Release);
        });
        if spawned.is_err() {
            self.compacting.store(false, Ordering::Release);
        }
    }
}

impl FeatureStore for HostedStore {
    fn service(&self) -> Arc<ServiceDescription> {
        Arc::clone(&self.state().service)
    }

    fn layers(&self) -> Vec<Arc<Layer>> {
        self.state().layers.iter().map(|one| Arc::clone(&one.layer)).collect()
    }

    fn layer(&self, id: u32) -> Option<Arc<Layer>> {
        self.state().layers.iter().find(|one| one.layer.id == id).map(|one| Arc::clone(&one.layer))
    }

    fn count(&self, layer: u32, selection: &Selection) -> Result<u64> {
        self.with(layer, |view| view.count(selection))
    }

    fn ids(&self, layer: u32, selection: &Selection, order_by: &[OrderBy]) -> Result<Vec<i64>> {
        self.with(layer, |view| view.ids(selection, order_by))
    }

    fn extent(&self, layer: u32, selection: &Selection) -> Result<(Option<Envelope>, u64)> {
        self.with(layer, |view| view.extent(selection))
    }

    fn rows(&self, layer: u32, selection: &Selection, rows: &Rows, sink: &mut dyn RowSink) -> Result<bool> {
        self.with(layer, |view| view.rows(selection, rows, sink))
    }

    fn groups(&self, layer: u32, selection: &Selection, groups: &Groups) -> Result<GroupTable> {
        self.with(layer, |view| view.groups(selection, groups))
    }

    fn apply_all(&self, edits: &[(u32, &Edits)]) -> Result<Vec<EditReply>> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.state();
        let mut named = Vec::with_capacity(edits.len());
        for (layer, edits) in edits {
            let one = state.layers.iter().find(|one| one.layer.id == *layer);
            let one = one.ok_or_else(|| Error::not_found(format!("the service has no layer {layer}")))?;
            named.push((one.layer.as_ref(), *edits));
        }
        let Writer { record, guids } = &mut *writer;
        let applied = record.apply(&named, guids)?;
        let (mut layers, mut replies) = (state.layers.clone(), Vec::with_capacity(applied.len()));
        let mut changed = false;
        for ((id, _), applied) in edits.iter().zip(applied) {
            replies.push(applied.reply);
            let one = layers.iter_mut().find(|one| one.layer.id == *id);
            let (Some(one), false) = (one, applied.rows.is_empty()) else { continue };
            let mut delta = Delta::clone(&one.delta);
            for (oid, row) in applied.rows {
                delta.set(&one.image, oid, row);
            }
            one.delta = Arc::new(delta);
            changed = true;
        }
        if changed {
            // All layers change in one step, so no query sees half of the edits.
            let (generation, service) = (state.generation.clone(), Arc::clone(&state.service));
            self.put(State { generation, service, layers });
        }
        drop(writer);
        for (layer, _) in edits {
            self.compact_when_due(*layer);
        }
        Ok(replies)
    }

    fn define(&self, layer: u32, definition: serde_json::Value) -> Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.record.define(layer, &definition)?;
        self.change(layer, |one| {
            let mut changed = Layer::clone(&one.layer);
            changed.definition = definition;
            one.layer = Arc::new(changed);
        });
        Ok(())
    }

    fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

/// A number that no earlier run of the site counted up to.
fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_micros() as u64)
}

/// Reads which generation is current.
fn current(folder: &Path) -> Result<String> {
    let path = folder.join(CURRENT);
    let text = fs::read_to_string(&path).map_err(|error| Error::io("open the service's", &path, error))?;
    let name = text.trim();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Error::invalid(format!("`{}` names no generation; publish again", path.display())));
    }
    Ok(name.to_owned())
}

/// Makes a generation current, for good: when this returns, the disk has it.
fn point_to(folder: &Path, generation: &str) -> Result<()> {
    let path = folder.join(CURRENT);
    let mut temporary =
        tempfile::NamedTempFile::new_in(folder).map_err(|error| Error::io("write in", folder, error))?;
    temporary
        .write_all(generation.as_bytes())
        .and_then(|()| temporary.as_file().sync_all())
        .map_err(|error| Error::io("write", &path, error))?;
    temporary.persist(&path).map_err(|error| Error::io("replace", &path, error.error))?;
    // Not every system can sync a folder; those that cannot keep renames by themselves.
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
    Ok(())
}

fn remove(folder: &Path, unwanted: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if unwanted(&entry.file_name().to_string_lossy()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes what other generations and dead publishes left.
fn sweep(folder: &Path, generation: &str) {
    let mine = format!("{generation}.");
    remove(folder, |name| name != CURRENT && (generation.is_empty() || !name.starts_with(&mine)));
}

/// Writes and opens the next generation; on failure its files are gone again.
fn prepare(
    folder: &Path,
    source: &ServiceSource,
    datasets: &dyn Datasets,
) -> Result<(String, Record, State)> {
    let generation: String = Guids::default().make().chars().filter(char::is_ascii_alphanumeric).collect();
    let made = ingest(folder, &generation, source, datasets).and_then(|()| load(folder, &generation));
    match made {
        Ok((record, state)) => Ok((generation, record, state)),
        Err(error) => {
            remove(folder, |name| name.starts_with(&generation));
            Err(error)
        }
    }
}

fn load(folder: &Path, generation: &str) -> Result<(Record, State)> {
    let record = Record::open(&folder.join(record_name(generation)))?;
    let (_, service, layers) = record.load()?;
    let mut states = Vec::with_capacity(layers.len());
    for layer in layers {
        let (image, delta) = open_image(folder, generation, &record, &layer)?;
        states.push(LayerState { layer: Arc::new(layer), image: Arc::new(image), delta: Arc::new(delta) });
    }
    let service = Arc::new(service);
    Ok((record, State { generation: generation.to_owned(), service, layers: states }))
}

/// Opens a layer's image with the edits since, or builds it again.
fn open_image(folder: &Path, generation: &str, record: &Record, layer: &Layer) -> Result<(Image, Delta)> {
    let path = folder.join(image_name(generation, layer.id));
    let opened = Image::open(&path).and_then(|image| {
        let fits = image.record() == generation && image.columns() == layer.columns().count();
        if fits { Ok(image) } else { Err(Error::invalid("the read image is of another record")) }
    });
    match opened {
        Ok(image) => {
            if let Some(delta) = delta_of(record, layer, &image)?
                && delta.len() <= MERGED.max(image.rows() / 50)
            {
                return Ok((image, delta));
            }
        }
        Err(error) => tracing::info!("building the read image of `{}` again: {error}", layer.name),
    }
    let image = build_image(folder, generation, record, layer)?;
    record.cut_changes(layer.id, image.change())?;
    Ok((image, Delta::default()))
}

/// Reads the rows that changed after an image was made; `None` when the record no longer knows.
fn delta_of(record: &Record, layer: &Layer, image: &Image) -> Result<Option<Delta>> {
    let Some(oids) = record.changed_since(layer.id, image.change())? else { return Ok(None) };
    let mut delta = Delta::default();
    for oid in oids {
        delta.set(image, oid, record.row(layer, oid)?);
    }
    Ok(Some(delta))
}

/// Builds an image from the record and gives it its name when it is complete.
fn build_image(folder: &Path, generation: &str, record: &Record, layer: &Layer) -> Result<Image> {
    let mut builder = Builder::new(folder, &layer.storages(), layer.has_geometry())?;
    let change = record.walk(layer, |oid, cells, wkb| builder.push(folder, oid, cells, wkb).map(drop))?;
    let order = builder.spatial_order();
    let path = folder.join(image_name(generation, layer.id));
    let temporary = folder.join(format!("{}.new", image_name(generation, layer.id)));
    builder.finish(&temporary, generation, change, order.as_ref())?;
    fs::rename(&temporary, &path).map_err(|error| Error::io("replace", &path, error))?;
    Image::open(&path)
}
