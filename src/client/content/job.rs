//! Waiting for what the portal does in the background.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{Error, Kind, Repeat, Result, Session};

/// How long a job may take unless the caller says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_hours(1);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Asks `<item>/status` until the job has ended.
pub(crate) async fn wait(
    session: &Session,
    item: &str,
    fields: &[(&str, &str)],
    patience: Duration,
) -> Result<()> {
    let path = format!("{item}/status");
    let end = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    loop {
        let reply = session.call(&path, fields, Repeat::Safe).await?;
        let status = reply.get("status").or_else(|| reply.get("jobStatus")).and_then(Value::as_str);
        let word = status.unwrap_or_default().trim_start_matches("esriJob").to_ascii_lowercase();
        match word.as_str() {
            "completed" | "succeeded" => return Ok(()),
            "failed" | "timedout" | "cancelled" | "deleted" => return Err(failed(&reply, &word)),
            "" => {
                return Err(Error::new(Kind::Unreachable, "the portal does not say how the job stands"));
            }
            _ if Instant::now() + pause > end => {
                return Err(Error::new(
                    Kind::JobTimeout,
                    format!(
                        "the job did not end within {} s (it is `{word}`); it may still go on at the portal",
                        patience.as_secs()
                    ),
                ));
            }
            _ => sleep(pause).await,
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

fn failed(reply: &Value, word: &str) -> Error {
    let mut lines: Vec<String> = Vec::new();
    for key in ["statusMessage", "messages"] {
        match reply.get(key) {
            Some(Value::String(text)) => lines.extend(text.lines().map(str::to_owned)),
            Some(Value::Array(list)) => lines.extend(list.iter().filter_map(|line| {
                line.as_str().or_else(|| line.get("description")?.as_str()).map(str::to_owned)
            })),
            _ => {}
        }
    }
    lines.retain(|line| !line.trim().is_empty());
    let first = if lines.is_empty() {
        format!("the portal's job {word} and left no message; its log may say why")
    } else {
        lines.remove(0)
    };
    Error::new(Kind::JobFailed, first).with_details(lines)
}
