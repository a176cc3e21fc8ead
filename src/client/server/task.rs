//! The tool that publishes: submit, wait, read the outputs.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::ServerPublished;
use crate::content::{PATIENCE, encode};
use crate::{Error, Kind, Repeat, Result, Session};

const TASK: &str = "GPServer/Publish%20Service%20Definition";
/// The service that holds the tool, by version of the server.
const HOMES: [&str; 2] = ["PublishingTools", "PublishingToolsEx"];
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

pub(super) async fn publish(
    session: &Session,
    fields: &[(&str, &str)],
    patience: Option<Duration>,
) -> Result<ServerPublished> {
    let (tool, submitted) = submit(session, fields).await?;
    let job = submitted.get("jobId").and_then(Value::as_str).filter(|job| !job.is_empty());
    let Some(job) = job else {
        let message = "the server's answer to publishing names no job; check that it is an ArcGIS Server";
        return Err(Error::new(Kind::Unreachable, message));
    };
    let path = format!("{tool}/jobs/{}", encode(job));
    wait(session, &path, patience.unwrap_or(PATIENCE)).await?;
    let output = async |name: &str| -> Result<String> {
        let reply = session.call(&format!("{path}/results/{name}"), &[], Repeat::Safe).await?;
        let value = reply.get("value").cloned().unwrap_or_default();
        Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let url = output("out_rest_svc_url").await?;
    let results: Value =
        serde_json::from_str(&output("out_results").await.unwrap_or_default()).unwrap_or_default();
    let text = |key: &str| results.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let last = url.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    Ok(ServerPublished {
        kind: if text("type").is_empty() { last } else { text("type") },
        soap_url: output("out_soap_svc_url").await.unwrap_or_default(),
        item_id: text("itemID"),
        url,
    })
}

async fn submit(session: &Session, fields: &[(&str, &str)]) -> Result<(String, Value)> {
    let mut missing = None;
    for home in HOMES {
        let tool = format!("rest/services/System/{home}/{TASK}");
        match session.call(&format!("{tool}/submitJob"), fields, Repeat::Careful).await {
            Ok(reply) => return Ok((tool, reply)),
            Err(error) if error.code() == Some(404) => missing = Some(error),
            Err(error) => return Err(error),
        }
    }
    let why = missing.map(|error| error.to_string()).unwrap_or_default();
    let message =
        format!("unable to connect to publishing tools service. Verify the service is up and running: {why}");
    Err(Error::new(Kind::Portal, message).with_code(404))
}

async fn wait(session: &Session, path: &str, patience: Duration) -> Result<()> {
    let end = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    loop {
        let reply = session.call(path, &[], Repeat::Safe).await?;
        let status = reply.get("jobStatus").and_then(Value::as_str).unwrap_or_default();
        match status.trim_start_matches("esriJob") {
            "Succeeded" => return Ok(()),
            word @ ("Failed" | "TimedOut" | "Cancelled" | "Cancelling" | "Deleted" | "Deleting") => {
                return Err(failed(&reply, word));
            }
            "" => return Err(Error::new(Kind::Unreachable, "the server does not say how the job stands")),
            word if Instant::now() + pause > end => {
                let seconds = patience.as_secs();
                let message = format!(
                    "the job did not end within {seconds} s (it is `{word}`); it may still go on at the server"
                );
                return Err(Error::new(Kind::JobTimeout, message));
            }
            _ => sleep(pause).await,
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

fn failed(reply: &Value, word: &str) -> Error {
    let listed = reply.get("messages").and_then(Value::as_array).into_iter().flatten();
    let mut lines: Vec<String> = Vec::new();
    for message in listed {
        let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default();
        let telling = ["Error", "Abort", "Warning"].iter().any(|kind| text("type").ends_with(kind));
        if telling && !text("description").trim().is_empty() {
            lines.push(text("description").to_owned());
        }
    }
    let first = if lines.is_empty() {
        format!("the server's job ended as `{word}` and left no message; its log may say why")
    } else {
        lines.remove(0)
    };
    Error::new(Kind::JobFailed, first).with_details(lines)
}
