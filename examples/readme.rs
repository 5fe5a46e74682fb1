//! README's program. It wants an access token as its argument, and the files that README shows in its folder.
#![expect(clippy::print_stdout, reason = "README shows what it prints")]

use aios_core::{Aios, Credential, Outcome, Refusal, Request, Resource};

fn main() -> Result<(), Refusal> {
    let aios = Aios::open("aios.toml")?;
    let token = Credential::Bearer(std::env::args().nth(1).unwrap_or_default());
    let report = Resource::new("Aios::Data", "report-7").tenant("acme");
    let permit = aios.authorize(&Request::new(token.clone(), "read", report.clone()))?;
    println!("permitted: {} may {}", permit.view().principal.view().subject, permit.view().action);
    permit.complete(&Outcome::ok().with("rows", 42))?; // here the call has been made
    if let Err(refusal) = aios.authorize(&Request::new(token, "write", report)) {
        println!("refused: {refusal}");
    }
    println!("the trail is whole: {}", aios.verify(None)?.ok);
    aios.close()
}
