use std::path::PathBuf;

use super::*;

fn key() -> Key {
    Key::Bytes([7; 32])
}

fn signed() -> Connection {
    Connection {
        user: Some("publisher".to_owned()),
        password: Password::Clear("pass \u{e9}\u{1f600}word".to_owned()),
        staging_folder: Some("C:\\staging".to_owned()),
        ..Connection::new("https://gis.example:6443/arcgis/admin", Mode::Publish)
    }
}

fn written(connection: &Connection) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.ags");
    connection.write(&path, &key()).unwrap();
    (folder, path)
}

#[test]
fn what_is_written_is_read_back_and_the_password_is_not_in_the_file() {
    let (_folder, path) = written(&signed());
    let mut read = Connection::read(&path).unwrap();
    assert!(matches!(read.password, Password::Sealed(_)));
    read.unseal(&key()).unwrap();
    assert_eq!(read.password, signed().password);
    assert_eq!(
        (read.mode, read.user, read.staging_folder),
        (Mode::Publish, signed().user, signed().staging_folder)
    );
    assert_eq!(server_url(&path).unwrap(), "https://gis.example:6443/arcgis");
    let bytes = std::fs::read(&path).unwrap();
    let utf16: Vec<u8> = "word".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!bytes.windows(8).any(|window| window == utf16));
    assert!(!bytes.windows(4).any(|window| window == b"word"));
}

#[test]
fn an_anonymous_connection_needs_no_key() {
    let (_folder, path) = written(&Connection::new("http://host/arcgis/services", Mode::Use));
    let mut read = Connection::read(&path).unwrap();
    read.unseal(&Key::Bytes([0; 32])).unwrap();
    assert_eq!((read.password, read.user), (Password::None, None));
}

#[test]
fn another_key_or_another_server_does_not_open_the_password() {
    let (folder, path) = written(&signed());
    let mut read = Connection::read(&path).unwrap();
    let error = read.unseal(&Key::Bytes([8; 32])).unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(
        read.clone().unseal(&Key::phrase("a long enough phrase".into()).unwrap()).unwrap_err().kind(),
        Kind::Denied
    );
    // The sealed password in a file that names another server.
    let Password::Sealed(sealed) = &read.password else { panic!("sealed") };
    let moved = Properties(vec![
        ("URL".to_owned(), Property::Text("https://evil.example/arcgis".to_owned())),
        ("USER".to_owned(), Property::Text("publisher".to_owned())),
        (SEALED.to_owned(), Property::Text(sealed.clone())),
    ]);
    let other = folder.path().join("moved.ags");
    document::write(&other, &properties::write("moved.ags", &moved)).unwrap();
    assert_eq!(Connection::read(&other).unwrap().unseal(&key()).unwrap_err().kind(), Kind::Denied);
}

#[test]
fn a_phrase_opens_what_it_sealed() {
    let key = Key::phrase("correct horse battery".into()).unwrap();
    let sealed = key.seal("secret", "x").unwrap();
    assert_eq!(key.open(&sealed, "x").unwrap(), "secret");
    assert_ne!(sealed, key.seal("secret", "x").unwrap(), "each seal is another");
    assert!(Key::phrase("short".into()).is_err());
}

/// A stream as products write it, with the bytes of their own sealed password.
fn of_a_product() -> Vec<u8> {
    let known = Properties(vec![
        ("ALLOWINSECURETOKENURL".to_owned(), Property::Flag(true)),
        ("CONNECTIONMODE".to_owned(), Property::Number(2)),
        ("URL".to_owned(), Property::Text("http://10.1.2.3:6080/arcgis/admin".to_owned())),
        ("USER".to_owned(), Property::Text("siteadmin".to_owned())),
    ]);
    let mut stream = properties::write("ArcGISServerConnection.ags", &known);
    stream.truncate(stream.len() - 6);
    let count = stream.windows(6).position(|window| window == [1, 0, 4, 0, 0, 0]).unwrap() + 2;
    stream[count] = 5;
    let name: Vec<u8> = "PASSWORD\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    stream.extend([18, 0, 0, 0]);
    stream.extend(name);
    stream.extend([0x11, 0x20, 16, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0]);
    stream.extend(b".hAAAA*\0");
    stream.extend([2, 0, 0, 0, 0, 0]);
    stream
}

#[test]
fn a_file_of_a_product_is_read_and_its_password_is_known_to_be_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("genuine.ags");
    document::write(&path, &of_a_product()).unwrap();
    let read = Connection::read(&path).unwrap();
    assert_eq!((read.mode, read.user.as_deref()), (Mode::Administer, Some("siteadmin")));
    assert_eq!(read.password, Password::Foreign);
    assert_eq!(read.server_url().unwrap(), "http://10.1.2.3:6080/arcgis");
}

#[test]
fn a_stream_cut_anywhere_is_refused_or_read_without_harm() {
    let stream = of_a_product();
    for length in 0..stream.len() - 6 {
        assert!(properties::parse(&stream[..length]).is_err(), "{length}");
    }
    for at in 0..stream.len() {
        let mut broken = stream.clone();
        broken[at] ^= 0xff;
        let _ = properties::parse(&broken);
    }
}

#[test]
fn what_is_no_connection_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ags");
    for bytes in [&b""[..], b"<xml/>", &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]] {
        std::fs::write(&path, bytes).unwrap();
        let error = Connection::read(&path).unwrap_err();
        assert!(error.to_string().contains("no server connection file"), "{error}");
    }
    std::fs::write(&path, vec![0; 2 << 20]).unwrap();
    assert_eq!(Connection::read(&path).unwrap_err().kind(), Kind::Limit);
    assert_eq!(Connection::read(&folder.path().join("b.ags")).unwrap_err().kind(), Kind::NotFound);
    document::write(&path, &properties::write("a", &Properties::default())).unwrap();
    assert!(Connection::read(&path).unwrap_err().to_string().contains("names no server"));
}

#[test]
fn a_key_file_is_made_once_and_for_its_user_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("geosharing/key");
    let sealed = Key::of_file(&path).unwrap().seal("secret", "x").unwrap();
    assert_eq!(Key::of_file(&path).unwrap().open(&sealed, "x").unwrap(), "secret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(Key::of_file(&path).unwrap_err().kind(), Kind::Denied);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    std::fs::write(&path, "nonsense").unwrap();
    assert!(Key::of_file(&path).is_err());
}

#[test]
fn every_address_of_a_server_has_one_root() {
    for url in [
        "https://host:6443/arcgis",
        "https://host:6443/arcgis/",
        "host:6443/arcgis/rest/services",
        "https://host:6443/arcgis/admin/services/x",
        "HTTPS://me:secret@host:6443/arcgis/services?wsdl",
    ] {
        assert_eq!(root(url).unwrap(), "https://host:6443/arcgis", "{url}");
    }
    for url in ["", "ftp://host/arcgis", "https://", "https://a b/arcgis", "https://me:secret@"] {
        let error = root(url).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
