//! Numbers and text as JSON, written fast and in the fewest digits.

/// Appends an integer.
pub fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a float: whole numbers without a point, `null` for what JSON cannot say.
pub fn push_f64(out: &mut Vec<u8>, value: f64) {
    if value.abs() < 9.0e15 && value.fract() == 0.0 {
        push_i64(out, value as i64);
    } else if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Appends a 32-bit float that was widened, in the digits of the narrow one.
pub fn push_f32(out: &mut Vec<u8>, value: f64) {
    let narrow = value as f32;
    if f64::from(narrow).to_bits() == value.to_bits() && value.is_finite() && value.fract() != 0.0 {
        out.extend_from_slice(zmij::Buffer::new().format_finite(narrow).as_bytes());
    } else {
        push_f64(out, value);
    }
}

/// Appends a float rounded to so many decimals.
pub fn push_rounded(out: &mut Vec<u8>, value: f64, scale: Option<f64>) {
    match scale {
        Some(scale) => push_f64(out, (value * scale).round() / scale),
        None => push_f64(out, value),
    }
}

/// Appends a JSON string with its quotes.
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..=0x1f => b"",
            _ => continue,
        };
        out.extend_from_slice(bytes.get(written..index).unwrap_or_default());
        if escape.is_empty() {
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            out.extend_from_slice(escape);
        }
        written = index + 1;
    }
    out.extend_from_slice(bytes.get(written..).unwrap_or_default());
    out.push(b'"');
}
