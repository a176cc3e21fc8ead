//! The folder `esriinfo`: what the item will say.

use std::path::Path;

use super::target::Target;
use crate::dataset::{Envelope, SpatialReference};
use crate::geometry::Projector;
use crate::package::archive::Entry;
use crate::sddraft::{Document, ItemInfo, number};

const CULTURE: &str = "en-US";

/// Makes `iteminfo.xml`, `item.pkinfo` and `metadata/metadata.xml`.
pub(super) fn entries(draft: &Document, target: &Target, out: &Path) -> Vec<Entry> {
    let name = super::stem(out);
    let metadata = draft.metadata_xml();
    let metadata = if metadata.is_empty() {
        "<?xml version=\"1.0\"?>\r\n<metadata xml:lang=\"en\"></metadata>\r\n".to_owned()
    } else {
        metadata
    };
    vec![
        Entry::bytes("esriinfo/iteminfo.xml", item_info(draft, &name)),
        Entry::bytes("esriinfo/item.pkinfo", package_info(draft, &name, target)),
        Entry::bytes("esriinfo/metadata/metadata.xml", metadata),
    ]
}

fn item_info(draft: &Document, name: &str) -> String {
    let info = draft.item_info();
    let tags: Vec<&str> = info.tags.iter().map(String::as_str).filter(|tag| !tag.is_empty()).collect();
    let id = draft.id();
    let mut out = Lines::start(&format!("<ESRI_ItemInformation Culture='{CULTURE}'>"));
    out.leaf("name", name);
    out.leaf("guid", id.trim_matches(['{', '}']));
    out.leaf("version", "1.0");
    for empty in ["created", "modified", "catalogpath"] {
        out.leaf(empty, "");
    }
    out.leaf("snippet", &info.snippet);
    out.leaf("description", &info.description);
    out.leaf("summary", &info.snippet);
    out.leaf("title", &info.title);
    out.leaf("tags", &tags.join(","));
    out.leaf("type", "Service Definition");
    out.raw("<typekeywords>");
    for keyword in ["ArcGIS", "Service Definition", ".sd"] {
        out.leaf("typekeyword", keyword);
    }
    out.raw("</typekeywords>");
    out.leaf("thumbnail", "thumbnail/thumbnail.png");
    out.leaf("documentation", "");
    out.leaf("url", "");
    if let Some(extent) = in_degrees(&info) {
        out.raw("<extent>");
        for (side, value) in
            [("xmin", extent.xmin), ("ymin", extent.ymin), ("xmax", extent.xmax), ("ymax", extent.ymax)]
        {
            out.leaf(side, &number(value));
        }
        out.raw("</extent>");
    }
    out.leaf("spatialreference", system_name(&info.wkt));
    out.leaf("minScale", "0");
    out.leaf("maxScale", "1.7976931348623157e+308");
    out.leaf("datalastModifiedTime", "");
    // The draft names them the other way round than the portal does.
    out.leaf("accessinformation", &info.credits);
    out.leaf("licenseinfo", &info.access_information);
    out.finish("</ESRI_ItemInformation>")
}

fn package_info(draft: &Document, name: &str, target: &Target) -> String {
    let mut out = Lines::start(
        "<?xml-stylesheet type=\"text/xsl\" href=\"http://www.arcgisonline.com/home/pkinfostylesheet.xsl\"?>",
    );
    out.raw(&format!("<pkinfo Culture='{CULTURE}'>"));
    out.leaf("ID", &draft.id());
    out.leaf("name", name);
    out.leaf("version", target.package);
    out.leaf("size", "-1");
    out.leaf("created", "");
    out.leaf("type", "Service Definition");
    out.leaf("servable", "true");
    out.leaf("packagelocation", "");
    out.leaf("pkinfolocation", "");
    out.raw("<documenttypes>");
    out.leaf("documenttype", "msd");
    out.raw("</documenttypes>");
    out.finish("</pkinfo>")
}

/// The item's extent in WGS 84; `None` where the map's system is unknown.
fn in_degrees(info: &ItemInfo) -> Option<Envelope> {
    let [xmin, ymin, xmax, ymax] = info.extent?;
    let extent = Envelope { xmin, ymin, xmax, ymax };
    let from = SpatialReference {
        wkid: u32::try_from(info.wkid).ok().filter(|wkid| *wkid > 0),
        latest_wkid: None,
        wkt: (!info.wkt.is_empty()).then(|| info.wkt.clone()),
    };
    let degrees = SpatialReference { wkid: Some(4326), latest_wkid: Some(4326), wkt: None };
    match Projector::new(&from, &degrees).ok()? {
        Some(projector) => projector.envelope(extent),
        None => Some(extent),
    }
}

/// The name in a WKT: the first quoted text.
fn system_name(wkt: &str) -> &str {
    wkt.split('"').nth(1).unwrap_or_default()
}

/// Lines of XML, ended as on Windows.
struct Lines(String);

impl Lines {
    fn start(second: &str) -> Self {
        Self(format!("<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n{second}\r\n"))
    }

    fn raw(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push_str("\r\n");
    }

    fn leaf(&mut self, name: &str, text: &str) {
        let text = quick_xml::escape::escape(text);
        self.raw(&format!("<{name}>{text}</{name}>"));
    }

    fn finish(mut self, last: &str) -> String {
        self.raw(last);
        self.0
    }
}
