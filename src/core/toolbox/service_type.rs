//! What a tool's parameter is to the clients of a service.

use super::Parameter;

/// A parameter as a service's task has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServiceParameter {
    /// `GPFeatureRecordSetLayer`, `GPString`, `GPMultiValue:GPLong` ...
    pub data_type: String,
    /// Whether the tool's own type has no counterpart, so that clients pass a text.
    pub stands_in: bool,
}

/// Returns what a parameter is to clients.
///
/// Layers, tables and rasters travel with the request; folders, workspaces and other things of the server's
/// own become texts.
/// <https://pro.arcgis.com/en/pro-app/latest/help/analysis/geoprocessing/share-analysis/input-and-output-parameters.htm>
pub fn service_parameter(parameter: &Parameter) -> ServiceParameter {
    let own = if parameter.datatype == "GPComposite" {
        // The first type that clients can pass.
        parameter.datatypes.iter().find_map(|word| travelling(word)).unwrap_or("GPString")
    } else {
        travelling(&parameter.datatype).unwrap_or("GPString")
    };
    let stands_in = own == "GPString" && !TEXTS.contains(&parameter.datatype.as_str());
    let chosen = !parameter.choices.is_empty() || parameter.as_text;
    let word = if chosen { "GPString" } else { own };
    let data_type = if parameter.multi_value && word != "GPValueTable" {
        format!("GPMultiValue:{word}")
    } else {
        word.to_owned()
    };
    ServiceParameter { data_type, stands_in: stands_in && !chosen }
}

const TEXTS: &[&str] = &["GPString", "GPEncryptedString", "GPStringHidden", "GPSQLExpression", "GPVariant"];

fn travelling(word: &str) -> Option<&'static str> {
    Some(match word {
        "DEFeatureClass" | "DEShapeFile" | "GPFeatureLayer" | "GPFeatureRecordSetLayer" | "GPLayer" => {
            "GPFeatureRecordSetLayer"
        }
        "DEDbaseTable" | "DETable" | "GPRecordSet" | "GPTable" | "GPTableView" => "GPRecordSet",
        "DERasterBand" | "DERasterDataset" | "GPRasterData" | "GPRasterDataLayer" | "GPRasterLayer" => {
            "GPRasterDataLayer"
        }
        "DEFile" | "DETextFile" | "DEPrjFile" | "GPDataFile" => "GPDataFile",
        "Field" => "Field",
        "GPArealUnit" => "GPArealUnit",
        "GPBoolean" => "GPBoolean",
        "GPDate" => "GPDate",
        "GPDouble" => "GPDouble",
        "GPLinearUnit" => "GPLinearUnit",
        "GPLong" => "GPLong",
        "GPValueTable" => "GPValueTable",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(datatype: &str, change: impl FnOnce(&mut Parameter)) -> (String, bool) {
        let mut parameter = Parameter { datatype: datatype.to_owned(), ..Parameter::default() };
        change(&mut parameter);
        let found = service_parameter(&parameter);
        (found.data_type, found.stands_in)
    }

    #[test]
    fn parameters_become_what_clients_can_pass() {
        assert_eq!(seen("DEFeatureClass", |_| ()), ("GPFeatureRecordSetLayer".into(), false));
        assert_eq!(seen("GPLong", |p| p.multi_value = true), ("GPMultiValue:GPLong".into(), false));
        assert_eq!(seen("GPValueTable", |p| p.multi_value = true), ("GPValueTable".into(), false));
        assert_eq!(seen("DEFolder", |_| ()), ("GPString".into(), true));
        assert_eq!(seen("GPSQLExpression", |_| ()), ("GPString".into(), false));
        let composite = |p: &mut Parameter| p.datatypes = vec!["GPLinearUnit".into(), "Field".into()];
        assert_eq!(seen("GPComposite", composite), ("GPLinearUnit".into(), false));
        assert_eq!(
            seen("GPFeatureLayer", |p| p.choices = vec![("a".into(), "/a".into())]),
            ("GPString".into(), false)
        );
    }
}
