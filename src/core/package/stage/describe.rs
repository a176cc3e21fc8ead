//! The description of a map's layers, for whoever serves the map.

use serde_json::Value;

use super::featureserver::{Words, item_data, service};
use super::members::{Choice, Members};
use super::stays::Stays;
use super::target::Target;
use crate::Result;
use crate::analyze::Finding;
use crate::dataset::{Dataset, Datasets, Source};
use crate::project::Map;

/// What a service is said to be, beside its map.
#[derive(Clone, Debug, Default)]
pub struct MapWords {
    /// `Map,Query,Data`.
    pub capabilities: String,
    /// Most rows of an answer.
    pub max_record_count: u64,
    /// The description of the service's configuration.
    pub service_description: String,
}

/// A map as a service shows it.
#[derive(Clone, Debug)]
pub struct Described {
    /// In the shape of `featureserver.json`: the service as `contents`, its layers as `resources`.
    pub service: Value,
    /// Pop-ups and labels, in the shape of `featureserveritemdata.json`.
    pub item_data: Value,
    /// The data of the layers and tables by their ids.
    pub sources: Vec<(u32, Source, Dataset)>,
    /// Files of raster layers by the ids of the layers.
    pub rasters: Vec<(u32, Source)>,
    /// What was left out or approximated, and what cannot be read.
    pub findings: Vec<Finding>,
}

/// Describes every layer and table of a map whose data can be read where it is.
///
/// # Errors
/// Those of reading the map; missing data becomes a finding.
pub fn describe_map(map: &Map, words: &MapWords, datasets: &dyn Datasets) -> Result<Described> {
    let choice = Choice { draws: true, stays: Stays::all(), ..Choice::default() };
    let mut findings = Vec::new();
    let members = Members::choose(map, &choice, datasets, &mut findings)?;
    let words = Words {
        capabilities: words.capabilities.clone(),
        max_record_count: words.max_record_count,
        service_description: words.service_description.clone(),
        title: map.name.clone(),
        description: map.description().unwrap_or_default().to_owned(),
        ..Words::default()
    };
    let sources = members
        .0
        .iter()
        .filter_map(|member| {
            let data = member.data.as_ref()?;
            Some((member.id, data.source.clone(), data.dataset.clone()))
        })
        .collect();
    let rasters = members.0.iter().filter_map(|member| Some((member.id, member.raster.clone()?))).collect();
    Ok(Described {
        service: service(&words, map, &members, &Target::served()),
        item_data: item_data(&members),
        sources,
        rasters,
        findings,
    })
}
