//! Every row of the catalogue has a rule or a reason, and every rule a project that triggers it and one
//! that does not.

mod maps;
mod scene;
mod services;

use std::collections::BTreeSet;

use super::*;
use scene::Scene;

type Edit = Box<dyn Fn(&mut Scene)>;

/// A rule with what it waits for: `base` alone is quiet, `base` and `fault` trigger it.
struct Probe {
    code: u32,
    product: Product,
    desktop: Desktop,
    base: Edit,
    fault: Edit,
}

impl Probe {
    fn on(mut self, base: impl Fn(&mut Scene) + 'static) -> Self {
        self.base = Box::new(base);
        self
    }
}

fn probe<T>(code: u32, product: Product, fault: impl Fn(&mut Scene) -> T + 'static) -> Probe {
    let fault: Edit = Box::new(move |scene| {
        fault(scene);
    });
    Probe { code, product, desktop: Desktop::Pro, base: Box::new(|_| {}), fault }
}

/// A rule that ArcGIS Pro does not have.
fn legacy<T>(code: u32, product: Product, fault: impl Fn(&mut Scene) -> T + 'static) -> Probe {
    Probe { desktop: Desktop::ArcMap, ..probe(code, product, fault) }
}

fn probes() -> Vec<Probe> {
    maps::probes().into_iter().chain(services::probes()).collect()
}

fn codes(probe: &Probe, with_fault: bool) -> Vec<u32> {
    let mut scene = Scene::new(probe.product);
    scene.target.desktop = probe.desktop;
    (probe.base)(&mut scene);
    if with_fault {
        (probe.fault)(&mut scene);
    }
    scene.report().findings.into_iter().map(|finding| finding.code).collect()
}

#[test]
fn each_rule_speaks_where_it_should_and_only_there() {
    let mut wrong = Vec::new();
    for probe in probes() {
        let (quiet, loud) = (codes(&probe, false), codes(&probe, true));
        if quiet.contains(&probe.code) || !loud.contains(&probe.code) {
            wrong.push(format!("{} for {:?}: {quiet:?} then {loud:?}", probe.code, probe.product));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_rule_is_probed() {
    let probed: BTreeSet<u32> = probes().iter().map(|probe| probe.code).collect();
    let idle: Vec<u32> = rules::all().map(|rule| rule.code).filter(|code| !probed.contains(code)).collect();
    assert_eq!(idle, Vec::<u32>::new());
}

#[test]
fn what_arcmap_alone_says_is_not_said_for_pro() {
    for probe in probes().into_iter().filter(|probe| probe.desktop == Desktop::ArcMap) {
        let probe = Probe { desktop: Desktop::Pro, ..probe };
        assert!(
            !codes(&probe, true).contains(&probe.code) || probe.code == 4 || probe.code == 5,
            "{}",
            probe.code
        );
    }
}

#[test]
fn a_plain_map_has_nothing_against_it() {
    for product in [Product::Feature, Product::Tile, Product::MapImage, Product::MapService, Product::WebMap]
    {
        let report = Scene::new(product).report();
        assert_eq!(report.findings, [], "{product:?}");
        assert_eq!(report.not_checked, [], "{product:?}");
    }
}

#[test]
fn what_cannot_be_decided_is_listed_with_its_reason_and_layers() {
    let mut scene = Scene::new(Product::MapImage);
    scene.layers.push(scene::layer("Signs", &scene::database("city.signs", "")));
    let report = scene.report();
    assert_eq!(report.findings, []);
    let gap = report.not_checked.iter().find(|gap| gap.code == 3).unwrap();
    assert_eq!(gap.objects, ["Signs"]);
    assert!(gap.reason.contains("enterprise geodatabase"), "{}", gap.reason);
    assert!(!report.not_checked.iter().any(|gap| gap.code == 261), "version management is off");
}

#[test]
fn a_date_without_a_time_zone_is_our_own_warning() {
    let mut scene = Scene::new(Product::Feature);
    scene.data[0].fields[0].field_type = crate::dataset::FieldType::Date;
    let found = scene.report().findings;
    assert_eq!((found.len(), found[0].code, found[0].severity), (1, 0, Severity::Warning));
    assert_eq!(found[0].objects, ["Roads"]);
    scene.target.time_zone = Some("UTC".to_owned());
    assert_eq!(scene.report().findings, []);
}

#[test]
fn a_source_is_described_once_however_many_layers_show_it() {
    let mut scene = Scene::new(Product::Feature);
    for number in 0..20 {
        scene.layers.push(scene::layer(&format!("Roads {number}"), &scene::memory("roads")));
    }
    scene.data[0].has_m = true;
    let (report, described) = scene.counted();
    assert_eq!(described, 1);
    let found = report.findings;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].objects.len(), 21);
}

#[test]
fn each_row_of_the_catalogue_has_a_rule_or_a_reason() {
    let ruled: BTreeSet<u32> = rules::all().map(|rule| rule.code).collect();
    let mut lacking = Vec::new();
    for row in catalogue() {
        let decided = ruled.contains(&row.code);
        let said = reason(row.code).is_some();
        let fine = match row.decided {
            Decided::Yes => decided,
            Decided::Partial => decided || said,
            Decided::No => said && !decided,
        };
        if !fine {
            lacking.push(row.id);
        }
    }
    assert_eq!(lacking, Vec::<&str>::new());
    let known: BTreeSet<u32> = catalogue().iter().map(|row| row.code).collect();
    assert!(ruled.is_subset(&known));
}

#[test]
fn the_catalogue_holds_the_148_documented_analyzers_and_one_tool_error() {
    assert_eq!(catalogue().len(), 149);
    assert_eq!(catalogue().iter().filter(|row| row.decided == Decided::Yes).count(), 91);
    for row in catalogue() {
        assert!(!row.cause.is_empty() && !row.fix.is_empty() && row.url.starts_with("http"), "{}", row.id);
    }
}

#[test]
fn titles_take_their_values_in_order() {
    let row = entry(102).unwrap();
    assert_eq!(
        row.fill(&["Map", "Web Tile Layer"]),
        "Map does not contain a required layer type for Web Tile Layer"
    );
    assert_eq!(entry(24_078).unwrap().plain(), "Layer's data source is not supported");
}
