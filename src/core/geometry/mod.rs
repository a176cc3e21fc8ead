//! Geometries of the REST API, WKB, spatial references and predicates.
