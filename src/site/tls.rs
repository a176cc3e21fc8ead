//! The site's certificate: self-signed, made once, kept in the site's folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use geosharing_core::{Error, Kind, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Clients refuse certificates that are valid for longer than 825 days; ours is renewed in time.
const RENEW_AFTER: Duration = Duration::from_hours(700 * 24);
const VALID_DAYS: u64 = 820;

/// Returns where a site keeps its certificate.
pub fn certificate_path(folder: &Path) -> PathBuf {
    folder.join("certificate.pem")
}

/// Loads the certificate of a site's folder, making one when there is none or it is old.
pub fn acceptor(folder: &Path, host: &str) -> Result<TlsAcceptor> {
    let (certificate, key) = (certificate_path(folder), folder.join("certificate.key"));
    if !is_fresh(&certificate) || !key.exists() {
        make(&certificate, &key, host)?;
    }
    let bad = |error: &dyn std::fmt::Display| {
        Error::new(
            Kind::InvalidInput,
            format!(
                "cannot use the certificate `{}`: {error}; remove it and its `.key` to get a new one",
                certificate.display()
            ),
        )
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|error| bad(&error))?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|error| bad(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn is_fresh(certificate: &Path) -> bool {
    let modified = std::fs::metadata(certificate).and_then(|data| data.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < RENEW_AFTER))
}

fn make(certificate: &Path, key: &Path, host: &str) -> Result<()> {
    let failed = |error: rcgen::Error| Error::internal(format!("cannot make a certificate: {error}"));
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !names.iter().any(|name| name == host) && host != "0.0.0.0" && host != "::" {
        names.push(host.to_owned());
    }
    let mut params = CertificateParams::new(names).map_err(failed)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "geosharing embedded site");
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyCertSign,
    ];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // A day in the past, for clients whose clock is behind.
    let now = std::time::SystemTime::now();
    params.not_before = (now - Duration::from_hours(24)).into();
    params.not_after = (now + Duration::from_hours(VALID_DAYS * 24)).into();
    let pair = KeyPair::generate().map_err(failed)?;
    let signed = params.self_signed(&pair).map_err(failed)?;
    write_secret(key, &pair.serialize_pem())?;
    write_aside(certificate, signed.pem().as_bytes())
}

fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let aside = path.with_extension("key.new");
    let _ = std::fs::remove_file(&aside);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&aside).map_err(|e| Error::io("write", &aside, e))?;
    file.write_all(text.as_bytes()).map_err(|e| Error::io("write", &aside, e))?;
    std::fs::rename(&aside, path).map_err(|e| Error::io("write", path, e))
}

/// Writes a file under another name and renames it, so that nobody reads half of it.
pub(crate) fn write_aside(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let aside = path.with_file_name(name);
    std::fs::write(&aside, bytes).map_err(|e| Error::io("write", &aside, e))?;
    std::fs::rename(&aside, path).map_err(|e| Error::io("write", path, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_certificate() {
        let folder = tempfile::tempdir().unwrap();
        acceptor(folder.path(), "127.0.0.1").unwrap();
        let first = std::fs::read(certificate_path(folder.path())).unwrap();
        acceptor(folder.path(), "127.0.0.1").unwrap();
        assert_eq!(first, std::fs::read(certificate_path(folder.path())).unwrap());
    }

    #[test]
    fn a_broken_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(certificate_path(folder.path()), "x").unwrap();
        std::fs::write(folder.path().join("certificate.key"), "x").unwrap();
        let error = acceptor(folder.path(), "localhost").err().unwrap().to_string();
        assert!(error.contains("certificate.pem"), "{error}");
    }
}
