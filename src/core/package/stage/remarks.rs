//! What the analyzers say of a draft that is staged, beside what staging itself meets.

use std::collections::HashSet;

use super::Job;
use crate::Result;
use crate::analyze::{Finding, Input, Target, analyze};
use crate::project::Map;

/// Left-out layers are named by staging in words of its own.
const LEFT_OUT: u32 = 24_078;
const COPIED: &[u32] = &[24_011, 24_012];

/// Adds the analyzers' findings, each code once for a layer.
pub(super) fn add(job: &Job<'_>, map: &Map, findings: &mut Vec<Finding>) -> Result<()> {
    let mut chosen = job.draft.layer_uris();
    chosen.extend(job.draft.table_uris());
    let input = Input { map: Some(map), chosen: &chosen, server: job.server, ..Input::default() };
    let report = analyze(&input, &Target::of(job.draft), job.datasets)?;
    let known: HashSet<(u32, Option<String>)> = findings
        .iter()
        .flat_map(|found| {
            let code = if found.text.ends_with("it was left out") { LEFT_OUT } else { found.code };
            let named: Vec<_> = found.objects.iter().map(|object| (code, Some(object.clone()))).collect();
            if named.is_empty() { vec![(code, None)] } else { named }
        })
        .collect();
    // Staging names itself what it copies.
    let others = report.findings.into_iter().filter(|finding| !COPIED.contains(&finding.code));
    for mut finding in others {
        let whole = finding.objects.is_empty();
        finding.objects.retain(|object| !known.contains(&(finding.code, Some(object.clone()))));
        if if whole { !known.contains(&(finding.code, None)) } else { !finding.objects.is_empty() } {
            findings.push(finding);
        }
    }
    Ok(())
}
