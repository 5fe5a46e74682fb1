//! Policies by chance: valid ones, of every level.

use std::fmt::Write as _;

use super::random::Random;

/// Conditions of each level and of none. All are valid; some fail at run time.
const CONDITIONS: [&str; 22] = [
    r#"principal in Aios::Role::"r1""#,
    "resource has level && resource.level > 1",
    r#"resource in Aios::Data::"d5""#,
    r#"context has peer && context.peer in Aios::Group::"corp/g1""#,
    "context has about && context.about has level && context.about.level + 9223372036854775806 > 0",
    "context has many && context.many.contains(resource)",
    "principal has docs && resource in principal.docs",
    "resource has owner && resource.owner == principal",
    r#"resource has owner && resource.owner.tenant == "acme""#,
    "resource has owner && resource.owner has limit && resource.owner.limit > 1",
    r#"principal has boss && principal.boss in Aios::Role::"r2""#,
    "resource has place && resource.place has keeper && resource.place.keeper has limit",
    r#"resource.hasTag("t") && resource.getTag("t") has level && resource.getTag("t").level > 0"#,
    "resource has next && resource.next has next && resource.next.next has level",
    r#"resource has owner && resource.owner has boss && resource.owner.boss.scopes.contains("x")"#,
    r#"resource.hasTag("t") && resource.getTag("t").hasTag("t") && resource.getTag("t").getTag("t") in Aios::Data::"d6""#,
    r#"principal has boss && principal.boss has boss && principal.boss.boss has boss && principal.boss.boss.boss.tenant == "acme""#,
    r#"context has about && context.about has owner && context.about.owner in Aios::Role::"r0""#,
    r#"Aios::Data::"d3" has level && Aios::Data::"d3".level > 1"#,
    r#"Aios::Data::"d3".hasTag("t") && Aios::Data::"d3".getTag("t") in Aios::Data::"d6""#,
    r#"Aios::User::"corp/u1" in Aios::Group::"corp/g0" || Aios::User::"corp/u2".tenant == "x""#,
    r#"Aios::Action::"read" in Aios::Action::"readers" && resource has level"#,
];

/// Some policies as text.
pub(super) fn policies(random: &mut Random) -> String {
    let mut text = String::new();
    for number in 0..=random.below(6) {
        let effect = random.pick(&["permit", "permit", "permit", "forbid"]);
        let principal = random.pick(&[
            "principal",
            "principal",
            r#"principal in Aios::Role::"r0""#,
            r#"principal in Aios::Role::"r2""#,
            r#"principal in Aios::Group::"corp/g0""#,
            r#"principal == Aios::User::"corp/u1""#,
        ]);
        let resource = random.pick(&[
            "resource",
            "resource",
            r#"resource in Aios::Data::"d4""#,
            r#"resource is Aios::Data in Aios::Data::"d7""#,
            r#"resource == Aios::Data::"d2""#,
        ]);
        let action =
            random.pick(&[r#"action == Aios::Action::"read""#, r#"action in Aios::Action::"readers""#]);
        let clause = random.pick(&["when", "unless"]);
        let condition = random.pick(&CONDITIONS);
        writeln!(
            text,
            "@id(\"p{number}\") {effect}({principal}, {action}, {resource}) {clause} {{ {condition} }};"
        )
        .unwrap();
    }
    text
}
