//! The compiled half of geosharing: `geosharing._native`.
#![allow(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]

mod analyze;
mod archive;
mod client;
mod connection;
mod dataset;
mod draft;
mod draw;
mod error;
mod gp_draft;
mod project;
mod runtime;
mod server;
mod service;
mod site;
mod stage;

/// Converts, releases the GIL, calls, maps errors. No logic.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::analyze::{analyze, analyzer_catalogue, draft_about, draft_product};
    #[pymodule_export]
    use crate::archive::{archive_extract, archive_folder, archive_list, archive_read};
    #[pymodule_export]
    use crate::client::{PyClient, read_service_definition};
    #[pymodule_export]
    use crate::connection::{connection_read, connection_server_root, connection_write};
    #[pymodule_export]
    use crate::draft::{
        PySharingDraft, draft_suggest, draft_table, sddraft_diff, sddraft_rewrite,
        sddraft_service_configuration, sddraft_tree,
    };
    #[pymodule_export]
    use crate::draw::draw_features;
    #[pymodule_export]
    use crate::gp_draft::{
        PyGeoprocessingDraft, gp_draft_suggest, gp_service_parameter, message_text, result_read, result_write,
    };
    #[pymodule_export]
    use crate::project::{PyProject, resolve_path, workspace_factory_name, workspace_factory_title};
    #[pymodule_export]
    use crate::server::PyServer;
    #[pymodule_export]
    use crate::service::{PyServiceDescription, service_table};
    #[pymodule_export]
    use crate::site::PySite;
    #[pymodule_export]
    use crate::stage::stage;
}
