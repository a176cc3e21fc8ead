//! Services that show a map: feature layers, map services, map image layers, tiles.

use super::consolidate::Plan;
use super::documents::{self, Staging};
use super::members::{Choice, Members};
use super::stays::Stays;
use super::{Job, featureserver, remarks, stem, thumbnail};
use crate::Result;
use crate::analyze::{Finding, Severity};
use crate::package::archive::Entry;
use crate::project::Map;
use crate::sddraft::ManifestExtras;

/// Features that are edited through a map are registered, and are not copied then.
const MUST_BE_REGISTERED: u32 = 231;
const COPIED: &[u32] = &[20_015, 24_011, 24_012];

/// Makes the files of the archive; none when a finding is an error.
///
/// With `draws` the service draws the map; otherwise it only hands out the features, and is described
/// layer by layer.
pub(super) fn entries(
    job: &Job<'_>,
    map: &Map,
    draws: bool,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Entry>> {
    let Job { draft, target, datasets, .. } = *job;
    let stays = Stays::of(draft, job.server);
    let members = Members::choose(map, &Choice::of(draft, draws, stays), datasets, findings)?;
    remarks::add(job, map, findings)?;
    let plan = Plan::of(&members, stays, &draft.id(), target, datasets)?;
    plan.remark(findings);
    if findings.iter().any(|finding| finding.code == MUST_BE_REGISTERED) {
        findings.retain(|finding| !COPIED.contains(&finding.code));
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(Vec::new());
    }
    let mut entries = plan.run(job.scratch, datasets)?;
    let sources =
        members.0.iter().map(|member| member.data.as_ref().map(|data| data.source.clone())).collect();
    let members = plan.describe(members, job.scratch, datasets)?;
    let staging = Staging { members: &members, sources };
    let project = stem(map.project().path());
    entries.extend(job.settings(ManifestExtras {
        in_package_path: format!("{}\\{project}.aprx", target.folder),
        dataset_ids: plan.dataset_ids(),
        databases: plan.databases(),
        ..ManifestExtras::default()
    })?);
    entries.extend(documents::entries(map, &staging, &plan, target, &project)?);
    if !draws {
        entries.extend(featureserver::entries(draft, map, &members, target)?);
    }
    entries.extend(thumbnail::entry(map, &members, datasets)?);
    Ok(entries)
}
