//! What a service definition says of how its tasks run.

use serde_json::Value;

/// From which level on messages are shown.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum MessageLevel {
    /// All messages.
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors.
    Error,
    /// None.
    #[default]
    None,
}

impl MessageLevel {
    /// Reads a level by its name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "info" | "informative" => Self::Info,
            "warning" => Self::Warning,
            "error" => Self::Error,
            "none" | "" => Self::None,
            _ => return None,
        })
    }

    /// Returns whether a message of this severity (0, 1 or 2) is shown.
    pub fn shows(self, severity: u8) -> bool {
        match self {
            Self::Info => true,
            Self::Warning => severity >= 1,
            Self::Error => severity >= 2,
            Self::None => false,
        }
    }
}

/// How a service runs its tasks; seconds for times.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Configuration {
    /// `execute` answers with the results, instead of `submitJob` with a job.
    pub synchronous: bool,
    /// From which level on callers see messages.
    pub show_messages: MessageLevel,
    /// Most rows of a result.
    pub maximum_records: usize,
    /// Whether the publisher asked for a map service of the results.
    pub result_map_server: bool,
    /// Whether files can be uploaded.
    pub uploads: bool,
    /// Worker processes that are kept.
    pub min_instances: usize,
    /// Most worker processes.
    pub max_instances: usize,
    /// Longest run of a tool.
    pub usage_timeout: u64,
    /// Longest wait of a caller for a worker.
    pub wait_timeout: u64,
    /// Time after which an idle worker ends.
    pub idle_timeout: u64,
    /// Largest uploaded file in bytes; 0 for the site's own bound.
    pub largest_upload: u64,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            synchronous: false,
            show_messages: MessageLevel::None,
            maximum_records: 1000,
            result_map_server: false,
            uploads: false,
            min_instances: 1,
            max_instances: 2,
            usage_timeout: 600,
            wait_timeout: 60,
            idle_timeout: 1800,
            largest_upload: 0,
        }
    }
}

impl Configuration {
    /// Reads `serviceconfiguration.json`, or the body of createService; values may be numbers or text,
    /// and stand in the service or among its properties.
    pub fn read(configuration: &Value) -> Self {
        let service = configuration.get("service").unwrap_or(configuration);
        let properties = service.get("properties").unwrap_or(&Value::Null);
        let text = |names: &[&str]| {
            [service, properties].into_iter().find_map(|place| {
                let found = names.iter().find_map(|name| find(place, name))?;
                match found {
                    Value::String(text) => Some(text.trim().to_owned()),
                    Value::Number(number) => Some(number.to_string()),
                    Value::Bool(flag) => Some(flag.to_string()),
                    _ => None,
                }
                .filter(|text| !text.is_empty())
            })
        };
        let whole = |names: &[&str]| text(names).and_then(|text| text.parse::<u64>().ok());
        let count = |names: &[&str], default: usize| {
            whole(names).and_then(|number| usize::try_from(number).ok()).unwrap_or(default)
        };
        let flag = |names: &[&str]| text(names).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let usual = Self::default();
        let min_instances = count(&["minInstancesPerNode", "minInstances"], usual.min_instances).min(MOST);
        let capabilities = text(&["capabilities", "webCapabilities"]).unwrap_or_default();
        Self {
            synchronous: text(&["executionType"])
                .is_some_and(|kind| kind.eq_ignore_ascii_case("synchronous")),
            show_messages: text(&["showMessages"])
                .and_then(|name| MessageLevel::parse(&name))
                .unwrap_or_default(),
            maximum_records: count(&["maximumRecords"], usual.maximum_records),
            result_map_server: flag(&["resultMapServer"]),
            uploads: capabilities.split(',').any(|one| one.trim().eq_ignore_ascii_case("uploads")),
            max_instances: count(&["maxInstancesPerNode", "maxInstances"], usual.max_instances)
                .clamp(min_instances.max(1), MOST),
            min_instances,
            usage_timeout: whole(&["maxUsageTime", "usageTimeout"]).unwrap_or(usual.usage_timeout),
            wait_timeout: whole(&["maxWaitTime", "waitTimeout"]).unwrap_or(usual.wait_timeout),
            idle_timeout: whole(&["maxIdleTime", "idleTimeout"]).unwrap_or(usual.idle_timeout),
            largest_upload: whole(&["maxUploadFileSize"]).unwrap_or(0).saturating_mul(1 << 20),
        }
    }

    /// Returns the execution type as resources show it.
    pub fn execution_type(&self) -> &'static str {
        if self.synchronous { "esriExecutionTypeSynchronous" } else { "esriExecutionTypeAsynchronous" }
    }
}

/// Most worker processes of one service, whatever its definition asks for.
const MOST: usize = 256;

fn find<'a>(place: &'a Value, name: &str) -> Option<&'a Value> {
    place.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
