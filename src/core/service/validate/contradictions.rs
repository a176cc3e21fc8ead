//! Values that are right each by itself and wrong together.

use serde_json::Value;

use super::Check;
use crate::service::normal::text;

impl Check<'_> {
    /// Values that are right each by itself and wrong together.
    pub(super) fn contradictions(&mut self) {
        // A value that is wrong by itself has been told already.
        let told = |path: &str| self.out.iter().any(|fault| !fault.warning && fault.path == path);
        let number = |name: &str| {
            let value = self.service.get(name).filter(|_| !told(&format!("service.{name}")))?;
            text(value).trim().parse::<i64>().ok()
        };
        if let (Some(least), Some(most)) = (number("minInstancesPerNode"), number("maxInstancesPerNode"))
            && least > most
        {
            let text =
                format!("{least} is more than `maxInstancesPerNode`, which is {most}: give at most {most}");
            self.error("service.minInstancesPerNode", text);
        }
        let Some(Value::Object(properties)) = self.service.get("properties") else { return };
        let value = |name: &str| properties.get(name).map(|value| text(value).trim().to_ascii_lowercase());
        let set = |name: &str| value(name).is_some_and(|value| value == "true");
        let not = |name: &str| value(name).is_some_and(|value| value == "false");
        let mut found = Vec::new();
        if not("isCached") {
            for name in ["cacheOnDemand", "exportTilesAllowed"] {
                if set(name) && !self.from_draft {
                    found.push((
                        name,
                        "it is `true` and `isCached` is `false`: set `isCached`, or leave it `false`",
                    ));
                }
            }
        }
        if value("dateFieldsTimezoneID").is_none()
            && let Some(name) = properties
                .keys()
                .find(|name| name.eq_ignore_ascii_case("dateFieldsRespectsDaylightSavingTime"))
        {
            found.push((name, "it needs `dateFieldsTimezoneID`: name the time zone, or leave it out"));
        }
        let scale =
            |name: &str| value(name).and_then(|value| value.parse::<f64>().ok()).filter(|scale| *scale > 0.0);
        if let (Some(least), Some(most)) = (scale("minScale"), scale("maxScale"))
            && least < most
        {
            found.push((
                "minScale",
                "it is a larger scale than `maxScale`: its denominator must be the greater one",
            ));
        }
        let found: Vec<(String, &str)> =
            found.into_iter().map(|(name, text)| (format!("service.properties.{name}"), text)).collect();
        for (path, text) in found {
            self.error(&path, text);
        }
        if not("clientCachingAllowed")
            && value("cacheControlMaxAge").is_some_and(|age| !age.is_empty() && age != "0")
        {
            self.warning(
                "service.properties.cacheControlMaxAge",
                "servers ignore it while `clientCachingAllowed` is `false`",
            );
        }
        let mut names = properties.keys().map(String::as_str);
        if names.by_ref().any(|name| name == "dateFieldsTimezoneID")
            && !properties.keys().zip(properties.keys().skip(1)).any(|(before, name)| {
                before.eq_ignore_ascii_case("maxRecordCount") && name == "dateFieldsTimezoneID"
            })
        {
            self.warning(
                "service.properties.dateFieldsTimezoneID",
                "servers read it only right after `maxRecordCount`: it is written there",
            );
        }
    }
}
