//! References: one spelling each, and nothing that is nearly one.

use super::*;

/// What is nearly a reference.
const BAD: [&str; 50] = [
    "",
    "secret://",
    "secret:///p/n",
    "secret://t//n",
    "secret://t/p/",
    "secret://t/p",
    "secret://t/p/n@",
    "secret://t/p/n@0",
    "secret://t/p/n@01",
    "secret://t/p/n@+1",
    "secret://t/p/n@-1",
    "secret://t/p/n@1@2",
    "secret://t/p/n@9007199254740992",
    "secret://t/p/n@18446744073709551616",
    "secret://t/p/n@ 1",
    "secret://t/p/n@1 ",
    " secret://t/p/n",
    "Secret://t/p/n",
    "SECRET://t/p/n",
    "secret:/t/p/n",
    "secrets://t/p/n",
    "secret://t/P/n",
    "secret://t/p/N",
    "secret://t/p/n?x",
    "secret://t/p/n#x",
    "secret://t/p/n\0",
    "secret://t/p/n\n",
    "secret://t/p/%6e",
    "secret://t/p/n%2fm",
    "secret://t/%70/n",
    "secret://t%2fu/p/n",
    "secret://t/p/../n",
    "secret://t/../n",
    "secret://t/./n",
    "secret://t/p/./n",
    "secret://t/p/n/..",
    "secret://t/p//n",
    "secret://t/p/n/",
    "secret://t/p/n\\m",
    "secret://u@t/p/n",
    "secret://t:1/p/n",
    "secret://~/p/n",
    "secret://t~/p/n",
    "secret://~t/p/n",
    "secret://t~u~v/p/n",
    "secret://../p/n",
    "secret://t/p/\u{043e}penai",
    "secret://t/p/n\u{0301}",
    "secret://t/p/\u{ff4e}",
    "secret://t/p/n@\u{0661}",
];

#[test]
fn r06_references_read_back_as_they_are_written_and_nothing_else_is_one() {
    let longest =
        format!("secret://{}/{}/{}@9007199254740991", "t".repeat(128), "n".repeat(128), "s".repeat(128));
    for good in [
        "secret://acme/prod/openai/main@3",
        "secret://acme/prod/openai/main",
        "secret://corp~72f988bf-86f1/a.b_c-d/x@1",
        "secret://ACME/p/a/b/c/d@10",
        "secret://0/0/0@9007199254740991",
        &longest,
    ] {
        let parsed: SecretRef = good.parse().unwrap_or_else(|_| panic!("{good}"));
        assert_eq!(parsed.to_string(), good);
    }
    let too_long =
        [format!("{longest}0"), longest.replace('@', "s@"), longest.replace("secret://t", "secret://tt")];
    for bad in BAD.into_iter().chain(too_long.iter().map(String::as_str)) {
        assert!(bad.parse::<SecretRef>().is_err(), "{bad:?}");
    }
}

#[test]
fn any_three_names_make_a_reference_that_parts_the_same_way() {
    const PARTS: &[u8] = b"abz09.-_";
    let mut dice = Dice(1);
    let name = |dice: &mut Dice, most: usize| -> String {
        let length = 1 + dice.roll(most);
        let text: String = (0..length).map(|_| char::from(PARTS[dice.roll(PARTS.len())])).collect();
        if text.bytes().all(|byte| byte == b'.') { "x".into() } else { text }
    };
    for _ in 0..5_000 {
        let tenant = match dice.roll(2) {
            0 => name(&mut dice, 20),
            _ => format!("{}/{}", name(&mut dice, 8), name(&mut dice, 8)),
        };
        let (namespace, parts) = (name(&mut dice, 20), 1 + dice.roll(3));
        let local = (0..parts).map(|_| name(&mut dice, 8)).collect::<Vec<_>>().join("/");
        let path = SecretPath::new(tenant.parse().unwrap(), &namespace, &local).unwrap();
        let number = (dice.roll(3) > 0).then(|| version(1 + u64::try_from(dice.roll(1 << 40)).unwrap()));
        let written = path.clone().at(number).to_string();
        let read: SecretRef = written.parse().unwrap();
        assert_eq!((read.path(), read.version()), (&path, number), "{written}");
        assert_eq!(SecretPath::from_local(path.tenant().clone(), &path.local()).unwrap(), path);
    }
}

#[test]
fn versions_end_where_every_languages_numbers_still_hold_them() {
    assert_eq!(Version::FIRST.next(), Some(version(2)));
    assert_eq!(version((1 << 53) - 1).next(), None);
    assert!(Version::try_from(0).is_err() && Version::try_from(1 << 53).is_err());
}
