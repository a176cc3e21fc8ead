//! Where the data is and what it is.

use std::collections::BTreeMap;

use super::{Case, DRAWN, MAPS, Product, Rule, Said, rule};
use crate::analyze::case::{Data, Member};
use crate::analyze::{Finding, Severity};
use crate::dataset::{Dataset, FieldType};
use crate::query;
use crate::{Error, Kind};

/// Services that get a copy of the features.
const COPIED: &[Product] = &[Product::Feature, Product::Scene];
/// Services that are made in one coordinate system from data in another.
const REPROJECTED: &[Product] = &[Product::Feature, Product::Tile, Product::VectorTile, Product::MapImage];

pub(super) const RULES: &[Rule] = &[
    rule(3, MAPS, |case, said, code| inaccessible(case, said, code, false)),
    rule(32, MAPS, |case, said, code| inaccessible(case, said, code, true)),
    rule(4, COPIED, |case, said, code| unsupported(case, said, code, false)),
    rule(33, COPIED, |case, said, code| unsupported(case, said, code, true)),
    rule(7, MAPS, |case, said, code| {
        for member in case.shared() {
            if let Some(why) = bad_query(member) {
                said.because(code, &[], member, &why);
            }
        }
    }),
    rule(47, REPROJECTED, |case, said, code| {
        for member in case.shared().filter(|member| has_no_reference(member)) {
            said.about(code, &[], member);
        }
    }),
    rule(20_028, &[Product::MapService, Product::Scene, Product::WebMap], |case, said, code| {
        for member in case.shared().filter(|member| has_no_reference(member)) {
            said.about(code, &[], member);
        }
    }),
    rule(62, DRAWN, |case, said, code| {
        if !case.target.by_reference || !case.target.serves_features() {
            return;
        }
        let mut connections: BTreeMap<String, Vec<&Member<'_>>> = BTreeMap::new();
        for member in case.shared().filter(|member| member.factory() == "SDE") {
            let connection = member.connection.as_ref().map(|connection| connection.base().redacted());
            connections.entry(connection.unwrap_or_default().to_lowercase()).or_default().push(member);
        }
        if connections.len() > 1 {
            for member in connections.values().flatten() {
                said.about(code, &[], member);
            }
        }
    }),
    rule(10_057, DRAWN, |case, said, code| {
        for member in case.feature_layers() {
            let spatial = member.dataset().is_some_and(|dataset| dataset.geometry_type.is_some());
            let details = if spatial { member.details() } else { None };
            if details.is_some_and(|details| details.has_spatial_index == Some(false)) {
                let name = member.dataset().map_or("", |dataset| &dataset.name);
                said.about(code, &[name], member);
            }
        }
    }),
    rule(53, MAPS, |case, said, code| {
        for member in case.feature_layers() {
            if member.dataset().is_some()
                && member.details().is_some_and(|details| details.has_class_extension == Some(true))
            {
                said.about(code, &[], member);
            }
        }
    }),
    rule(20_015, &[Product::Feature, Product::Scene, Product::Package], |case, said, code| {
        for member in case.shared() {
            if member
                .dataset()
                .is_some_and(|dataset| !dataset.driver.is_empty() && dataset.driver != "OpenFileGDB")
            {
                said.about(code, &[], member);
            }
        }
    }),
    rule(24_033, &[Product::Feature], |case, said, code| {
        for member in case.feature_layers().filter(|member| member.dataset().is_some_and(|it| it.has_m)) {
            said.about(code, &[], member);
        }
    }),
    rule(24_034, &[Product::Feature], |case, said, code| {
        if case.target.z_defaults != Some(false) || !case.target.is_editable() {
            return;
        }
        for member in case.feature_layers().filter(|member| member.dataset().is_some_and(|it| it.has_z)) {
            said.about(code, &[], member);
        }
    }),
];

/// Our own warning: dates shift when nobody says in which zone they are.
pub(super) fn time_zone(case: &Case<'_>, said: &mut Said<'_>) {
    let dated = [Product::Feature, Product::MapImage, Product::MapService];
    if case.target.time_zone.is_some() || !dated.contains(&case.target.product) {
        return;
    }
    for member in case.shared() {
        let field = member
            .dataset()
            .and_then(|dataset| dataset.fields.iter().find(|field| field.field_type == FieldType::Date));
        if field.is_some() {
            let text = "Date fields have no time zone, so clients take their values for UTC: set timezone.ID of the \
                        draft, to `UTC` if they are";
            said.own(Finding::new(Severity::Warning, 0, text).about(member.long_name.clone()));
        }
    }
}

/// Whether a member's data is of no use to a service that copies it.
fn unsupported(case: &Case<'_>, said: &mut Said<'_>, code: u32, tables: bool) {
    if case.target.by_reference {
        return;
    }
    for member in case.shared().filter(|member| member.is_table() == tables && !member.is_raster()) {
        if let Some(Data::Unread(error)) = member.data() {
            said.because(code, &[], member, &reason(error));
        }
    }
}

fn inaccessible(case: &Case<'_>, said: &mut Said<'_>, code: u32, tables: bool) {
    let copies = COPIED.contains(&case.target.product) && !case.target.by_reference;
    for member in case.shared().filter(|member| member.is_table() == tables) {
        match member.data() {
            Some(Data::Missing(error)) => said.because_and_what_helps(code, member, &reason(error)),
            Some(Data::Unread(error)) if !copies && !member.is_raster() => {
                said.unknown_for(code, &reason(error), member);
            }
            _ => {}
        }
    }
}

/// What went wrong, without the layer's name in front of it.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    match text.split_once("`: ") {
        Some((before, after)) if before.starts_with("cannot find the data of") => after.to_owned(),
        _ => text,
    }
}

fn has_no_reference(member: &Member<'_>) -> bool {
    member.is_feature_layer()
        && member
            .dataset()
            .is_some_and(|dataset| dataset.geometry_type.is_some() && dataset.spatial_reference.is_none())
}

/// Says what is wrong with a definition query; what only the source's own SQL knows, the source decides.
fn bad_query(member: &Member<'_>) -> Option<String> {
    let sql = member.query.as_deref().map(str::trim).filter(|sql| !sql.is_empty())?;
    let dataset = member.dataset()?;
    if member.is_joined() {
        return None;
    }
    let doubt = match query::parse(sql) {
        Ok(expr) => match query::bind_with(expr, &|name| resolve(dataset, name)) {
            Ok(_) => return None,
            Err(error) => error,
        },
        Err(error) => error,
    };
    match member.datasets().describe(member.filtered()?) {
        Err(error) if error.kind() == Kind::InvalidInput => Some(reason(&error)),
        _ => doubt.to_string().contains("there is no field").then(|| doubt.to_string()),
    }
}

fn resolve(dataset: &Dataset, name: &str) -> crate::Result<(usize, query::ValueKind)> {
    let short = name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '[', ']']);
    if let Some(at) = dataset.fields.iter().position(|field| field.name.eq_ignore_ascii_case(short)) {
        return Ok((at, query::ValueKind::of(dataset.fields[at].field_type)));
    }
    let id = dataset.oid_field.as_deref().is_some_and(|field| field.eq_ignore_ascii_case(short));
    let size = ["shape_length", "shape_area", "shape.starea()", "objectid", "fid"]
        .contains(&short.to_lowercase().as_str());
    if id || size {
        return Ok((dataset.fields.len(), query::ValueKind::of(FieldType::Oid)));
    }
    Err(Error::invalid(format!("there is no field `{name}`")))
}
