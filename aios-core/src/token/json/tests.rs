//! The strict reader beside `serde_json`.

use super::*;

const WIDE: Bounds = Bounds { depth: 16, members: 256 };

fn read(text: &str) -> Result<Members<'_>, Error> {
    read_object(text.as_bytes(), WIDE)
}

/// The tree in `serde_json`'s words, to compare with an independent reader.
fn same(ours: &Json<'_>, theirs: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(a), Value::Bool(b)) => a == b,
        (Json::Number(a), Value::Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
        (Json::Text(a), Value::String(b)) => a == b,
        (Json::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Object(a), Value::Object(b)) => {
            a.names().count() == b.len() && a.names().all(|name| same(a.find(name).unwrap(), &b[name]))
        }
        _ => false,
    }
}

#[test]
fn a_name_that_stands_twice_is_refused_at_any_depth() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":1}"#,
        r#"{"x":{"a":1,"b":2,"a":3}}"#,
        r#"{"x":[[{"a":1,"a":1}]]}"#,
        r#"{"":1,"":1}"#,
    ] {
        assert_eq!(read(text), Err(Error::DuplicateKey), "{text}");
    }
    assert!(read(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#).is_ok());
}

#[test]
fn text_that_is_no_json_object_is_refused() {
    for text in [
        "",
        " ",
        "null",
        "\"x\"",
        "[]",
        "1",
        "{",
        "}",
        "{}x",
        "{} {}",
        "\u{feff}{}",
        "{'a':1}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[,]}"#,
        r#"{"a":01}"#,
        r#"{"a":-}"#,
        r#"{"a":+1}"#,
        r#"{"a":1.}"#,
        r#"{"a":.5}"#,
        r#"{"a":1e}"#,
        r#"{"a":1e+}"#,
        r#"{"a":NaN}"#,
        r#"{"a":truE}"#,
        r#"{"a":tru"#,
        r#"{"a":"x"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12"}"#,
        r#"{"a":"\u+123"}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\ud800\u0041"}"#,
        r#"{"a":"\ud800x"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"a":"\ud800\ud800"}"#,
        "{\"a\":\"\n\"}",
        "{\"a\":\"\0\"}",
        "{a:1}",
        r#"{"a":1}/**/"#,
        r#"{"a":0x1}"#,
    ] {
        assert_eq!(read(text), Err(Error::Malformed), "{text}");
    }
    assert_eq!(read_object(b"{\"a\":\"\xff\"}", WIDE), Err(Error::Malformed));
}

#[test]
fn accepted_text_reads_as_serde_json_reads_it() {
    for text in [
        "{}",
        " \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n",
        r#"{"a":"\"\\\/\b\f\n\r\t\u0000\u00e4\ud83d\ude00\uFFFF é 😀"}"#,
        r#"{"a":[0,-0,1,-1,10,1.5,1e3,1E-3,1.25e+2,true,false,null,"",{"b":{}}]}"#,
        "{\"\":\"\u{7f}\u{2028}\"}",
    ] {
        let theirs = serde_json::from_str(text).unwrap();
        assert!(same(&Json::Object(read(text).unwrap()), &theirs), "{text}");
    }
}

#[test]
fn whatever_is_accepted_after_a_change_serde_json_accepts_alike() {
    let text = r#"{"a":[0,-1.5e2,{"é":null}],"b":"x\u00e9\ud83d\ude00\n","c":{"d":true}}"#;
    for index in 0..text.len() {
        for byte in 0..=u8::MAX {
            let mut changed = text.as_bytes().to_vec();
            changed[index] = byte;
            let Ok(members) = read_object(&changed, WIDE) else { continue };
            let theirs = serde_json::from_slice(&changed).unwrap();
            assert!(same(&Json::Object(members), &theirs), "byte {index} as {byte:#x}");
        }
    }
}

#[test]
fn depth_and_members_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "{\"a\":".repeat(depth - 1) + "{", "}".repeat(depth));
    assert!(read(&nested(16)).is_ok());
    assert_eq!(read(&nested(17)), Err(Error::TooLarge { limit: "nesting" }));
    assert_eq!(read(&format!("{{\"a\":{}", "[".repeat(10_000))), Err(Error::TooLarge { limit: "nesting" }));
    let wide = |members: usize| {
        let names: Vec<_> = (0..members).map(|name| format!("\"{name}\":0")).collect();
        format!("{{{}}}", names.join(","))
    };
    assert!(read(&wide(256)).is_ok());
    assert_eq!(read(&wide(257)), Err(Error::TooLarge { limit: "members" }));
}

#[test]
fn a_string_ends_where_it_ends_however_long_it_is() {
    let naive = |bytes: &[u8]| bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
    for filler in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
        for length in 0..40 {
            assert_eq!(plain_length(&vec![filler; length]), None, "{filler} {length}");
            for at in 0..length {
                for byte in 0..=255 {
                    let mut bytes = vec![filler; length];
                    bytes[at] = byte;
                    assert_eq!(plain_length(&bytes), naive(&bytes), "{bytes:?}");
                    // What comes behind the first end changes nothing.
                    bytes[length - 1] = b'"';
                    assert_eq!(plain_length(&bytes), naive(&bytes), "{bytes:?}");
                }
            }
        }
    }
}
