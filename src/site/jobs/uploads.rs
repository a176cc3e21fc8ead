//! Files that callers upload for the inputs of tools.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Engine, UploadRecord};
use crate::error::{Result, SiteError};
use crate::state::{hex, now, random};

/// Most parts of one upload.
const MOST_PARTS: u32 = 10_000;

impl Engine {
    /// Returns the folder of an upload, which is checked to have the form of an id.
    pub(super) fn upload_folder(&self, id: &str) -> PathBuf {
        self.folder.join("uploads").join(id)
    }

    /// Begins an upload; its name has no folders in it.
    pub fn register_upload(
        &self,
        service: &str,
        owner: &str,
        name: &str,
        description: &str,
    ) -> Result<UploadRecord> {
        let upload = UploadRecord {
            id: format!("i{}", hex(&random::<16>())),
            service: service.to_owned(),
            owner: owner.to_owned(),
            name: crate::params::plain_name(name),
            description: description.chars().take(1000).collect(),
            created: now(),
            ..UploadRecord::default()
        };
        fs::create_dir_all(self.upload_folder(&upload.id).join("parts"))?;
        self.database.put_upload(&upload)?;
        Ok(upload)
    }

    /// Returns an upload; one that somebody else made is as if there were none.
    pub fn upload(&self, service: &str, owner: &str, id: &str) -> Result<UploadRecord> {
        self.database
            .upload(service, id)?
            .filter(|upload| upload.owner == owner)
            .ok_or_else(|| SiteError::new(400, format!("Item '{}' not found.", crate::params::shorten(id))))
    }

    /// Returns the uploads of somebody to a service.
    pub fn uploads(&self, service: &str, owner: &str) -> Result<Vec<UploadRecord>> {
        self.database.uploads_of(service, owner)
    }

    /// Takes a whole file, moving it from where the request put it.
    pub fn fill_upload(&self, upload: &mut UploadRecord, from: &Path, size: u64) -> Result<()> {
        let to = self.upload_folder(&upload.id).join(&upload.name);
        move_file(from, &to)?;
        upload.size = size;
        upload.committed = true;
        self.database.put_upload(upload)
    }

    /// Takes a part.
    pub fn add_part(&self, upload: &UploadRecord, number: u32, from: &Path) -> Result<()> {
        if upload.committed {
            return Err(SiteError::bad_request("The upload is complete already."));
        }
        if number > MOST_PARTS {
            return Err(SiteError::bad_request(format!("An upload has at most {MOST_PARTS} parts.")));
        }
        Ok(move_file(from, &self.upload_folder(&upload.id).join("parts").join(format!("{number:05}")))?)
    }

    /// Returns the numbers of the parts that are here.
    pub fn parts(&self, upload: &UploadRecord) -> Result<Vec<u32>> {
        let mut numbers: Vec<u32> = match fs::read_dir(self.upload_folder(&upload.id).join("parts")) {
            Ok(entries) => entries
                .flatten()
                .filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()))
                .collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Joins the parts, in the order of their numbers.
    pub fn commit_upload(&self, upload: &mut UploadRecord, largest: u64) -> Result<()> {
        if upload.committed {
            return Ok(());
        }
        let folder = self.upload_folder(&upload.id);
        let numbers = self.parts(upload)?;
        if numbers.is_empty() {
            return Err(SiteError::bad_request("The upload has no parts."));
        }
        let whole = folder.join(".joining");
        let mut out = fs::File::create(&whole)?;
        let mut size = 0;
        for number in numbers {
            let path = folder.join("parts").join(format!("{number:05}"));
            size += io::copy(&mut fs::File::open(path)?, &mut out)?;
            if largest > 0 && size > largest {
                return Err(too_large(largest));
            }
        }
        drop(out);
        fs::rename(whole, folder.join(&upload.name))?;
        let _ = fs::remove_dir_all(folder.join("parts"));
        upload.size = size;
        upload.committed = true;
        self.database.put_upload(upload)
    }

    /// Removes an upload.
    pub fn remove_upload(&self, upload: &UploadRecord) -> Result<()> {
        self.database.drop_upload(&upload.id)?;
        let _ = fs::remove_dir_all(self.upload_folder(&upload.id));
        Ok(())
    }

    /// Returns where the file of a complete upload lies.
    pub fn uploaded_file(&self, upload: &UploadRecord) -> Result<PathBuf> {
        if !upload.committed {
            return Err(SiteError::bad_request(format!("Upload '{}' is not committed.", upload.id)));
        }
        Ok(self.upload_folder(&upload.id).join(&upload.name))
    }
}

/// Says that a file is larger than the service takes.
pub(crate) fn too_large(limit: u64) -> SiteError {
    SiteError::new(413, "The file is larger than this service takes.")
        .detail(format!("the limit is {limit} bytes"))
}

/// Moves a file within the site's folder; across disks it is copied.
fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
}
