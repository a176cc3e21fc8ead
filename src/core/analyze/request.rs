//! An analysis as other languages ask for it.

use serde::Deserialize;

use super::{
    Desktop, GpFacts, Input, LocatorFacts, Product, RasterFacts, Report, ServerFacts, Target, analyze,
};
use crate::dataset::Datasets;
use crate::error::Result;
use crate::project::Map;
use crate::sddraft::Document;

/// What is analyzed besides the map, and for what; every part may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The draft's XML; without it the product alone counts.
    pub draft: Option<String>,
    /// What is made; that of the draft when left out.
    pub product: Option<Product>,
    /// Whose analyzers speak.
    pub desktop: Desktop,
    /// The map in its project.
    pub map_uri: String,
    /// `CIMPATH`s of what is shared: the draft's own list when left out, all of the map when empty.
    pub chosen: Option<Vec<String>>,
    /// Whether the map must assign ids.
    pub check_unique_ids: Option<bool>,
    /// The item's summary, for inputs without a draft.
    pub summary: Option<String>,
    /// The item's tags, for inputs without a draft.
    pub tags: Option<Vec<String>>,
    /// Tools to share.
    pub gp: Option<GpFacts>,
    /// The raster of an image service.
    pub raster: Option<RasterFacts>,
    /// The locator of a geocode service.
    pub locator: Option<LocatorFacts>,
    /// The server, when one was asked.
    pub server: Option<ServerFacts>,
}

impl Request {
    /// Runs the analysis.
    ///
    /// # Errors
    /// The draft or the map cannot be read.
    pub fn analyze(&self, map: Option<&Map>, datasets: &dyn Datasets) -> Result<Report> {
        let mut listed = Vec::new();
        let mut target = match &self.draft {
            Some(text) => {
                let draft = Document::read(text.as_bytes())?;
                listed = draft.layer_uris();
                listed.extend(draft.table_uris());
                Target::of(&draft)
            }
            None => Target::new(self.product.unwrap_or_default()),
        };
        if let Some(product) = self.product {
            target.product = product;
        }
        target.desktop = self.desktop;
        target.check_unique_ids = self.check_unique_ids.unwrap_or(target.check_unique_ids);
        target.summary = self.summary.clone().or(target.summary);
        target.tags = self.tags.clone().or(target.tags);
        let input = Input {
            map,
            chosen: self.chosen.as_ref().unwrap_or(&listed),
            gp: self.gp.as_ref(),
            raster: self.raster.as_ref(),
            locator: self.locator.as_ref(),
            server: self.server.as_ref(),
        };
        analyze(&input, &target, datasets)
    }
}
