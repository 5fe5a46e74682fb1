//! Whatever text says: the reader of references does not panic, and what it reads has one spelling, of plain letters alone.

use aios_core::vault::{LONGEST_REFERENCE, SecretPath, SecretRef};

/// An input is a text.
pub(crate) fn read(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(reference) = text.parse::<SecretRef>() else { return };
    assert_eq!(reference.to_string(), text, "there is one spelling");
    assert!(text.len() <= LONGEST_REFERENCE && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
    let path = reference.path();
    for part in path.namespace().split('/').chain(path.name().split('/')) {
        assert!(
            !["", ".", ".."].contains(&part) && !part.contains(['%', '?', '#', '@', '\\', '~']),
            "{text:?}"
        );
    }
    let again = SecretPath::from_local(path.tenant().clone(), &path.local()).unwrap();
    assert_eq!(again.at(reference.version()), reference, "its parts make the same");
}
