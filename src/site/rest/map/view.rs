//! The features of a map service: those of its store, with what the map service says of itself.

use std::sync::Arc;

use geosharing_core::dataset::Envelope;
use geosharing_core::query::{EditReply, Edits, Groups, OrderBy, Rows, Selection};
use geosharing_core::{Error, Result};
use serde_json::Value;

use crate::store::{FeatureStore, GroupTable, HostedStore, Layer, RowSink, ServiceDescription};

/// A store that is only read, under the description of the map service.
#[derive(Debug)]
pub(super) struct MapView {
    store: Arc<HostedStore>,
    description: Arc<ServiceDescription>,
}

impl MapView {
    pub(super) fn new(store: Arc<HostedStore>, definition: &Value) -> Self {
        let mut definition = definition.clone();
        // Neither is a feature service's to say.
        if let Some(object) = definition.as_object_mut() {
            for key in ["groups", "tileInfo", "layers", "tables"] {
                object.shift_remove(key);
            }
        }
        Self { store, description: Arc::new(ServiceDescription { definition, item_data: None }) }
    }
}

fn read_only<T>() -> Result<T> {
    Err(Error::unsupported("map services are not edited; edit the feature service of the same name"))
}

impl FeatureStore for MapView {
    fn service(&self) -> Arc<ServiceDescription> {
        Arc::clone(&self.description)
    }

    fn layers(&self) -> Vec<Arc<Layer>> {
        self.store.layers()
    }

    fn layer(&self, id: u32) -> Option<Arc<Layer>> {
        self.store.layer(id)
    }

    fn count(&self, layer: u32, selection: &Selection) -> Result<u64> {
        self.store.count(layer, selection)
    }

    fn ids(&self, layer: u32, selection: &Selection, order_by: &[OrderBy]) -> Result<Vec<i64>> {
        self.store.ids(layer, selection, order_by)
    }

    fn extent(&self, layer: u32, selection: &Selection) -> Result<(Option<Envelope>, u64)> {
        self.store.extent(layer, selection)
    }

    fn rows(&self, layer: u32, selection: &Selection, rows: &Rows, sink: &mut dyn RowSink) -> Result<bool> {
        self.store.rows(layer, selection, rows, sink)
    }

    fn groups(&self, layer: u32, selection: &Selection, groups: &Groups) -> Result<GroupTable> {
        self.store.groups(layer, selection, groups)
    }

    fn apply_all(&self, _edits: &[(u32, &Edits)]) -> Result<Vec<EditReply>> {
        read_only()
    }

    fn define(&self, _layer: u32, _definition: Value) -> Result<()> {
        read_only()
    }

    fn version(&self) -> u64 {
        self.store.version()
    }
}
