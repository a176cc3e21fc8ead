//! Every single fault is named with its path.

use serde_json::{Value, json};

use super::documented;
use crate::service::ServiceDescription;

/// One fault: a pointer into the documented request, what stands there instead, the path that must be named.
fn mutations() -> Vec<(&'static str, Option<Value>, &'static str)> {
    let remove = |pointer, path| (pointer, None, path);
    let set = |pointer, value, path| (pointer, Some(value), path);
    vec![
        remove("/serviceName", "service.serviceName"),
        set("/serviceName", json!(""), "service.serviceName"),
        set("/serviceName", json!("a b"), "service.serviceName"),
        set("/serviceName", json!("a/b"), "service.serviceName"),
        set("/serviceName", json!("x".repeat(121)), "service.serviceName"),
        set("/serviceName", json!(5), "service.serviceName"),
        set("/serviceName", json!(["Test"]), "service.serviceName"),
        remove("/type", "service.type"),
        set("/type", json!("MapServr"), "service.type"),
        set("/type", json!("mapserver"), "service.type"),
        set("/type", json!(1), "service.type"),
        set("/type", json!(null), "service.type"),
        set("/description", json!({"text": "a"}), "service.description"),
        set("/description", json!(null), "service.description"),
        set("/capabilities", json!("Map,Fly"), "service.capabilities"),
        set("/capabilities", json!(["Map"]), "service.capabilities"),
        set("/clusterName", json!(7), "service.clusterName"),
        set("/minInstancesPerNode", json!(-1), "service.minInstancesPerNode"),
        set("/minInstancesPerNode", json!(3), "service.minInstancesPerNode"),
        set("/minInstancesPerNode", json!(0.5), "service.minInstancesPerNode"),
        set("/minInstancesPerNode", json!("one"), "service.minInstancesPerNode"),
        set("/maxInstancesPerNode", json!(0), "service.maxInstancesPerNode"),
        set("/maxInstancesPerNode", json!(true), "service.maxInstancesPerNode"),
        set("/maxInstancesPerNode", json!(4_294_967_296_i64), "service.maxInstancesPerNode"),
        set("/maxWaitTime", json!(-5), "service.maxWaitTime"),
        set("/maxWaitTime", json!("soon"), "service.maxWaitTime"),
        set("/maxStartupTime", json!([300]), "service.maxStartupTime"),
        set("/maxStartupTime", json!(-1), "service.maxStartupTime"),
        set("/maxIdleTime", json!({"seconds": 1800}), "service.maxIdleTime"),
        set("/maxIdleTime", json!(""), "service.maxIdleTime"),
        set("/maxUsageTime", json!("600s"), "service.maxUsageTime"),
        set("/maxUsageTime", json!(null), "service.maxUsageTime"),
        set("/recycleInterval", json!(0), "service.recycleInterval"),
        set("/recycleInterval", json!("daily"), "service.recycleInterval"),
        set("/loadBalancing", json!("RANDOM"), "service.loadBalancing"),
        set("/loadBalancing", json!(false), "service.loadBalancing"),
        set("/isolationLevel", json!("MEDIUM"), "service.isolationLevel"),
        set("/isolationLevel", json!(1), "service.isolationLevel"),
        set("/recycleStartTime", json!("25:00"), "service.recycleStartTime"),
        set("/configuredState", json!("PAUSED"), "service.configuredState"),
        set("/provider", json!("Mapserv"), "service.provider"),
        set("/maxRecordCount", json!("1000"), "service.maxRecordCount"),
        set("/javaHeapSize", json!("64"), "service.javaHeapSize"),
        set("/properties", json!([]), "service.properties"),
        set("/properties", json!("none"), "service.properties"),
        remove("/properties/filePath", "service.properties.filePath"),
        remove("/properties/outputDir", "service.properties.outputDir"),
        remove("/properties/virtualOutputDir", "service.properties.virtualOutputDir"),
        set("/properties/filePath", json!(5), "service.properties.filePath"),
        set("/properties/maxBufferCount", json!("-1"), "service.properties.maxBufferCount"),
        set("/properties/maxBufferCount", json!("many"), "service.properties.maxBufferCount"),
        set("/properties/maxImageHeight", json!("2048.5"), "service.properties.maxImageHeight"),
        set("/properties/maxImageHeight", json!(""), "service.properties.maxImageHeight"),
        set("/properties/maxImageWidth", json!({"pixels": 2048}), "service.properties.maxImageWidth"),
        set("/properties/maxRecordCount", json!("99999999999"), "service.properties.maxRecordCount"),
        set("/properties/maxRecordCount", json!(true), "service.properties.maxRecordCount"),
        set("/properties/cacheOnDemand", json!("perhaps"), "service.properties.cacheOnDemand"),
        set("/properties/cacheOnDemand", json!("true"), "service.properties.cacheOnDemand"),
        set("/properties/exportTilesAllowed", json!("true"), "service.properties.exportTilesAllowed"),
        set(
            "/properties/supportedImageReturnTypes",
            json!("FILE"),
            "service.properties.supportedImageReturnTypes",
        ),
        set("/properties/isCached", json!("yes"), "service.properties.isCached"),
        set("/properties/isCached", json!(0), "service.properties.isCached"),
        set("/properties/ignoreCache", json!([]), "service.properties.ignoreCache"),
        set("/properties/clientCachingAllowed", json!(null), "service.properties.clientCachingAllowed"),
        set("/properties/cacheDir", json!(["C:"]), "service.properties.cacheDir"),
        set("/properties/antialiasingMode", json!("Finest"), "service.properties.antialiasingMode"),
        set("/properties/textAntialiasingMode", json!("Best"), "service.properties.textAntialiasingMode"),
        set("/properties/minInstancesPerNode", json!("1"), "service.properties.minInstancesPerNode"),
        set("/properties/dynamicDataWorkspaces", json!("[{"), "service.properties.dynamicDataWorkspaces"),
        set(
            "/properties/dateFieldsRespectsDaylightSavingTime",
            json!("true"),
            "service.properties.dateFieldsRespectsDaylightSavingTime",
        ),
        set("/properties/unknown", json!({"a": {}}), "service.properties.unknown"),
        set("/extensions", json!({}), "service.extensions"),
        set("/extensions", json!("KmlServer"), "service.extensions"),
        set("/extensions/0", json!("KmlServer"), "service.extensions[0]"),
        remove("/extensions/0/typeName", "service.extensions[0].typeName"),
        set("/extensions/0/typeName", json!("KmlServr"), "service.extensions[0].typeName"),
        set("/extensions/0/typeName", json!("JPIPServer"), "service.extensions[0].typeName"),
        set("/extensions/2/typeName", json!("WFSServer"), "service.extensions[2].typeName"),
        remove("/extensions/0/enabled", "service.extensions[0].enabled"),
        set("/extensions/0/enabled", json!("on"), "service.extensions[0].enabled"),
        set("/extensions/1/enabled", json!(1), "service.extensions[1].enabled"),
        set("/extensions/0/capabilities", json!("SingleImage,Movie"), "service.extensions[0].capabilities"),
        set("/extensions/0/capabilities", json!([]), "service.extensions[0].capabilities"),
        set("/extensions/0/properties", json!([]), "service.extensions[0].properties"),
        set("/extensions/0/featureLimit", json!("5"), "service.extensions[0].featureLimit"),
        set(
            "/extensions/0/properties/featureLimit",
            json!("0"),
            "service.extensions[0].properties.featureLimit",
        ),
        set(
            "/extensions/0/properties/featureLimit",
            json!({"n": 1}),
            "service.extensions[0].properties.featureLimit",
        ),
        set("/extensions/0/properties/dpi", json!("0"), "service.extensions[0].properties.dpi"),
        set("/extensions/0/properties/imageSize", json!("big"), "service.extensions[0].properties.imageSize"),
        set(
            "/extensions/0/properties/minRefreshPeriod",
            json!("-30"),
            "service.extensions[0].properties.minRefreshPeriod",
        ),
        set(
            "/extensions/0/properties/compatibilityMode",
            json!("GoogleMars"),
            "service.extensions[0].properties.compatibilityMode",
        ),
        set(
            "/extensions/0/properties/useDefaultSnippets",
            json!("maybe"),
            "service.extensions[0].properties.useDefaultSnippets",
        ),
        set("/extensions/0/properties/endPointURL", json!(8), "service.extensions[0].properties.endPointURL"),
        set(
            "/extensions/1/properties/enableTransactions",
            json!("sometimes"),
            "service.extensions[1].properties.enableTransactions",
        ),
        set(
            "/extensions/1/properties/axisOrderWFS11",
            json!("XY"),
            "service.extensions[1].properties.axisOrderWFS11",
        ),
        set("/frameworkProperties", json!("64"), "service.frameworkProperties"),
        set("/frameworkProperties/javaHeapSize", json!("0"), "service.frameworkProperties.javaHeapSize"),
        set("/frameworkProperties/javaHeapSize", json!("64m"), "service.frameworkProperties.javaHeapSize"),
        set("/frameworkProperties/javaHeapSize", json!({}), "service.frameworkProperties.javaHeapSize"),
    ]
}

fn mutate(service: &mut Value, pointer: &str, to: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match (service.pointer_mut(parent).unwrap(), to) {
        (Value::Object(members), Some(value)) => drop(members.insert(name.into(), value)),
        (Value::Object(members), None) => drop(members.shift_remove(name).unwrap()),
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        _ => unreachable!(),
    }
}

#[test]
fn each_single_fault_of_the_documented_request_is_named_with_its_path() {
    let mutations = mutations();
    assert!(mutations.len() >= 60);
    for (pointer, to, path) in mutations {
        let mut service = documented();
        mutate(&mut service, pointer, to.clone());
        let description = ServiceDescription::from_json(&service.to_string()).unwrap();
        let faults: Vec<_> = description.validate().into_iter().filter(|fault| !fault.warning).collect();
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, [path], "{pointer} = {to:?}: {faults:?}");
        let text = description.check().unwrap_err().to_string();
        assert!(text.contains(path), "{text}");
    }
}

#[test]
fn keys_that_stand_twice_are_faults() {
    let text = documented().to_string().replacen(r#""dpi":"96""#, r#""dpi":"96","dpi":"72""#, 1);
    let text = text.replacen(r#""type":"MapServer""#, r#""type":"MapServer","type":"MapServer""#, 1);
    let paths = |text: &str| {
        let faults = ServiceDescription::from_json(text).unwrap().validate();
        faults.into_iter().map(|fault| fault.path).collect::<Vec<_>>()
    };
    let expected = ["service.type", "service.extensions[0].properties.dpi"];
    assert_eq!(paths(&text), expected);
    assert_eq!(paths(&format!("{{\"folderName\":\"\",\"service\":{text}}}")), expected);
}

#[test]
fn what_servers_keep_or_ignore_is_a_warning() {
    let mut service = documented();
    service["propertys"] = json!({});
    service["properties"]["maxRecordCont"] = "5".into();
    service["properties"]["MaxImageWidth"] = "5".into();
    service["properties"].as_object_mut().unwrap().shift_remove("maxImageWidth");
    service["properties"]["toolbox"] = "/a.tbx".into();
    service["extensions"][1]["properties"]["vendorKey"] = "1".into();
    let faults = ServiceDescription::from_value(service).unwrap().validate();
    assert!(faults.iter().all(|fault| fault.warning));
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let told = |part: &str| assert!(texts.iter().any(|text| text.contains(part)), "{part}: {texts:#?}");
    told("did you mean `properties`?");
    told("did you mean `maxRecordCount`?");
    told("write `maxImageWidth`");
    told("only `GPServer` have it");
    told("servers keep what they do not know");
    assert_eq!(texts.len(), 5);
}
