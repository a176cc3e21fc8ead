//! Code that is rewritten.

use super::code::{quote, requirements, rewrite};

fn replaced(code: &str) -> (String, usize) {
    let rewritten = rewrite(code, |text| text.starts_with("/gis/").then(|| "HERE".to_owned()));
    (rewritten.text, rewritten.replaced)
}

#[test]
fn texts_are_replaced_and_nothing_else() {
    let cases = [
        ("x = '/gis/a.shp'\n", "x = (HERE)\n", 1),
        ("f(r\"/gis/a.gdb/roads\", u'/gis/b')", "f((HERE), (HERE))", 2),
        ("# '/gis/a'\nx = 1 # \"/gis/b\"\n", "# '/gis/a'\nx = 1 # \"/gis/b\"\n", 0),
        ("\"\"\"Reads '/gis/a'.\"\"\"\nx='/gis/a'", "\"\"\"Reads '/gis/a'.\"\"\"\nx=(HERE)", 1),
        ("x = '/gis/a' '/b'", "x = '/gis/a' '/b'", 0),
        ("x = f'/gis/{a}'; y = b'/gis/b'", "x = f'/gis/{a}'; y = b'/gis/b'", 0),
        ("x = 'it\\'s'; y = '/gis/a'", "x = 'it\\'s'; y = (HERE)", 1),
        ("x = 'open\ny = '/gis/a'", "x = 'open\ny = (HERE)", 1),
        ("for'/gis/a'", "for(HERE)", 1),
    ];
    for (code, expected, count) in cases {
        assert_eq!(replaced(code), (expected.to_owned(), count), "{code}");
    }
}

#[test]
fn escapes_are_read_as_python_reads_them() {
    let mut seen = Vec::new();
    let code = "a='C:\\\\gis\\\\x.shp'; b=r'C:\\gis\\x.shp'; c='C:\\new'; d='C:\\gis\\data.gdb'";
    rewrite(code, |text| {
        seen.push(text.to_owned());
        None
    });
    assert_eq!(seen, ["C:\\gis\\x.shp", "C:\\gis\\x.shp", "C:\\gis\\data.gdb"]);
    assert_eq!(quote("a'b\\c\n"), "'a\\'b\\\\c\\x0a'");
}

#[test]
fn modules_that_nobody_brings_are_requirements() {
    let code = "import os, pandas as pd\nfrom scipy.stats import norm\nimport arcpy\nfrom . import x\n";
    assert_eq!(requirements(code), ["pandas", "scipy"]);
}
