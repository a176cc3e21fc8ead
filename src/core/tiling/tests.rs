//! Schemes and tile counts against the genuine drafts of the corpus, and files that cannot be schemes.

use std::path::{Path, PathBuf};

use super::*;
use crate::dataset::Envelope;
use crate::sddraft::{Document, Markup, Tree};

fn corpus(name: &str) -> Option<Document> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sddraft").join(name);
    if !path.exists() {
        // The corpus is not part of the repository.
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(Document::open(&path).unwrap())
}

const CACHED: &[&str] = &[
    "DavidWhittingham__arcpyext__test_mapping_complex.sddraft",
    "DavidWhittingham__agsconfig__mapservice.sddraft",
    "DavidWhittingham__agsconfig__vectortileservice.sddraft",
    "DavidWhittingham__arcpyext__example.sddraft",
];

fn scheme(document: &Document) -> TilingScheme {
    TilingScheme::read(document.tree(), document.find("CacheSchema").unwrap()).unwrap()
}

fn extent(document: &Document) -> Envelope {
    let side = |name: &str| {
        document.text_at(&format!("InitCacheLevels/Extent/{name}")).unwrap().trim().parse::<f64>().unwrap()
    };
    Envelope { xmin: side("XMin"), ymin: side("YMin"), xmax: side("XMax"), ymax: side("YMax") }
}

#[test]
fn tiles_and_room_are_what_the_products_reckoned() {
    for name in CACHED {
        let Some(document) = corpus(name) else { return };
        let scheme = scheme(&document);
        let node = document.find("InitCacheLevels/Extent/SpatialReference").unwrap();
        let from = Reference::read(document.tree(), node);
        let extent = project_extent(extent(&document), &from, scheme.reference.as_ref().unwrap());
        let ours = scheme.levels(&extent.unwrap().unwrap());
        let infos = document.select("InitCacheLevels/InitialCacheInfos/SVCInitialCacheInfo");
        assert!(infos.len() > 10, "{name}");
        for info in infos {
            let tree = document.tree();
            let text = |child: &str| tree.text(tree.child(info, child).unwrap()).trim().to_owned();
            let level = ours.iter().find(|level| level.lod.level.to_string() == text("LevelID")).unwrap();
            assert_eq!(level.tiles.to_string(), text("NumberOfTiles"), "{name} level {}", level.lod.level);
            assert_eq!(level.megabytes.to_string(), text("Size"), "{name} level {}", level.lod.level);
        }
    }
}

#[test]
fn the_usual_scheme_is_the_products_to_the_last_digit() {
    let Some(document) = corpus(CACHED[0]) else { return };
    let wanted = document.find("CacheSchema").unwrap();
    let mut out = Markup::document("Root", "Root", "3.0.0");
    TilingScheme::web_mercator(24).drawn("PNG", 0, true).stored("CompactV2").write_schema(&mut out, false);
    let ours = Tree::parse(out.finish("Root")).unwrap();
    let schema = ours.child(ours.root(), "CacheSchema").unwrap();
    assert_eq!(ours.element_text(schema), document.tree().element_text(wanted));
}

#[test]
fn a_scheme_file_is_written_and_read_again() {
    let scheme = TilingScheme::web_mercator(5).drawn("Mixed", 75, true).stored("CompactV2");
    let read = TilingScheme::parse(&scheme.to_xml()).unwrap();
    assert_eq!(read.lods, scheme.lods);
    assert_eq!((read.format.as_str(), read.quality, read.antialiasing), ("Mixed", 75, true));
    assert_eq!(read.to_xml(), scheme.to_xml());
    assert_eq!(read.scales(), Some((591_657_527.591_555, 36_978_595.474_472)));
}

#[test]
fn the_suggested_scales_are_those_of_the_genuine_map_service() {
    let Some(document) = corpus(CACHED[0]) else { return };
    let scales = scheme(&document).suggested_scales(&extent(&document));
    assert_eq!(scales, Some((36_978_595.474_472, 577_790.554_289)));
}

fn refusal(text: &str) -> String {
    TilingScheme::parse(text).unwrap_err().to_string()
}

#[test]
fn what_is_no_scheme_is_refused_by_its_fault() {
    let scheme = TilingScheme::web_mercator(3).to_xml();
    assert!(refusal("<SVCManifest></SVCManifest>").contains("root element is `SVCManifest`"));
    assert!(
        refusal(&scheme.replace("<Scale>295828763.79577702", "<Scale>-1")).contains("`Scale` of level 1")
    );
    assert!(refusal(&scheme.replace("<LevelID>1<", "<LevelID>7<")).contains("level 2 does not follow"));
    assert!(refusal(&scheme.replace(">PNG<", ">BMP<")).contains("must be one of `PNG`, `PNG8`"));
    assert!(refusal(&scheme.replace("<TileCols>256", "<TileCols>0")).contains("from 1 to 8192"));
    assert!(refusal(&scheme.replace("<X>", "<X>east")).contains("`X` is `east"));
    assert!(refusal("<CacheInfo></CacheInfo>").contains("TileCacheInfo"));
    let missing = TilingScheme::open(&PathBuf::from("no/such/scheme.xml")).unwrap_err().to_string();
    assert!(missing.contains("scheme.xml"), "{missing}");
}

#[test]
fn an_extent_beyond_all_bounds_is_counted_without_overflow() {
    let huge = Envelope { xmin: -1e300, ymin: -1e300, xmax: 1e300, ymax: 1e300 };
    let levels = TilingScheme::web_mercator(24).levels(&huge);
    assert!(levels.iter().all(|level| level.tiles > 1_000_000));
}
