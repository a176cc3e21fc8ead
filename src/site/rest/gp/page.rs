//! Pages of the services directory: tasks with a form to run them, and jobs.

use std::fmt::Write as _;

use geosharing_core::rest::gp::{Parameter, Requirement, Task};
use serde_json::Value;

use super::Call;
use crate::html::{escape, page};

fn here(call: &Call<'_>) -> String {
    escape(call.params.request().path.trim_end_matches('/'))
}

/// A name as a part of an address.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The page of a service: its tasks.
pub(super) fn root(call: &Call<'_>, document: &Value) -> String {
    let here = here(call);
    let mut body = format!("<p>{}</p><h2>Tasks</h2><ul>", escape(text(document, "serviceDescription")));
    for task in &call.pool.tasks.tasks {
        let link = encoded(&task.name);
        let _ = write!(body, "<li><a href=\"{here}/{link}\">{}</a></li>", escape(&task.name));
    }
    let _ = write!(
        body,
        "</ul><dl><dt>Execution type:</dt><dd>{}</dd><dt>Rows per result:</dt><dd>{}</dd><dt>Capabilities:</dt>\
<dd>{}</dd></dl><p><a href=\"{here}?f=pjson\">JSON</a></p>",
        escape(text(document, "executionType")),
        call.configuration().maximum_records,
        escape(text(document, "capabilities")),
    );
    page(call.params, &call.service.full_name(), &body)
}

/// The page of a task: what it takes, and a form.
pub(super) fn task(call: &Call<'_>, task: &Task) -> String {
    let path = escape(&format!("/server/rest/services/{}/{}", call.service.path(), encoded(&task.name)));
    let operation = if call.configuration().synchronous { "execute" } else { "submitJob" };
    let mut body = format!("<p>{}</p>", escape(&task.description));
    let _ = write!(body, "<h2>Run</h2><form method=\"post\" action=\"{path}/{operation}\">");
    for parameter in task.inputs() {
        field(&mut body, parameter);
    }
    if let Some(token) = call.params.text("token") {
        let _ = write!(body, "<input type=\"hidden\" name=\"token\" value=\"{}\">", escape(token));
    }
    body.push_str("<p><label for=\"f\">Format</label> <select id=\"f\" name=\"f\">");
    body.push_str("<option>html</option><option>json</option><option>pjson</option></select></p>");
    let _ = write!(
        body,
        "<p><button>{operation}</button></p></form><h2>Parameters</h2><div class=\"wide\"><table><tr><th>Name</th>\
<th>Type</th><th>Direction</th><th>Required</th><th>Description</th></tr>"
    );
    for parameter in task.parameters.iter().filter(|one| !one.constant) {
        let shown = parameter.to_json();
        let _ = write!(
            body,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&parameter.name),
            parameter.data_type,
            text(&shown, "direction").trim_start_matches("esriGPParameterDirection"),
            text(&shown, "parameterType").trim_start_matches("esriGPParameterType"),
            escape(&parameter.description),
        );
    }
    let _ = write!(body, "</table></div><p><a href=\"{path}?f=pjson\">JSON</a></p>");
    page(call.params, &task.name, &body)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn field(body: &mut String, parameter: &Parameter) {
    let name = escape(&parameter.name);
    let default = plain(&parameter.default_value);
    let required = if parameter.parameter_type == Requirement::Required { " *" } else { "" };
    let _ = write!(body, "<p><label for=\"p_{name}\">{name}{required}</label> ");
    if parameter.choice_list.is_empty() {
        let value = escape(&default);
        let _ = if parameter.data_type.is_data() {
            write!(
                body,
                "<textarea id=\"p_{name}\" name=\"{name}\" rows=\"4\" cols=\"50\">{value}</textarea></p>"
            )
        } else {
            write!(body, "<input id=\"p_{name}\" name=\"{name}\" size=\"50\" value=\"{value}\"></p>")
        };
        return;
    }
    let _ = write!(body, "<select id=\"p_{name}\" name=\"{name}\">");
    for choice in parameter.choice_list.iter().map(plain) {
        let selected = if choice == default { " selected" } else { "" };
        let _ = write!(body, "<option{selected}>{}</option>", escape(&choice));
    }
    body.push_str("</select></p>");
}

/// The page of a job: how it stands, what was said, and its results.
pub(super) fn job(call: &Call<'_>, task: &Task, document: &Value) -> String {
    let here = here(call);
    let mut body = format!(
        "<dl><dt>Task:</dt><dd>{}</dd><dt>Status:</dt><dd>{}</dd></dl>",
        escape(&task.name),
        escape(text(document, "jobStatus"))
    );
    for group in ["results", "inputs"] {
        let Some(entries) = document.get(group).and_then(Value::as_object).filter(|map| !map.is_empty())
        else {
            continue;
        };
        let _ = write!(body, "<h2>{group}</h2><ul>");
        for name in entries.keys() {
            let link = encoded(name);
            let _ = write!(body, "<li><a href=\"{here}/{group}/{link}\">{}</a></li>", escape(name));
        }
        body.push_str("</ul>");
    }
    body.push_str("<h2>messages</h2><ul>");
    for message in document.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let kind = text(message, "type").trim_start_matches("esriJobMessageType");
        let _ = write!(body, "<li>{kind}: {}</li>", escape(text(message, "description")));
    }
    let _ = write!(body, "</ul><p><a href=\"{here}?f=pjson\">JSON</a></p>");
    page(call.params, text(document, "jobId"), &body)
}
