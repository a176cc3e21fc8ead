//! The MapServer: a map's layers, drawn, asked and explained.

mod draw;
mod export;
mod find;
mod identify;
mod legend;
mod output;
mod page;
mod root;
mod select;
mod tile;
mod tree;
mod view;
mod wms;

pub(crate) use output::route as outputs;

use std::path::Path;
use std::sync::Arc;

use geosharing_core::dataset::SpatialReference;
use serde_json::Value;

use super::{feature, gp};
use crate::auth::{Need, authorize};
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::{Format, Reply};
use crate::state::Context;
use crate::store::{FeatureStore, HostedStore};
use tree::Tree;
use view::MapView;

pub(super) const KIND: &str = "MapServer";

/// What answers as a map service: one of the catalogue, or the results of a job.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) name: &'a str,
    pub(super) item_id: &'a str,
    /// Where the store lies.
    pub(super) store: &'a Path,
    pub(super) definition: &'a Value,
}

/// One request to one map service.
pub(super) struct Ask<'a> {
    context: &'a Context,
    params: &'a Params,
    service: Told<'a>,
    view: &'a MapView,
    tree: Tree,
    reference: SpatialReference,
}

impl Ask<'_> {
    /// Says whether the service has a capability such as `Query`.
    fn require(&self, capability: &str) -> Result<()> {
        let listed = self.service.definition.get("capabilities").and_then(Value::as_str);
        let offered = listed
            .unwrap_or("Map,Query,Data")
            .split(',')
            .any(|one| one.trim().eq_ignore_ascii_case(capability));
        if offered {
            return Ok(());
        }
        Err(SiteError::bad_request("This operation is not supported.")
            .detail(format!("the service does not have the capability '{capability}'")))
    }
}

/// Answers a resource below `/rest/services`: `{folder}/{name}/MapServer/...`, all segments decoded.
pub(super) fn route(context: &Context, params: &Params, below: &[String]) -> Result<Reply> {
    let at = below.iter().position(|part| part.eq_ignore_ascii_case(KIND)).unwrap_or_default();
    let (folder, name) = match below.get(..at) {
        Some([name]) => ("", name),
        Some([folder, name]) => (folder.as_str(), name),
        _ => return Err(SiteError::not_found(format!("Service {} not found", below.join("/")))),
    };
    let rest = below.get(at + 1..).unwrap_or_default();
    if rest.first().is_some_and(|first| first.eq_ignore_ascii_case("jobs")) {
        return gp::result_map(context, params, folder, name, rest);
    }
    let service = context.services().get(folder, name, KIND)?;
    authorize(params, &service, Need::View)?;
    service.require_data()?;
    let store = super::store_of(context, &service)?;
    let told = Told {
        name: &service.name,
        item_id: &service.item_id,
        store: &service.store,
        definition: &service.definition,
    };
    answer(context, params, told, store, rest)
}

/// Draws one layer as `export` does; where the request names no extent, all of it.
pub(super) fn picture(
    context: &Context,
    params: &Params,
    service: Told<'_>,
    store: Arc<HostedStore>,
    layer: u32,
) -> Result<Value> {
    let view = MapView::new(store, service.definition);
    export::of_layer(&Ask::new(context, params, service, &view), layer)
}

/// Answers a resource of a map, all segments decoded.
pub(super) fn answer(
    context: &Context,
    params: &Params,
    service: Told<'_>,
    store: Arc<HostedStore>,
    rest: &[String],
) -> Result<Reply> {
    let view = MapView::new(store, service.definition);
    let ask = Ask::new(context, params, service, &view);
    let parts: Vec<String> = rest.iter().map(|part| part.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let is_picture = matches!(parts.as_slice(), ["export" | "tile", ..] | ["wmsserver"]);
    if params.format() == Format::Other && !is_picture {
        return Err(SiteError::bad_request("Output format not supported.").detail(format!(
            "`f={}` is not one of json, pjson, geojson, html",
            crate::params::shorten(params.text("f").unwrap_or_default())
        )));
    }
    match parts.as_slice() {
        [] => root::describe(&ask),
        ["layers"] => root::layers(&ask),
        ["legend"] => legend::answer(&ask),
        ["export"] => export::answer(&ask),
        ["identify"] => identify::answer(&ask),
        ["find"] => find::answer(&ask),
        ["wmsserver"] => wms::answer(&ask),
        ["tile", level, row, column] => tile::answer(&ask, level, row, column),
        ["info" | "iteminfo", ..] => Ok(root::item_info(&ask)),
        ["generatekml"] => Err(SiteError::bad_request("This operation is not supported.")
            .detail("this site makes no KML; ask `export` for a picture or `query` for features")),
        [first] if first.parse::<u32>().is_ok() => root::layer(&ask, first),
        [first, operation, ..] if first.parse::<u32>().is_ok() => {
            // What a map service answers about rows, a feature service answers too; edits excepted.
            let reads =
                matches!(*operation, "query" | "queryrelatedrecords") || operation.parse::<i64>().is_ok();
            if !reads {
                return Err(feature::unknown(operation));
            }
            feature::answer(&ask.call(), rest)
        }
        [first, ..] => Err(feature::unknown(first)),
    }
}

/// Map services are looked at and asked, not edited.
fn reads_only(need: Need) -> Result<()> {
    match need {
        Need::View => Ok(()),
        Need::Edit(_) | Need::Manage => Err(SiteError::forbidden()),
    }
}

impl<'a> Ask<'a> {
    fn new(context: &'a Context, params: &'a Params, service: Told<'a>, view: &'a MapView) -> Self {
        Self {
            context,
            params,
            service,
            tree: Tree::of(service.definition, &view.layers()),
            reference: root::reference(service.definition, view),
            view,
        }
    }

    /// The same request to the features of the service.
    fn call(&'a self) -> feature::Call<'a> {
        feature::Call {
            store: self.view,
            params: self.params,
            allow: &reads_only,
            name: self.service.name,
            item_id: self.service.item_id,
            definition: self.service.definition,
        }
    }

    fn stored(&self) -> Vec<Arc<crate::store::Layer>> {
        self.view.layers()
    }
}
