//! A record and its twin in another chain: both, or neither.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::audit::Entry;
use crate::engine::journal::Records;
use crate::engine::slot::{Heard, Receiver, slot};
use crate::model::{Deadline, SystemClock};
use crate::store::memory::{Memory, ProcessRoot};

type Answer = Receiver<Result<Durable, Refusal>>;

/// A ledger that takes no commit which holds a chain of this owner.
#[derive(Debug)]
struct Against(Arc<Memory>, &'static str);

impl Ledger for Against {
    fn commit(&self, commit: &Commit, wait: Wait) -> Result<(), LedgerError> {
        if commit.chains.iter().any(|chain| chain.id.owner.as_str() == self.1) {
            return Err(LedgerError::Unavailable("it takes nothing of theirs".into()));
        }
        self.0.commit(commit, wait)
    }

    fn chains(&self, owner: Option<&Owner>) -> Result<Vec<crate::audit::StoredChain>, LedgerError> {
        self.0.chains(owner)
    }

    fn records(
        &self,
        chain: [u8; 16],
        from: u64,
        most: usize,
    ) -> Result<Vec<crate::audit::StoredRecord>, LedgerError> {
        self.0.records(chain, from, most)
    }

    fn turn(&self, wait: Wait) -> Result<crate::audit::Turn, LedgerError> {
        self.0.turn(wait)
    }
}

fn writer(store: &Arc<Memory>, ledger: Arc<dyn Ledger>) -> Writer {
    let root = Arc::new(ProcessRoot::make().unwrap());
    let scribe = Scribe {
        clock: Arc::new(SystemClock),
        deployment: "test".into(),
        config: "".into(),
        plaintext_loopback: false,
    };
    let rows: Arc<dyn crate::store::Rows> = Arc::<Memory>::clone(store);
    let parts = (rows, Arc::clone(&ledger));
    let masters = Arc::new(Masters::new("test".into(), parts, root));
    Writer { chains: HashMap::new(), ledger, masters, scribe: Arc::new(scribe), journal: Weak::new() }
}

fn owner(name: &str) -> Owner {
    Owner::Tenant(name.parse().unwrap())
}

fn entry(bytes: usize) -> Entry {
    Entry { kind: Kind::Intent, body: vec![b'x'; bytes], disclosures: Vec::new() }
}

/// An intent of acme's whose record in rival's chain is so large, as the number-th item.
fn pair(bytes: usize, number: u64) -> (Item, Answer) {
    let (sender, receiver) = slot();
    let item = Item::new(owner("acme"), entry(1), Care::Intent(sender));
    (Item { twin: Some(Box::new((owner("rival"), entry(bytes)))), number, ..item }, receiver)
}

fn single(name: &str, number: u64) -> (Item, Answer) {
    let (sender, receiver) = slot();
    (Item { number, ..Item::new(owner(name), entry(1), Care::Intent(sender)) }, receiver)
}

/// Writes, answers, and says of each whether it is durable and in how many chains.
fn write(writer: &mut Writer, items: Vec<(Item, Answer)>) -> Vec<Result<usize, Code>> {
    let (items, answers): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    for (sender, answer) in writer.write(items, Wait::Never).answers {
        sender.send(answer).unwrap();
    }
    let hear = |answer: Answer| match answer.wait(Deadline::after(Duration::ZERO)) {
        Heard::Value(Ok(durable)) => Ok(1 + usize::from(durable.is_twofold())),
        Heard::Value(Err(refusal)) => Err(refusal.code()),
        heard @ (Heard::Nothing | Heard::Nudge | Heard::TimedOut) => panic!("{heard:?}"),
    };
    answers.into_iter().map(hear).collect()
}

/// How many intents a tenant's chains hold.
fn intents(store: &Memory, name: &str) -> usize {
    let chains = store.chains(Some(&owner(name))).unwrap();
    let records = chains.iter().flat_map(|chain| store.records(chain.id.incarnation, 0, 99).unwrap());
    records.filter(|record| crate::audit::parse(&record.frame).unwrap().header.kind == Kind::Intent).count()
}

const TOO_LARGE: usize = 2 * 1024 * 1024;

#[test]
fn a_pair_stands_in_both_chains() {
    let store = Arc::new(Memory::default());
    let mut writer = writer(&store, store.clone());
    let answers = write(&mut writer, vec![pair(1, 1), single("acme", 2), single("rival", 3), pair(1, 4)]);
    assert_eq!(answers, [Ok(2), Ok(1), Ok(1), Ok(2)]);
    assert_eq!((intents(&store, "acme"), intents(&store, "rival")), (3, 3));
}

#[test]
fn what_one_chain_cannot_take_the_other_does_not_keep() {
    let store = Arc::new(Memory::default());
    let mut writer = writer(&store, store.clone());
    let items =
        vec![single("acme", 1), pair(TOO_LARGE, 2), pair(1, 3), single("rival", 4), single("other", 5)];
    let answers = write(&mut writer, items);
    let large = Err(Code::PolicyInput);
    assert_eq!(answers, [Ok(1), large, large, large, Ok(1)]);
    assert_eq!((intents(&store, "acme"), intents(&store, "rival"), intents(&store, "other")), (1, 0, 1));
    assert_eq!(write(&mut writer, vec![pair(1, 6)]), [Ok(2)]);
}

#[test]
fn the_callers_chain_may_be_the_one_that_cannot() {
    let store = Arc::new(Memory::default());
    let mut writer = writer(&store, store.clone());
    let (mut item, answer) = pair(1, 1);
    item.entry = entry(TOO_LARGE);
    // In the order of owners rival's chain comes after acme's, and zeta's before neither.
    let (mut reversed, other) = pair(1, 2);
    reversed.owner = owner("zeta");
    reversed.entry = entry(TOO_LARGE);
    let answers = write(&mut writer, vec![(item, answer), (reversed, other), single("rival", 3)]);
    assert_eq!(answers, [Err(Code::PolicyInput), Err(Code::PolicyInput), Ok(1)]);
    assert_eq!((intents(&store, "acme"), intents(&store, "rival"), intents(&store, "zeta")), (0, 1, 0));
}

#[test]
fn a_chain_whose_commit_fails_takes_the_other_along() {
    for failing in ["acme", "rival"] {
        let store = Arc::new(Memory::default());
        let mut writer = writer(&store, Arc::new(Against(store.clone(), failing)));
        assert_eq!(write(&mut writer, vec![pair(1, 1)]), [Err(Code::AuditUnavailable)]);
        assert_eq!((intents(&store, "acme"), intents(&store, "rival")), (0, 0));
    }
}

#[test]
fn visitors_leave_a_tenant_half_of_its_room() {
    let store = Arc::new(Memory::default());
    let journal = Journal::new(writer(&store, store.clone()), 4, Duration::ZERO);
    let busy = |owner_name: &str, twin: Option<&str>| {
        let twin = twin.map(|name| (owner(name), entry(1)));
        let queued =
            journal.queue_intent(Records { first: (owner(owner_name), entry(1)), twin }, Care::Awaited);
        queued.map(std::mem::forget).map_err(|refusal| refusal.code())
    };
    assert_eq!(busy("acme", Some("rival")), Ok(()));
    assert_eq!(busy("acme", Some("rival")), Ok(()));
    assert_eq!(busy("acme", Some("rival")), Err(Code::AuditBusy));
    assert_eq!(busy("rival", None), Ok(()));
    assert_eq!(busy("rival", None), Ok(()));
    assert_eq!(busy("rival", None), Err(Code::AuditBusy));
    assert_eq!(busy("acme", None), Ok(()));
}
