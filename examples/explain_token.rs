//! Why was my token refused? Reads a token from its input and explains it with `aios.toml` of its folder.
#![expect(clippy::print_stdout, reason = "it is a program for a terminal")]

use std::error::Error;
use std::io::Read as _;

use aios_core::{Aios, Credential};

fn main() -> Result<(), Box<dyn Error>> {
    let aios = Aios::open("aios.toml")?;
    // Not from an argument: every process of the machine can read those.
    let mut token = String::new();
    std::io::stdin().read_to_string(&mut token)?;
    let found = aios.explain_token(&Credential::Bearer(token.trim().to_owned()))?;
    println!("{:?}, signature {}", found.verdict, if found.is_verified { "verified" } else { "unverified" });
    for step in found.steps {
        let outcome = format!("{:?}", step.outcome).to_lowercase();
        let wrong = step.refusal.map(|refusal| refusal.to_string()).or(step.lacking.map(str::to_owned));
        println!("{}", format!("{outcome:10} {:10} {}", step.name, wrong.unwrap_or_default()).trim_end());
    }
    if let Some(mapped) = found.mapped {
        println!(
            "issuer {}, tenant {:?}, kind {:?}, roles {:?}",
            mapped.issuer, mapped.tenant_id, mapped.kind, mapped.roles
        );
    }
    aios.close()?;
    Ok(())
}
