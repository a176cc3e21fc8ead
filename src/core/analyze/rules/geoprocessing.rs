//! Tools that become tasks.

use super::{Case, Product, Rule, Said, rule};
use crate::analyze::{GpParameter, GpScript, GpTool, GpToolKind};

const GP: &[Product] = &[Product::Geoprocessing];

pub(super) const RULES: &[Rule] = &[
    rule(67, GP, |case, said, code| {
        scripts(case, |tool, script| {
            for path in script.paths.iter().filter(|path| path.is_toolbox && path.exists == Some(false)) {
                say(said, code, &[&tool.name, &path.path], tool, &line(path.line));
            }
        });
    }),
    rule(68, GP, |case, said, code| {
        let allowed = |path: &str| {
            case.input.gp.is_some_and(|facts| facts.allowed_paths.iter().any(|known| known == path))
        };
        tools(case, |tool| {
            let script = tool.script.iter().flat_map(|script| &script.paths).filter(|path| !path.is_toolbox);
            let values = tool
                .parameters
                .iter()
                .filter(|parameter| !parameter.output)
                .filter_map(|it| it.value.as_ref());
            for path in script.chain(values).filter(|path| path.exists == Some(false) && !allowed(&path.path))
            {
                say(said, code, &[&tool.name, &path.path], tool, &line(path.line));
            }
        });
    }),
    rule(69, GP, |case, said, code| {
        tools(case, |tool| {
            if let Some(fault) = &tool.fault {
                say(said, code, &[], tool, fault);
            }
        });
    }),
    rule(70, GP, |case, said, code| {
        if case.target.summary.as_ref().is_some_and(|text| text.trim().is_empty()) {
            said.say(code, &[]);
        }
    }),
    rule(71, GP, |case, said, code| {
        if case.target.tags.as_ref().is_some_and(Vec::is_empty) {
            said.say(code, &[]);
        }
    }),
    rule(72, GP, |case, said, code| {
        scripts(case, |tool, script| {
            if let Some(fault) = &script.syntax_error {
                say(said, code, &[&tool.name, fault], tool, "");
            }
        });
    }),
    rule(73, GP, |case, said, code| {
        scripts(case, |tool, script| {
            if script.missing {
                say(said, code, &[], tool, &format!("there is no `{}`", script.path));
            }
        });
    }),
    rule(74, GP, |case, said, code| {
        scripts(case, |tool, script| {
            let suffix = script.path.rsplit_once('.').map_or("", |(_, suffix)| suffix);
            let foreign = ["exe", "bat", "cmd", "aml", "vbs", "js", "pl", "dll", "ps1"];
            if foreign.iter().any(|kind| suffix.eq_ignore_ascii_case(kind)) {
                say(said, code, &[&tool.name, &script.path], tool, "");
            }
        });
    }),
    rule(80, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.summary.is_none() && tool.kind != GpToolKind::PythonToolbox {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
    rule(81, GP, |case, said, code| {
        scripts(case, |tool, script| {
            for module in script.unknown_imports.iter().filter(|_| tool.kind == GpToolKind::PythonToolbox) {
                say(said, code, &[&tool.name, module], tool, "");
            }
        });
    }),
    rule(82, GP, |case, said, code| {
        outputs(case, |tool, parameter| {
            let drawn =
                ["GPRasterLayer", "GPMosaicLayer", "GPTinLayer", "GPTerrainLayer", "GPLasDatasetLayer"];
            if !shown_by_map(case) && drawn.contains(&parameter.datatype.as_str()) {
                say(said, code, &[&parameter.name, &tool.name], tool, "");
            }
        });
    }),
    rule(92, GP, |case, said, code| {
        parameters(case, |tool, parameter| {
            // A tool without any item description lacks all of them; one finding says so.
            if parameter.description.as_ref().is_some_and(|text| text.trim().is_empty()) {
                say(said, code, &[&parameter.name], tool, "");
            }
        });
    }),
    rule(104, GP, |case, said, code| {
        parameters(case, |tool, parameter| {
            if parameter.description.is_none() && tool.summary.is_some() {
                say(said, code, &[&parameter.name], tool, "");
            }
        });
    }),
    rule(106, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.summary.as_ref().is_some_and(|text| text.trim().is_empty()) {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
    rule(143, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.uses_vb && tool.kind == GpToolKind::Model {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
    rule(148, GP, |case, said, code| {
        let closed = ["mdb", "accdb", "pst", "mxd", "lyr", "sxd", "3dd"];
        parameters(case, |tool, parameter| {
            let Some(value) = &parameter.value else { return };
            let suffix = value.path.rsplit_once('.').map_or("", |(_, suffix)| suffix);
            if value.exists == Some(true) && closed.iter().any(|kind| suffix.eq_ignore_ascii_case(kind)) {
                say(said, code, &[&value.path, &tool.name], tool, "");
            }
        });
    }),
    rule(151, GP, |case, said, code| {
        scripts(case, |tool, script| {
            for name in script.tools.iter().filter(|name| needs_a_desktop(name)) {
                say(said, code, &[name], tool, &format!("`{}` runs it", tool.name));
            }
        });
    }),
    rule(152, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.uses_lists {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
    rule(153, GP, |case, said, code| {
        outputs(case, |tool, parameter| {
            if shown_by_map(case) && parameter.in_memory {
                say(said, code, &[&parameter.name, &tool.name], tool, "");
            }
        });
    }),
    rule(1378, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.kind == GpToolKind::PythonToolbox && tool.name.contains('_') {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
    rule(24_046, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.uses_vb && tool.kind == GpToolKind::Script {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
    rule(24_010, GP, |case, said, code| {
        tools(case, |tool| {
            if tool.kind == GpToolKind::Library {
                say(said, code, &[&tool.name], tool, "");
            }
        });
    }),
];

/// Tools that need the window of a desktop, an open project or a signed-in user.
fn needs_a_desktop(name: &str) -> bool {
    let tool = name.rsplit('.').next().unwrap_or(name);
    [
        "AddDataToGeodesignScenario",
        "SignInToPortal",
        "StageService",
        "UploadServiceDefinition",
        "PackageMap",
        "PackageProject",
        "SharePackage",
        "Skyline",
        "SkylineGraph",
        "ProfileGraph",
    ]
    .contains(&tool)
}

fn say(said: &mut Said<'_>, code: u32, values: &[&str], tool: &GpTool, why: &str) {
    said.finding(code, values, why, Some(&tool.name));
}

fn line(number: u32) -> String {
    if number == 0 { String::new() } else { format!("line {number}") }
}

fn shown_by_map(case: &Case<'_>) -> bool {
    case.input.gp.is_some_and(|facts| facts.result_map_service)
}

fn tools(case: &Case<'_>, mut look: impl FnMut(&GpTool)) {
    for tool in case.input.gp.iter().flat_map(|facts| &facts.tools) {
        look(tool);
    }
}

fn scripts(case: &Case<'_>, mut look: impl FnMut(&GpTool, &GpScript)) {
    tools(case, |tool| {
        if let Some(script) = &tool.script {
            look(tool, script);
        }
    });
}

fn parameters(case: &Case<'_>, mut look: impl FnMut(&GpTool, &GpParameter)) {
    tools(case, |tool| {
        for parameter in &tool.parameters {
            look(tool, parameter);
        }
    });
}

fn outputs(case: &Case<'_>, mut look: impl FnMut(&GpTool, &GpParameter)) {
    parameters(case, |tool, parameter| {
        if parameter.output {
            look(tool, parameter);
        }
    });
}
