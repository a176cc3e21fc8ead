use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::dataset::{Field, FieldType};

fn field(name: &str, field_type: FieldType) -> Field {
    Field {
        name: name.to_owned(),
        field_type,
        alias: name.to_owned(),
        length: None,
        nullable: true,
        editable: true,
        domain: None,
        default_value: None,
    }
}

fn schema() -> Schema {
    Schema {
        fields: vec![
            field("OBJECTID", FieldType::Oid),
            field("Name", FieldType::String),
            field("cnt", FieldType::Integer),
            field("area", FieldType::Double),
            field("seen", FieldType::Date),
            field("GlobalID", FieldType::GlobalId),
            field("day", FieldType::DateOnly),
        ],
        ..Schema::default()
    }
}

fn row() -> Vec<OwnedValue> {
    let seen = date::parse("2024-02-29 12:30:15").unwrap();
    vec![
        Value::Int(7),
        Value::Text(Cow::Borrowed("O'Brien 50%")),
        Value::Int(100),
        Value::Float(2.5),
        Value::Date(seen),
        Value::Text(Cow::Borrowed("{6F9619FF-8B86-D011-B42D-00C04FC964FF}")),
        Value::Text(Cow::Borrowed("2024-05-01")),
    ]
}

fn holds(text: &str) -> bool {
    let bound = bind(parse(text).unwrap(), &schema()).unwrap_or_else(|error| panic!("{text}: {error}"));
    bound.is_none_or(|bound| bound.matches(row().as_slice()))
}

fn refused(text: &str) -> String {
    match parse(text).and_then(|expr| bind(expr, &schema())) {
        Ok(bound) => panic!("`{text}` was accepted as {bound:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn clauses_of_real_clients_hold_or_do_not() {
    for text in [
        "1=1",
        " 1 = 1 ",
        "\"cnt\" > 99",
        "[cnt] = 100",
        "CNT BETWEEN 100 AND 200",
        "cnt NOT BETWEEN 1 AND 2",
        "objectid in (1,2,7)",
        "name LIKE 'O''B%'",
        "Name LIKE '%50!%' ESCAPE '!'",
        "NOT (name LIKE 'x_')",
        "LOWER(name) = 'o''brien 50%'",
        "CHAR_LENGTH(name) = 11",
        "SUBSTRING(name FROM 3 FOR 2) = 'Br'",
        "SUBSTRING(name, 10) = '0%'",
        "POSITION('B' IN name) = 3",
        "name || '!' = 'O''Brien 50%!'",
        "CONCAT(cnt, 'x') = '100x'",
        "area * 2 = 5",
        "-area < 0 AND +area > 0",
        "cnt / 8 = 12.5",
        "MOD(cnt, 7) = 2 AND POWER(area, 2) = 6.25 AND ROUND(area) = 3",
        "FLOOR(area) = 2 AND CEILING(area) = 3 AND ABS(-3) = 3",
        "seen > DATE '2024-02-28'",
        "seen = TIMESTAMP '2024-02-29 12:30:15'",
        "seen >= '2024-02-29 00:00:00' AND seen < '2024-03-01'",
        "seen < CURRENT_TIMESTAMP AND seen < CURRENT_DATE - INTERVAL '1' DAY",
        "seen + INTERVAL '1' YEAR = TIMESTAMP '2025-02-28 12:30:15'",
        "EXTRACT(MONTH FROM seen) = 2 AND YEAR(seen) = 2024",
        "CAST(seen AS DATE) = DATE '2024-02-29'",
        "CAST(area AS INTEGER) = 2 AND CAST('12' AS INT) = 12",
        "COALESCE(NULL, cnt) = 100 AND NULLIF(cnt, 100) IS NULL",
        "CASE WHEN cnt > 50 THEN 'big' ELSE 'small' END = 'big'",
        "GlobalID = '6f9619ff-8b86-d011-b42d-00c04fc964ff'",
        "day = DATE '2024-05-01' AND day > '2024-04-30'",
        "cnt = '100'",
        "name <> N'x'",
        "hosted.layer.cnt = 100",
        "1=1 AND (cnt = 1 OR cnt = 100)",
        "TRIM(' a ') = 'a'",
        "(cnt)=(100)",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in
        ["1=2", "name = 'o''brien 50%'", "name IS NULL", "cnt = NULL", "cnt NOT IN (1, NULL)", "cnt/0 = 1"]
    {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn refusals_name_the_place_and_the_matter() {
    insta::assert_snapshot!(refused("cnt >"), @"the expression ends where a value is expected at position 6");
    insta::assert_snapshot!(refused("nme = 'x'"), @"there is no field `nme`");
    insta::assert_snapshot!(refused("name = 'x"), @"the string is not closed that begins at position 8");
    insta::assert_snapshot!(refused("cnt = 1; DROP TABLE x"), @"unexpected `;` at position 8");
    insta::assert_snapshot!(refused("sleep(5) = 1"), @"there is no function `sleep` in standardized queries, at position 1");
    insta::assert_snapshot!(refused("cnt = 1 UNION SELECT 1"), @"found `UNION` where the end or an operator is expected at position 9");
    insta::assert_snapshot!(refused("cnt"), @"a number stands where a condition is expected");
    insta::assert_snapshot!(refused("seen > 'tomorrow'"), @"'tomorrow' is not a date like '2024-05-01 10:00:00'");
    insta::assert_snapshot!(refused("cnt = seen"), @"a number and a date cannot be compared");
    insta::assert_snapshot!(refused("seen = DATE '2023-02-29'"), @"'2023-02-29' is not a date like '2024-05-01 10:00:00' at position 13");
}

#[test]
fn hostile_nesting_is_refused_and_does_not_end_the_process() {
    for open in ["(", "NOT ", "-", "+", "ABS(", "CASE WHEN ", "cnt IN ("] {
        assert!(parse(&open.repeat(100_000)).is_err(), "{open}");
    }
    assert!(parse(&format!("cnt = {}1", "1+".repeat(100_000))).is_err());
    assert!(parse(&format!("cnt = {}1", "1*-".repeat(100_000))).is_err());
    assert!(parse(&"'".repeat(2_000_000)).is_err());
    let wide = format!("cnt IN ({}1)", "1,".repeat(100_000));
    assert!(bind(parse(&wide).unwrap(), &schema()).is_ok());
    let wide = format!("{}cnt=1", "cnt=2 OR ".repeat(50_000));
    assert!(bind(parse(&wide).unwrap(), &schema()).is_ok());
}

#[test]
fn constants_are_computed_when_bound() {
    let bound = bind(parse("1=1 AND 5 < cnt AND 'a' = 'a'").unwrap(), &schema()).unwrap();
    assert_eq!(
        bound,
        Some(Expr::Compare {
            op: CompareOp::Greater,
            left: Box::new(Expr::Field(2)),
            right: Box::new(Expr::Literal(Literal::Int(5))),
        })
    );
    assert_eq!(bind(parse("1=1 OR cnt = 4").unwrap(), &schema()).unwrap(), None);
}

#[test]
fn dates_survive_the_calendar() {
    for text in ["0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2024-12-31", "9999-12-31"] {
        assert_eq!(date::print_day(date::parse(text).unwrap()), text);
    }
    assert_eq!(date::parse("5/1/2024 10:00"), date::parse("2024-05-01T12:00:00+02:00"));
    assert_eq!(date::parse("2024-13-01"), None);
}

#[test]
fn patterns_match_without_blowing_up() {
    assert!(like("abc", "a%c", None) && like("abc", "___", None) && !like("abc", "__", None));
    assert!(like("%", "\\%", Some('\\')) && !like("x", "\\%", Some('\\')));
    assert!(!like(&"a".repeat(3000), &format!("{}b", "%a".repeat(50)), None));
}

fn leaf() -> impl Strategy<Value = Expr<String>> {
    prop_oneof![
        any::<i32>().prop_map(|number| Expr::Literal(Literal::Int(i64::from(number)))),
        (-1.0e9..1.0e9_f64).prop_map(|number| Expr::Literal(Literal::Float(number))),
        "[ -~äß€]{0,8}".prop_map(|text| Expr::Literal(Literal::Text(text))),
        "[A-Za-z_\" \\]][ -~]{0,6}".prop_map(Expr::Field),
        (0_i64..4_000_000_000_000).prop_map(|moment| Expr::Literal(Literal::Date(moment))),
        (-90_000_000_i64..90_000_000).prop_map(|milliseconds| {
            Expr::Literal(Literal::Interval(Interval { months: 0, milliseconds }))
        }),
        Just(Expr::Literal(Literal::Null)),
        Just(Expr::Literal(Literal::Now)),
    ]
}

fn tree() -> impl Strategy<Value = Expr<String>> {
    leaf().prop_recursive(5, 40, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let many = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            boxed().prop_map(Expr::Not),
            boxed().prop_map(Expr::Negate),
            many().prop_map(Expr::And),
            many().prop_map(Expr::Or),
            (boxed(), boxed()).prop_map(|(left, right)| Expr::Compare {
                op: CompareOp::NotEqual,
                left,
                right
            }),
            (boxed(), boxed())
                .prop_map(|(left, right)| { Expr::Arithmetic { op: ArithmeticOp::Subtract, left, right } }),
            (boxed(), many(), any::<bool>()).prop_map(|(value, list, negated)| Expr::In {
                value,
                list,
                negated
            }),
            (boxed(), boxed(), boxed(), any::<bool>())
                .prop_map(|(value, low, high, negated)| Expr::Between { value, low, high, negated }),
            (boxed(), boxed(), prop::option::of(any::<char>()), any::<bool>())
                .prop_map(|(value, pattern, escape, negated)| Expr::Like { value, pattern, escape, negated }),
            (boxed(), any::<bool>()).prop_map(|(value, negated)| Expr::IsNull { value, negated }),
            inner.clone().prop_map(|only| Expr::Call { function: Function::Upper, arguments: vec![only] }),
            many().prop_map(|arguments| Expr::Call { function: Function::Coalesce, arguments }),
            boxed().prop_map(|value| Expr::Cast { value, to: SqlType::Timestamp }),
            boxed().prop_map(|value| Expr::Extract { part: DatePart::Hour, value }),
            (inner.clone(), inner.clone(), prop::option::of(boxed())).prop_map(
                |(test, result, otherwise)| Expr::Case { branches: vec![(test, result)], otherwise }
            ),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(expr in tree()) {
        let printed = expr.to_string();
        let parsed = parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(parsed.to_string(), printed.clone());
        prop_assert_eq!(parsed, expr);
    }

    #[test]
    fn no_text_makes_the_reader_or_the_evaluator_panic(text in "[ -~'\"()0-9%_€]{0,60}") {
        if let Ok(expr) = parse(&text) && let Ok(Some(bound)) = bind(expr, &schema()) {
            bound.matches(row().as_slice());
        }
    }
}
