//! `rs256_cold` and `token_warm`.

use std::hint::black_box;

use aios_core::{Aios, Credential};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::measure::{Measured, Result, processor_seconds, ratio};
use crate::world::World;

const PAIRS: usize = 31;
const TOKENS: usize = 384;

/// `authenticate` of tokens that the engine has not seen, beside the bare signature.
pub(crate) fn rs256_cold() -> Result<Measured> {
    let world = World::new()?;
    let tokens = tokens(&world)?;
    let bare = Bare::ready(&world, &tokens)?;
    ratio(PAIRS, || cold(&world, &tokens), || processor_seconds(|| bare.verify()))
}

/// `authenticate` of a token that the engine has just seen, beside one that it has not.
pub(crate) fn token_warm() -> Result<Measured> {
    let world = World::new()?;
    let tokens = tokens(&world)?;
    let known = world.in_memory()?;
    let again = || {
        authenticate(&known, &tokens)?;
        processor_seconds(|| authenticate(&known, &tokens))
    };
    ratio(PAIRS, again, || cold(&world, &tokens))
}

/// Every batch has an engine of its own, so that no token is known.
fn cold(world: &World, tokens: &[Credential]) -> Result<f64> {
    let (first, rest) = tokens.split_first().ok_or("no token")?;
    let aios = world.in_memory()?;
    aios.authenticate(first)?;
    let seconds = processor_seconds(|| authenticate(&aios, rest))?;
    // The first one only warmed up.
    Ok(seconds * f64::from(u32::try_from(tokens.len())?) / f64::from(u32::try_from(rest.len())?))
}

pub(crate) fn authenticate(aios: &Aios, tokens: &[Credential]) -> Result<()> {
    for token in tokens {
        black_box(aios.authenticate(black_box(token))?);
    }
    Ok(())
}

fn tokens(world: &World) -> Result<Vec<Credential>> {
    let tokens = world.tokens(TOKENS);
    match tokens.iter().find(|token| !(1150..1250).contains(&token.len())) {
        Some(token) => Err(format!("a token has {} bytes", token.len()).into()),
        None => Ok(tokens.into_iter().map(Credential::Bearer).collect()),
    }
}

/// The key parsed once; messages and signatures taken apart before.
struct Bare {
    key: ParsedPublicKey,
    signed: Vec<(String, Vec<u8>)>,
}

impl Bare {
    fn ready(world: &World, tokens: &[Credential]) -> Result<Self> {
        let number = |name| -> Result<Vec<u8>> { Ok(URL_SAFE_NO_PAD.decode(world.key_member(name)?)?) };
        let key = RsaPublicKeyComponents { n: number("n")?, e: number("e")? };
        let mut signed = Vec::with_capacity(tokens.len());
        for token in tokens.iter().map(Credential::token) {
            let (message, signature) = token.rsplit_once('.').ok_or("not a token")?;
            signed.push((message.to_owned(), URL_SAFE_NO_PAD.decode(signature)?));
        }
        Ok(Self { key: key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?, signed })
    }

    fn verify(&self) -> Result<()> {
        for (message, signature) in &self.signed {
            self.key.verify_sig(black_box(message.as_bytes()), signature)?;
        }
        Ok(())
    }
}
