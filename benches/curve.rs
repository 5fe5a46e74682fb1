//! The curve of decisions over the number of policies, as numbers and as an image.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::measure::Result;
use crate::scale::{Size, much, point};
use crate::world::inputs;

/// The argument that asks for it; the image's path follows, and a Python that has the peers.
pub(crate) const NAME: &str = "curve";

const POLICIES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
const ENTITIES: [usize; 2] = [1_000, 100_000];
/// Peers in Python are asked for as many policies and entities as this.
const PEERS_UP_TO: usize = 10_000;

/// A line of the image: a name, and microseconds by policies.
struct Line {
    name: String,
    points: Vec<(usize, f64)>,
}

/// Measures everything and writes the image. Without a Python there are no peers.
pub(crate) fn draw(image: &Path, python: Option<&str>) -> Result<()> {
    let mut lines: Vec<Line> = Vec::new();
    for entities in ENTITIES {
        for policies in POLICIES {
            let cost = point(Size { policies, entities })?;
            say(&json!({
                "policies": policies, "entities": entities,
                "aios_microseconds": cost.aios, "cedar_microseconds": cost.cedar,
                "aios_load_seconds": cost.aios_load, "cedar_load_seconds": cost.cedar_load,
                "aios_megabytes": cost.megabytes,
            }))?;
            add(&mut lines, &format!("AIOS, {entities} entities"), (policies, cost.aios));
            add(&mut lines, &format!("Cedar, {entities} entities"), (policies, cost.cedar));
        }
    }
    for policies in POLICIES.into_iter().filter(|policies| *policies <= PEERS_UP_TO) {
        let peers = python.map(|python| peers(python, policies)).transpose()?;
        for (peer, microseconds) in peers.unwrap_or_default() {
            say(
                &json!({"policies": policies, "entities": 1_000, "peer": peer, "microseconds": microseconds}),
            )?;
            add(&mut lines, &peer, (policies, microseconds));
        }
    }
    fs::write(image, svg(&lines))?;
    Ok(())
}

fn say(line: &serde_json::Value) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn add(lines: &mut Vec<Line>, name: &str, point: (usize, f64)) {
    match lines.iter_mut().find(|line| line.name == name) {
        Some(line) => line.points.push(point),
        None => lines.push(Line { name: name.to_owned(), points: vec![point] }),
    }
}

/// What peers in Python take, asked in a process of their own.
fn peers(python: &str, policies: usize) -> Result<Vec<(String, f64)>> {
    let texts = much(policies, 1_000);
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("policies.cedar"), texts.policies)?;
    fs::write(folder.path().join("schema.cedarschema"), texts.schema)?;
    fs::write(folder.path().join("entities.json"), texts.entities)?;
    let script = inputs().with_file_name("python").join("peers.py");
    let said = Command::new(python).arg(script).arg(folder.path()).output()?;
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&said.stderr).into_owned().into());
    }
    let said: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&said.stdout)?;
    Ok(said.into_iter().filter_map(|(name, time)| Some((name, time.as_f64()?))).collect())
}

const COLOURS: [&str; 6] = ["#0b6e4f", "#7fb069", "#c1292e", "#f19953", "#235789", "#7768ae"];
const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 480.0;
const MARGIN: f64 = 70.0;
/// Both axes are logarithmic: ten to a million policies, a microsecond to a second.
const DECADES: [(f64, f64); 2] = [(1.0, 5.0), (0.0, 6.0)];

fn svg(lines: &[Line]) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"15\">Microseconds of processor time for one decision, by the number of policies</text>"
    );
    for decade in 1..=5_i32 {
        let x = place(f64::from(decade), 0);
        let _ = write!(
            out,
            "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - 45.0,
            10_u32.pow(decade.unsigned_abs())
        );
    }
    for decade in 0..=6_i32 {
        let y = place(f64::from(decade), 1);
        let label = 10_u32.pow(decade.unsigned_abs());
        let _ = write!(
            out,
            "<line x1=\"{MARGIN}\" x2=\"{:.0}\" y1=\"{y:.0}\" y2=\"{y:.0}\" stroke=\"#ddd\"/><text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{label}</text>",
            WIDTH - 200.0,
            MARGIN - 6.0,
            y + 4.0
        );
    }
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let points: Vec<String> = line
            .points
            .iter()
            .map(|(policies, time)| {
                let policies = f64::from(u32::try_from(*policies).unwrap_or(u32::MAX));
                format!("{:.1},{:.1}", place(policies.log10(), 0), place(time.max(1.0).log10(), 1))
            })
            .collect();
        let end = line.points.last().map_or(MARGIN, |(_, time)| place(time.max(1.0).log10(), 1));
        let right = line.points.last().map_or(0.0, |(policies, _)| {
            place(f64::from(u32::try_from(*policies).unwrap_or(u32::MAX)).log10(), 0)
        });
        let _ = write!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{:.0}\" y=\"{:.0}\" fill=\"{colour}\">{}</text>",
            points.join(" "),
            right + 6.0,
            end + 4.0,
            line.name
        );
    }
    out.push_str("</svg>\n");
    out
}

/// Where a power of ten stands on an axis.
fn place(power: f64, axis: usize) -> f64 {
    let [(x_from, x_to), (y_from, y_to)] = DECADES;
    if axis == 0 {
        MARGIN + (power - x_from) / (x_to - x_from) * (WIDTH - MARGIN - 200.0)
    } else {
        HEIGHT - MARGIN - (power - y_from) / (y_to - y_from) * (HEIGHT - MARGIN - 50.0)
    }
}
