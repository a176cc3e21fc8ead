use std::sync::Arc;

use arrow_array::{BinaryArray, Int32Array, RecordBatch};
use arrow_schema::{Field, Schema};
use serde_json::json;

use super::*;
use crate::dataset::GeometryType;
use crate::query::Value as Attribute;

const WORLD: Envelope = Envelope { xmin: 0.0, ymin: 0.0, xmax: 10.0, ymax: 10.0 };

fn point(x: f64, y: f64) -> Vec<u8> {
    let mut wkb = vec![1, 1, 0, 0, 0];
    wkb.extend(x.to_le_bytes());
    wkb.extend(y.to_le_bytes());
    wkb
}

fn square(west: f64, south: f64, size: f64) -> Vec<u8> {
    let mut wkb = vec![1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0];
    for (dx, dy) in [(0.0, 0.0), (size, 0.0), (size, size), (0.0, size), (0.0, 0.0)] {
        wkb.extend((west + dx).to_le_bytes());
        wkb.extend((south + dy).to_le_bytes());
    }
    wkb
}

fn batch(shapes: &[Vec<u8>]) -> RecordBatch {
    let kinds: Vec<i32> = (0..shapes.len() as i32).collect();
    let schema = Schema::new(vec![
        Field::new("kind", DataType::Int32, true),
        Field::new(GEOMETRY_COLUMN, DataType::Binary, true),
    ]);
    let shapes: Vec<&[u8]> = shapes.iter().map(Vec::as_slice).collect();
    let columns: Vec<Arc<dyn Array>> =
        vec![Arc::new(Int32Array::from(kinds)), Arc::new(BinaryArray::from_vec(shapes))];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

fn at(canvas: &Canvas, x: u32, y: u32) -> [u8; 3] {
    let pixel = canvas.pixels.pixel(x, y).unwrap();
    [pixel.red(), pixel.green(), pixel.blue()]
}

#[test]
fn a_polygon_covers_its_part_of_the_picture() {
    let fill = json!({"renderer": {"type": "simple", "symbol": {"type": "esriSFS", "style": "esriSFSSolid", "color": [255, 0, 0, 255]}}});
    let style = Style::from_drawing_info(&fill, GeometryType::Polygon);
    let mut canvas = Canvas::new(&WORLD, 100, 100, Color::WHITE).unwrap();
    assert_eq!(canvas.draw(&batch(&[square(0.0, 5.0, 5.0)]), &style, &|x, y| Some((x, y))), 1);
    assert_eq!(at(&canvas, 25, 25), [255, 0, 0], "north is up");
    assert_eq!(at(&canvas, 25, 75), [255, 255, 255]);
    assert_eq!(at(&canvas, 75, 25), [255, 255, 255]);
}

#[test]
fn unique_values_choose_the_symbol() {
    let marker =
        |color: [u8; 4]| json!({"type": "esriSMS", "style": "esriSMSSquare", "size": 6, "color": color});
    let info = json!({"renderer": {"type": "uniqueValue", "field1": "KIND", "uniqueValueInfos": [
        {"value": "0", "symbol": marker([255, 0, 0, 255])},
        {"value": "1", "symbol": marker([0, 0, 255, 255])},
    ]}});
    let style = Style::from_drawing_info(&info, GeometryType::Point);
    let mut canvas = Canvas::new(&WORLD, 100, 100, Color::WHITE).unwrap();
    let drawn = canvas
        .draw(&batch(&[point(2.0, 5.0), point(5.0, 5.0), point(8.0, 5.0)]), &style, &|x, y| Some((x, y)));
    assert_eq!(drawn, 2, "the third value has no symbol");
    assert_eq!(at(&canvas, 20, 50), [255, 0, 0]);
    assert_eq!(at(&canvas, 50, 50), [0, 0, 255]);
    assert_eq!(at(&canvas, 80, 50), [255, 255, 255]);
}

#[test]
fn class_breaks_choose_the_symbol() {
    let marker =
        |color: [u8; 4]| json!({"type": "esriSMS", "style": "esriSMSCircle", "size": 6, "color": color});
    let info = json!({"renderer": {"type": "classBreaks", "field": "kind", "minValue": 0, "classBreakInfos": [
        {"classMaxValue": 0.5, "symbol": marker([255, 0, 0, 255])},
        {"classMaxValue": 9, "symbol": marker([0, 0, 255, 255])},
    ]}});
    let style = Style::from_drawing_info(&info, GeometryType::Point);
    let mut canvas = Canvas::new(&WORLD, 100, 100, Color::WHITE).unwrap();
    canvas.draw(&batch(&[point(2.0, 5.0), point(5.0, 5.0)]), &style, &|x, y| Some((x, y)));
    assert_eq!(at(&canvas, 20, 50), [255, 0, 0]);
    assert_eq!(at(&canvas, 50, 50), [0, 0, 255]);
}

#[test]
fn broken_geometries_are_passed_over() {
    let style = Style::from_drawing_info(&json!({}), GeometryType::Polygon);
    let whole = square(1.0, 1.0, 5.0);
    let mut shapes: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
    shapes.push(vec![1, 3, 0, 0, 0, 255, 255, 255, 255]);
    shapes.push(point(f64::NAN, 1.0));
    let mut canvas = Canvas::new(&WORLD, 20, 20, Color::WHITE).unwrap();
    assert_eq!(canvas.draw(&batch(&shapes), &style, &|x, y| Some((x, y))), 0);
}

#[test]
fn an_extent_of_one_point_can_be_drawn() {
    let here = Envelope { xmin: 3.0, ymin: 4.0, xmax: 3.0, ymax: 4.0 };
    let style = Style::from_drawing_info(&json!({}), GeometryType::Point);
    let mut canvas = Canvas::new(&here, 30, 20, Color::WHITE).unwrap();
    canvas.draw(&batch(&[point(3.0, 4.0)]), &style, &|x, y| Some((x, y)));
    assert_ne!(at(&canvas, 15, 10), [255, 255, 255]);
    assert_eq!(canvas.to_png().unwrap().get(1..4), Some(&b"PNG"[..]));
}

#[test]
fn what_lies_around_the_picture_fills_it_and_what_lies_beside_does_not() {
    let fill = json!({"renderer": {"type": "simple", "symbol": {"type": "esriSFS", "style": "esriSFSSolid", "color": [255, 0, 0, 255]}}});
    let style = Style::from_drawing_info(&fill, GeometryType::Polygon);
    let symbol = style.symbol(&[]).unwrap();
    let here = Envelope { xmin: 500.0, ymin: 500.0, xmax: 500.001, ymax: 500.001 };
    let mut canvas = Canvas::new(&here, 50, 50, Color::WHITE).unwrap();
    assert!(!canvas.draw_wkb(&square(0.0, 0.0, 400.0), symbol, &|x, y| Some((x, y))));
    assert_eq!(at(&canvas, 25, 25), [255, 255, 255]);
    assert!(canvas.draw_wkb(&square(0.0, 0.0, 1000.0), symbol, &|x, y| Some((x, y))));
    assert_eq!(at(&canvas, 25, 25), [255, 0, 0]);
    assert_eq!(at(&canvas, 0, 49), [255, 0, 0]);
}

#[test]
fn pictures_are_laid_over_each_other_and_written_in_both_forms() {
    let mut canvas = Canvas::new(&WORLD, 16, 8, Color::WHITE).unwrap();
    let mut over = canvas.layer().unwrap();
    let red = Color { red: 255, green: 0, blue: 0, alpha: 255 };
    let symbol = Symbol::Fill { color: red, outline: None };
    over.draw_wkb(&square(-100.0, -100.0, 300.0), &symbol, &|x, y| Some((x, y)));
    canvas.lay(&over, 0.5);
    let [red, green, blue] = at(&canvas, 8, 4);
    assert!(red > 250 && green.abs_diff(128) < 3 && blue == green);
    let extent = canvas.extent();
    assert!((extent.xmax - extent.xmin - 20.0).abs() < 1e-9, "wider than it was asked for");
    assert_eq!(canvas.to_bytes(PictureFormat::Png).unwrap().get(1..4), Some(&b"PNG"[..]));
    assert_eq!(canvas.to_bytes(PictureFormat::Jpeg).unwrap().get(..3), Some(&[0xFF, 0xD8, 0xFF][..]));
}

#[test]
fn values_choose_symbols_without_a_batch() {
    let fill = |red: u8| json!({"type": "esriSFS", "style": "esriSFSSolid", "color": [red, 0, 0, 255]});
    let info = json!({"renderer": {
        "type": "uniqueValue", "field1": "a", "field2": "b", "fieldDelimiter": ", ",
        "uniqueValueInfos": [{"value": "x, 7", "symbol": fill(1)}, {"value": "<Null>, 7", "symbol": fill(2)}],
        "defaultSymbol": fill(3),
    }});
    let style = Style::from_drawing_info(&info, GeometryType::Polygon);
    let red = |values: &[Attribute<'_>]| match style.symbol(values) {
        Some(Symbol::Fill { color, .. }) => color.red,
        other => panic!("{other:?}"),
    };
    assert_eq!(red(&[Attribute::from("x"), Attribute::Int(7)]), 1);
    assert_eq!(red(&[Attribute::Null, Attribute::Int(7)]), 2);
    assert_eq!(red(&[Attribute::from("y"), Attribute::Int(7)]), 3);
    let breaks = json!({"renderer": {"type": "classBreaks", "field": "a", "minValue": 0,
        "classBreakInfos": [{"classMaxValue": 10, "symbol": fill(4)}]}});
    let style = Style::from_drawing_info(&breaks, GeometryType::Polygon);
    assert!(style.symbol(&[Attribute::Float(10.0)]).is_some());
    assert!(style.symbol(&[Attribute::Float(10.5)]).is_none());
    assert!(style.symbol(&[Attribute::Null]).is_none());
    let wide = Style::from_drawing_info(
        &json!({"renderer": {"type": "simple", "symbol":
            {"type": "esriSLS", "style": "esriSLSSolid", "width": 3, "color": [0, 0, 0, 255]}}}),
        GeometryType::Polyline,
    );
    let Some(Symbol::Line(line)) = wide.scaled(2.0).symbol(&[]).cloned() else { panic!("no line") };
    assert!((line.width - 8.0).abs() < 1e-3);
}
