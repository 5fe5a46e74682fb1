//! Which intents have no outcome yet.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::record::{Kind, parse};
use crate::crypto::Digest;
use crate::model::hex::{hex, unhex};

/// Pairs outcomes with intents across the chains of one owner. Memory grows with the open intents only.
#[derive(Debug, Default)]
pub struct Pairing {
    open: BTreeMap<([u8; 16], u64), Digest>,
    early: BTreeMap<([u8; 16], u64), String>,
}

#[derive(Deserialize)]
struct OutcomeBody {
    intent: IntentRef,
}

/// How an outcome names its intent.
#[derive(Deserialize)]
struct IntentRef {
    chain: String,
    seq: u64,
    mac: String,
}

impl Pairing {
    /// Takes a verified record.
    pub fn push(&mut self, frame: &[u8]) {
        let Some(parts) = parse(frame) else { return };
        match parts.header.kind {
            Kind::Intent => self.intent((parts.header.chain, parts.header.seq), *parts.mac),
            Kind::Outcome => self.outcome(parts.body),
            Kind::Open | Kind::Event | Kind::System | Kind::Close => {}
        }
    }

    /// Chain and sequence number of each intent without an outcome.
    pub fn dangling(&self) -> impl Iterator<Item = ([u8; 16], u64)> + '_ {
        self.open.keys().copied()
    }

    fn intent(&mut self, place: ([u8; 16], u64), mac: Digest) {
        // An outcome may stand in a later chain that was read before this one.
        if self.early.remove(&place).is_none_or(|named| named != hex(&mac)) {
            self.open.insert(place, mac);
        }
    }

    fn outcome(&mut self, body: &[u8]) {
        let Ok(OutcomeBody { intent }) = serde_json::from_slice(body) else { return };
        let Some(chain) = unhex(&intent.chain) else { return };
        let place = (chain, intent.seq);
        match self.open.get(&place) {
            Some(mac) if hex(mac) == intent.mac => {
                self.open.remove(&place);
            }
            Some(_) => {}
            None => {
                self.early.insert(place, intent.mac);
            }
        }
    }
}
