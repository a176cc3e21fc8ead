//! Geoprocessing services: toolboxes with their code, the data that they name, and the tasks' description.
//!
//! The archive has the toolboxes and what they bring from beside themselves in the document's folder, as the
//! products lay them out (`p30/parcels.pyt`, `p30/helpers.py`, `p30/roads.lyrx`), data in `cd`, and beside the
//! toolboxes `tasks.json` in place of the products' binary `.tbx` and `.rltx`, which have no public
//! description. Paths of project data in scripts are rewritten as the products do it: to places below
//! `arcpy.env.packageWorkspace`.

mod code;
mod data;
mod task;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::Job;
use super::consolidate::has_suffix;
use crate::analyze::{Finding, Severity};
use crate::package::archive::Entry;
use crate::project::paths;
use crate::rest::gp::Service;
use crate::sddraft::ManifestExtras;
use crate::toolbox::{ResultFile, Task, ToolboxKind};
use crate::{Error, Result};
use data::Collection;

/// Largest script that is read for paths.
const LARGEST_SCRIPT: u64 = 32 << 20;

/// What staging a geoprocessing service collects.
struct Stage<'a> {
    job: &'a Job<'a>,
    entries: Vec<Entry>,
    /// Toolboxes by their path: the path in the package, relative to the document's folder.
    toolboxes: Vec<(PathBuf, String)>,
    data: Collection,
    requirements: Vec<String>,
}

/// Makes the files of the archive; none when a finding is an error.
pub(super) fn entries(job: &Job<'_>, findings: &mut Vec<Finding>) -> Result<Vec<Entry>> {
    let folder = job.path.parent().unwrap_or(Path::new("."));
    let written = job.draft.resource().on_premise_path;
    let path = paths::resolve(&written, folder).map_err(|error| {
        error.context(
            "the run that the draft publishes is gone; create the draft again from the tool's Result",
        )
    })?;
    let file = ResultFile::open(&path)?;
    let by_reference = job.draft.by_reference();
    let mut stage = Stage {
        job,
        entries: Vec::new(),
        toolboxes: Vec::new(),
        data: Collection::new(by_reference, job.target.data),
        requirements: Vec::new(),
    };
    let mut service = Service::default();
    for task in &file.tasks {
        let toolbox = stage.toolbox(task, findings)?;
        service.tasks.push(task::describe(&mut stage, task, toolbox)?);
    }
    service.data =
        if job.target.data == job.target.folder { ".".to_owned() } else { format!("../{}", job.target.data) };
    service.requirements = std::mem::take(&mut stage.requirements);
    service.requirements.sort();
    service.requirements.dedup();
    service.check()?;
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(Vec::new());
    }
    let text = serde_json::to_vec_pretty(&service)
        .map_err(|error| Error::internal("cannot write the description of tasks").because(error))?;
    stage.entries.push(Entry::bytes(format!("{}/tasks.json", job.target.folder), text));
    stage.entries.extend(stage.data.run(job.scratch, job.datasets)?);
    let main = stage.toolboxes.first().map_or("tasks.json", |(_, name)| name.as_str()).replace('/', "\\");
    let mut entries = job.settings(ManifestExtras {
        in_package_path: format!("{}\\{main}", job.target.folder),
        databases: stage.data.databases(),
        ..ManifestExtras::default()
    })?;
    entries.extend(stage.entries);
    Ok(entries)
}

impl Stage<'_> {
    /// Takes a task's toolbox with its code into the package; returns its path there.
    fn toolbox(&mut self, task: &Task, findings: &mut Vec<Finding>) -> Result<String> {
        if task.toolbox.kind == ToolboxKind::System {
            return Ok(task.toolbox.path.clone());
        }
        let path = PathBuf::from(&task.toolbox.path);
        if !path.is_file() {
            return Err(Error::not_found(format!(
                "the toolbox `{}` of the tool `{}` is gone; import it from where it is and run the tool again",
                path.display(),
                task.name
            ))
            .with_code(crate::error::Code::DATASET_MISSING));
        }
        let name = if let Some((_, name)) = self.toolboxes.iter().find(|(known, _)| *known == path) {
            name.clone()
        } else {
            let file = file_name(&path);
            // Toolboxes of one name must not meet, and neither must what stands beside them.
            let taken = self.toolboxes.iter().any(|(_, name)| name.eq_ignore_ascii_case(&file));
            let name = if taken { format!("box{}/{file}", self.toolboxes.len() + 1) } else { file };
            self.code(&path, &name, findings)?;
            for sidecar in sidecars(&path)? {
                let beside = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
                let entry = format!("{}/{beside}{}", self.job.target.folder, file_name(&sidecar));
                self.add(Entry::file(entry, sidecar));
            }
            self.toolboxes.push((path.clone(), name.clone()));
            name
        };
        let home = path.parent().unwrap_or(Path::new("."));
        let place = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for file in &task.files {
            let file = PathBuf::from(file);
            if !file.is_file() || file == path {
                continue;
            }
            // What stands elsewhere is found beside the toolbox, which is on the search path.
            let relative =
                file.strip_prefix(home).map_or_else(|_| PathBuf::from(file_name(&file)), Path::to_path_buf);
            let relative: Vec<String> =
                relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            let inside =
                if place.is_empty() { relative.join("/") } else { format!("{place}/{}", relative.join("/")) };
            self.code(&file, &inside, findings)?;
        }
        Ok(name)
    }

    /// Adds a file of code, with the paths of its data rewritten.
    fn code(&mut self, path: &Path, name: &str, findings: &mut Vec<Finding>) -> Result<()> {
        let entry = format!("{}/{name}", self.job.target.folder);
        let suffix = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let size = path.metadata().map_err(|error| Error::io("read", path, error))?.len();
        if !["py", "pyt"].contains(&suffix.as_str()) || size > LARGEST_SCRIPT {
            self.add(Entry::file(entry, path));
            return Ok(());
        }
        let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, error))?;
        // Scripts of Windows are often in its own code page; these are taken as they are.
        let Ok(text) = String::from_utf8(bytes) else {
            self.add(Entry::file(entry, path));
            return Ok(());
        };
        self.requirements.extend(code::requirements(&text));
        let home = path.parent().unwrap_or(Path::new("."));
        let mut failed = None;
        let rewritten = code::rewrite(&text, |literal| {
            let found = self.literal(literal, home, name);
            found.unwrap_or_else(|error| {
                failed.get_or_insert(error);
                None
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if rewritten.replaced > 0 {
            findings.push(Finding::new(
                Severity::Message,
                24_059,
                format!(
                    "{} paths of data in `{}` lead to copies in the package",
                    rewritten.replaced,
                    file_name(path)
                ),
            ));
        }
        self.add(Entry::bytes(entry, rewritten.text));
        Ok(())
    }

    /// Decides about a text of a script: a path of data becomes the expression of its place in the package.
    fn literal(&mut self, text: &str, home: &Path, name: &str) -> Result<Option<String>> {
        if self.data.by_reference || !looks_like_path(text) {
            return Ok(None);
        }
        let absolute = Path::new(text).is_absolute() || paths::is_windows_absolute(text);
        if absolute {
            let place = self.data.place(text, self.job.datasets)?;
            return Ok(place.map(|place| {
                format!(
                    "__import__('os').path.join(__import__('arcpy').env.packageWorkspace, {})",
                    code::quote(&place)
                )
            }));
        }
        // What is named from the script's own folder keeps its place beside it.
        let file = home.join(text.replace('\\', "/"));
        let inside = !text.split(['/', '\\']).any(|part| part == "..");
        if inside && file.is_file() && !code::is_code(&file) {
            let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            let entry = format!("{}/{folder}{}", self.job.target.folder, text.replace('\\', "/"));
            self.add(Entry::file(entry, file));
        }
        Ok(None)
    }

    fn add(&mut self, entry: Entry) {
        if !self.entries.iter().any(|known| known.name.eq_ignore_ascii_case(&entry.name)) {
            self.entries.push(entry);
        }
    }
}

fn looks_like_path(text: &str) -> bool {
    (3..=1024).contains(&text.len())
        && !text.contains(['\n', '\r', '\0', '*', '?', '<', '>'])
        && !text.contains("://")
        && text.contains(['/', '\\', '.'])
}

/// The name of a file in the package; where a Windows path is one literal name, its last part.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.rsplit('\\').next().unwrap_or_default().to_owned()
}

/// The metadata that toolboxes keep beside themselves: `x.pyt.xml`, `x.Tool.pyt.xml`.
fn sidecars(toolbox: &Path) -> Result<Vec<PathBuf>> {
    let home = toolbox.parent().filter(|home| !home.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error| Error::io("read", home, error);
    let stem = format!("{}.", toolbox.file_stem().unwrap_or_default().to_string_lossy().to_lowercase());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(home).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = file_name(&path).to_lowercase();
        if name.starts_with(&stem) && has_suffix(&name, "xml") && name.contains(".pyt") && path.is_file() {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}
