//! Staging: from a sharing draft to a service definition.
//!
//! Reads the draft as it stands on disk, so edits that scripts make on it count; finds the map and
//! its layers, copies their data, and packs documents, descriptions and data into one archive.
//! [`Form`] decides by type and server what belongs into it.

mod consolidate;
mod describe;
mod documents;
mod esriinfo;
mod featureserver;
mod files;
mod form;
mod gp;
mod guid;
mod image;
mod layer;
mod locator;
mod map;
mod members;
mod raster;
mod remarks;
mod stays;
mod target;
mod thumbnail;

pub use describe::{Described, MapWords, describe_map};

use std::path::{Path, PathBuf};

use crate::analyze::{Finding, ServerFacts, Severity};
use crate::dataset::{Datasets, Remembered};
use crate::error::{Code, Error, Kind, Result};
use crate::package::archive::{self, Entry, Profile, WriteOptions};
use crate::project::{Map, Project, paths};
use crate::sddraft::{Document, ManifestExtras};
use form::Form;
use target::Target;

/// How to stage.
#[derive(Clone, Debug)]
pub struct StageOptions {
    /// arcpy's `staging_version`; 102 by default.
    pub staging_version: u32,
    /// How files are packed.
    pub profile: Profile,
    /// Whether an existing archive is replaced.
    pub overwrite: bool,
    /// Threads to pack with; `None` takes every core.
    pub threads: Option<usize>,
    /// What the server of the draft has registered, where it was asked. Of a map by reference, data
    /// that it has not registered are copied; without an answer all stay where they are.
    pub server: Option<ServerFacts>,
}

impl Default for StageOptions {
    fn default() -> Self {
        Self {
            staging_version: 102,
            profile: Profile::Compatible,
            overwrite: false,
            threads: None,
            server: None,
        }
    }
}

/// What staging did.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The service definition.
    pub path: PathBuf,
    /// Whether it was written; not, when a finding is an error.
    pub written: bool,
    /// What was found about the draft, its layers and their data.
    pub findings: Vec<Finding>,
}

/// Stages a draft. `progress` is called with bytes packed and bytes in all; `false` gives up.
///
/// Nothing is written when a finding is an error, and nothing is left when a step fails.
///
/// # Errors
/// 000732 when the draft is missing, 000725 when the output exists and may not be replaced, 001270
/// when data cannot be copied, 001269 when the archive cannot be written.
pub fn stage(
    draft: &Path,
    out: &Path,
    options: &StageOptions,
    datasets: &dyn Datasets,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Staged> {
    let (draft, out) = (&located(draft), &located(out));
    let datasets: &dyn Datasets = &Remembered::new(datasets);
    let document = open_draft(draft)?;
    check_output(out, options.overwrite)?;
    let target = Target::of(options.staging_version, &document)?;
    let form = Form::of(&document)?;
    let scratch = scratch_beside(out)?;
    let job = Job {
        path: draft,
        draft: &document,
        target: &target,
        out,
        scratch: scratch.path(),
        datasets,
        server: options.server.as_ref(),
    };
    let mut findings = Vec::new();
    // The project stays open until all is packed: those of packages lie in a folder that goes with them.
    let map = if form.has_map() { Some(open_map(draft, &document)?) } else { None };
    let entries = match form {
        Form::Features | Form::Map => match &map {
            Some(map) => map::entries(&job, map, form == Form::Map, &mut findings)?,
            None => Vec::new(),
        },
        Form::Image => image::entries(&job, &mut findings)?,
        Form::Locator => locator::entries(&job, &mut findings)?,
        Form::Tools => gp::entries(&job, &mut findings)?,
        Form::Settings => job.settings(ManifestExtras::default())?,
    };
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(Staged { path: out.clone(), written: false, findings });
    }
    let packing = WriteOptions { threads: options.threads };
    archive::write(out, entries, options.profile, &packing, progress)?;
    Ok(Staged { path: out.clone(), written: true, findings })
}

/// What the parts of staging work on.
struct Job<'a> {
    /// The draft's file.
    path: &'a Path,
    draft: &'a Document,
    target: &'a Target,
    out: &'a Path,
    /// A folder for copies, removed after packing.
    scratch: &'a Path,
    datasets: &'a dyn Datasets,
    server: Option<&'a ServerFacts>,
}

impl Job<'_> {
    /// Makes the files that every service has: manifest, configuration, tiling scheme, item information.
    fn settings(&self, extras: ManifestExtras) -> Result<Vec<Entry>> {
        let extras = ManifestExtras {
            schema_version: self.target.schema.clone(),
            service_provider: self.target.provider(self.draft).to_owned(),
            ..extras
        };
        let mut entries = files::entries(self.draft, self.target, &extras)?;
        entries.extend(esriinfo::entries(self.draft, self.target, self.out));
        Ok(entries)
    }
}

/// Finds what a script calls by a Windows path.
fn located(path: &Path) -> PathBuf {
    let name = path.to_string_lossy();
    if paths::is_windows_absolute(&name) && !path.exists() {
        paths::destination(&name, Path::new("."))
    } else {
        path.to_path_buf()
    }
}

fn open_draft(path: &Path) -> Result<Document> {
    if !path.is_file() {
        return Err(Error::not_found(format!(
            "Service Definition Draft: Dataset {} does not exist or is not supported",
            path.display()
        ))
        .with_code(Code::DATASET_MISSING));
    }
    Document::open(path)
}

fn check_output(out: &Path, overwrite: bool) -> Result<()> {
    if out.is_dir() {
        return Err(Error::invalid(format!("`{}` is a folder; name a file ending in .sd", out.display())));
    }
    if out.exists() && !overwrite {
        return Err(Error::new(
            Kind::Conflict,
            format!(
                "Service Definition: Dataset {} already exists. Delete it, or set arcpy.env.overwriteOutput = True",
                out.display()
            ),
        )
        .with_code(Code::OUTPUT_EXISTS));
    }
    Ok(())
}

fn open_map(draft: &Path, document: &Document) -> Result<Map> {
    let resource = document.resource();
    if resource.on_premise_path.is_empty() {
        return Err(Error::invalid(format!(
            "the draft `{}` names no project (Resources/SVCResource/OnPremisePath)",
            draft.display()
        )));
    }
    let folder = draft.parent().unwrap_or(Path::new("."));
    let path = paths::resolve(&resource.on_premise_path, folder).map_err(|error| {
        error.context("the project that the draft names is gone; save it again or create a new draft")
    })?;
    let project = Project::open(&path)?;
    if !resource.cim_path.is_empty() {
        return project.map_by_path(&resource.cim_path).map_err(|error| {
            error.context(format!(
                "the map `{}` of the draft is not in `{}`",
                resource.cim_path,
                path.display()
            ))
        });
    }
    let mut maps = project.maps()?;
    match (maps.pop(), maps.is_empty()) {
        (Some(map), true) => Ok(map),
        _ => Err(Error::invalid(format!(
            "the draft `{}` does not say which map of `{}` it shares (Resources/SVCResource/CIMPath)",
            draft.display(),
            path.display()
        ))),
    }
}

/// Makes a folder for copies on the disk of the output, since data may be larger than `/tmp`.
fn scratch_beside(out: &Path) -> Result<tempfile::TempDir> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(".geosharing-stage-").tempdir_in(parent).map_err(|error| {
        // The error itself names the temporary folder, which nobody knows.
        let plain = std::io::Error::from(error.kind());
        let kind = Error::io("write to", parent, plain).kind();
        let text = format!(
            "cannot write to `{}`: {}; choose a folder that exists and that you may write to",
            parent.display(),
            error.kind()
        );
        Error::new(kind, text).because(error).with_code(Code::COMPRESS_FAILED)
    })
}

/// The name of a file without folder and suffix, also where a Windows path is one literal name.
fn stem(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    name.rsplit('\\').next().unwrap_or_default().to_owned()
}
