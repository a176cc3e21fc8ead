//! `esriinfo/iteminfo.xml` of a service definition: how its author described the service.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

use crate::error::{Result, SiteError};
use crate::state::items::Item;

const MOST_ELEMENTS: usize = 10_000;

/// The texts of the document by their path, such as `extent/xmin`.
#[derive(Debug, Default)]
pub(super) struct ItemInfo(BTreeMap<String, String>);

impl ItemInfo {
    /// Reads the document; entities other than XML's own are refused.
    pub(super) fn parse(xml: &str) -> Result<Self> {
        let bad = |error: &dyn std::fmt::Display| {
            SiteError::bad_request("The service definition's iteminfo.xml is malformed.")
                .detail(error.to_string())
        };
        let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mut path: Vec<String> = Vec::new();
        let mut seen = 0;
        loop {
            match reader.read_event().map_err(|e| bad(&e))? {
                Event::Start(start) => {
                    seen += 1;
                    if seen > MOST_ELEMENTS || path.len() > 16 {
                        return Err(bad(&"it is too large"));
                    }
                    path.push(start.local_name().as_ref().to_ascii_lowercase());
                }
                Event::End(_) => {
                    path.pop();
                }
                Event::Text(text) => texts.entry(key(&path)).or_default().push_str(&text),
                Event::CData(text) => texts.entry(key(&path)).or_default().push_str(&text),
                Event::GeneralRef(entity) => {
                    let c = match entity.resolve_char_ref().map_err(|e| bad(&e))? {
                        Some(c) => c,
                        None => match entity.as_ref() {
                            "amp" => '&',
                            "lt" => '<',
                            "gt" => '>',
                            "quot" => '"',
                            "apos" => '\'',
                            _ => return Err(bad(&"it has entities of its own")),
                        },
                    };
                    texts.entry(key(&path)).or_default().push(c);
                }
                Event::DocType(_) => return Err(bad(&"it has a document type")),
                Event::Eof => return Ok(Self(texts)),
                _ => {}
            }
        }
    }

    /// Returns a text that is not blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Describes a new service's item, with the service definition's item for what the document lacks.
    pub(super) fn describe(&self, item: &mut Item, source: &Item) {
        for (ours, theirs) in [
            ("snippet", "snippet"),
            ("description", "description"),
            ("accessInformation", "accessinformation"),
            ("licenseInfo", "licenseinfo"),
        ] {
            let text = self.text(theirs).or_else(|| source.text(ours));
            if let Some(text) = text {
                item.properties.insert(ours.to_owned(), json!(text));
            }
        }
        let tags: Vec<&str> = match self.text("tags") {
            Some(tags) => tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect(),
            None => source.texts("tags"),
        };
        item.properties.insert("tags".to_owned(), json!(tags));
        let corner =
            |name: &str| self.text(&format!("extent/{name}"))?.parse::<f64>().ok().filter(|n| n.is_finite());
        if let (Some(xmin), Some(ymin), Some(xmax), Some(ymax)) =
            (corner("xmin"), corner("ymin"), corner("xmax"), corner("ymax"))
        {
            item.properties.insert("extent".to_owned(), json!([[xmin, ymin], [xmax, ymax]]));
        }
        if let Some(reference) = self.text("spatialreference") {
            item.properties.insert("spatialReference".to_owned(), json!(reference));
        }
    }
}

/// The path below the root element.
fn key(path: &[String]) -> String {
    path.get(1..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_s_words_are_read() {
        let info = ItemInfo::parse(
            "\u{feff}<?xml version='1.0'?><ESRI_ItemInformation Culture='en'><title>A &amp; B &#228;</title>\
<tags>x, y,</tags><extent><xmin>-1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4.5</ymax></extent>\
<description><![CDATA[<b>d</b>]]></description></ESRI_ItemInformation>",
        )
        .unwrap();
        assert_eq!(info.text("title"), Some("A & B \u{e4}"));
        let source = Item::new("a".repeat(32), "ann", "Service Definition", "sd");
        let mut item = Item::new("b".repeat(32), "ann", "Feature Service", "x");
        info.describe(&mut item, &source);
        assert_eq!(item.texts("tags"), ["x", "y"]);
        assert_eq!(item.properties["extent"], json!([[-1.0, 2.0], [3.0, 4.5]]));
        assert_eq!(item.text("description"), Some("<b>d</b>"));
    }

    #[test]
    fn entities_are_not_expanded() {
        assert!(ItemInfo::parse("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>").is_err());
        assert!(ItemInfo::parse("<a><t>&x;</t></a>").is_err());
    }
}
