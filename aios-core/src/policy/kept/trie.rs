//! A map whose copies share what they have in common: changing one entry copies the few nodes above it.

use std::sync::Arc;

const FANOUT: usize = 16;
const BITS: u32 = 4;

/// Values by hash. Values of one hash stand together; `same` tells them apart.
#[derive(Debug)]
pub(super) struct Trie<T> {
    root: Option<Arc<Node<T>>>,
    len: usize,
}

#[derive(Debug)]
enum Node<T> {
    Branch([Option<Arc<Self>>; FANOUT]),
    Leaf(u64, Vec<Arc<T>>),
}

impl<T> Clone for Trie<T> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), len: self.len }
    }
}

impl<T> Default for Trie<T> {
    fn default() -> Self {
        Self { root: None, len: 0 }
    }
}

impl<T> Clone for Node<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Branch(children) => Self::Branch(children.clone()),
            Self::Leaf(hash, values) => Self::Leaf(*hash, values.clone()),
        }
    }
}

impl<T> Trie<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, hash: u64, same: impl Fn(&T) -> bool) -> Option<&Arc<T>> {
        let mut node = self.root.as_deref()?;
        let mut left = hash;
        loop {
            match node {
                Node::Leaf(here, values) if *here == hash => return values.iter().find(|value| same(value)),
                Node::Leaf(..) => return None,
                Node::Branch(children) => node = children.get(slot(left))?.as_deref()?,
            }
            left >>= BITS;
        }
    }

    /// Puts a value in the place of the same one, which is given back.
    pub(super) fn insert(&mut self, hash: u64, value: Arc<T>, same: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let before = put(&mut self.root, (hash, 0), value, &same);
        self.len += usize::from(before.is_none());
        before
    }

    /// Where each node stands in memory.
    #[cfg(test)]
    pub(super) fn nodes(&self) -> std::collections::HashSet<*const ()> {
        fn walk<T>(node: &Arc<Node<T>>, found: &mut std::collections::HashSet<*const ()>) {
            found.insert(Arc::as_ptr(node).cast());
            if let Node::Branch(children) = &**node {
                children.iter().flatten().for_each(|child| walk(child, found));
            }
        }
        let mut found = std::collections::HashSet::new();
        self.root.iter().for_each(|root| walk(root, &mut found));
        found
    }

    #[cfg(test)]
    pub(super) fn values(&self) -> Vec<Arc<T>> {
        fn walk<T>(node: &Node<T>, found: &mut Vec<Arc<T>>) {
            match node {
                Node::Branch(children) => children.iter().flatten().for_each(|child| walk(child, found)),
                Node::Leaf(_, values) => found.extend(values.iter().cloned()),
            }
        }
        let mut found = Vec::new();
        self.root.iter().for_each(|root| walk(root, &mut found));
        found
    }

    pub(super) fn remove(&mut self, hash: u64, same: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        // Looking first, so that nothing is copied for what is not there.
        self.get(hash, &same)?;
        let before = take(&mut self.root, (hash, 0), &same);
        self.len -= usize::from(before.is_some());
        before
    }
}

/// The hash in `(hash, depth)` without what led to this depth.
fn rest((hash, depth): (u64, u32)) -> u64 {
    hash.checked_shr(depth * BITS).unwrap_or(0)
}

fn slot(rest: u64) -> usize {
    usize::try_from(rest & 15).unwrap_or_default()
}

fn put<T>(
    place: &mut Option<Arc<Node<T>>>,
    (hash, depth): (u64, u32),
    value: Arc<T>,
    same: &impl Fn(&T) -> bool,
) -> Option<Arc<T>> {
    let Some(node) = place else {
        *place = Some(Arc::new(Node::Leaf(hash, vec![value])));
        return None;
    };
    if let Node::Leaf(here, _) = **node
        && here != hash
    {
        // Another hash stands where this one leads: both go one level down.
        let mut children = [const { None }; FANOUT];
        if let Some(child) = children.get_mut(slot(rest((here, depth)))) {
            *child = place.take();
        }
        *place = Some(Arc::new(Node::Branch(children)));
        return put(place, (hash, depth), value, same);
    }
    match Arc::make_mut(node) {
        Node::Leaf(_, values) => {
            if let Some(known) = values.iter_mut().find(|known| same(known)) {
                return Some(std::mem::replace(known, value));
            }
            values.push(value);
            None
        }
        Node::Branch(children) => {
            let child = children.get_mut(slot(rest((hash, depth))))?;
            put(child, (hash, depth + 1), value, same)
        }
    }
}

fn take<T>(
    place: &mut Option<Arc<Node<T>>>,
    (hash, depth): (u64, u32),
    same: &impl Fn(&T) -> bool,
) -> Option<Arc<T>> {
    let (taken, is_empty) = match Arc::make_mut(place.as_mut()?) {
        Node::Leaf(_, values) => {
            let index = values.iter().position(|value| same(value))?;
            (values.swap_remove(index), values.is_empty())
        }
        Node::Branch(children) => {
            let child = children.get_mut(slot(rest((hash, depth))))?;
            let taken = take(child, (hash, depth + 1), same)?;
            (taken, children.iter().all(Option::is_none))
        }
    };
    if is_empty {
        *place = None;
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::policy::tests::random::{Random, seeds};

    #[test]
    fn it_is_a_map_and_its_copies_stay_as_they_were() {
        for seed in seeds(20) {
            let mut random = Random::new(seed);
            let (mut trie, mut model) = (Trie::<(u64, u32)>::default(), HashMap::new());
            let mut copies = Vec::new();
            for step in 0..400_u32 {
                // Few hashes, some of which differ only in their last bits, and keys that share one.
                let key = u64::try_from(random.below(60)).unwrap();
                let hash = if key.is_multiple_of(3) { (key / 6) << 60 } else { key / 2 };
                let same = |value: &(u64, u32)| value.0 == key;
                if random.one_in(3) {
                    assert_eq!(trie.remove(hash, same).as_deref().copied(), model.remove(&key));
                } else {
                    let before = trie.insert(hash, Arc::new((key, step)), same);
                    assert_eq!(before.as_deref().copied(), model.insert(key, (key, step)));
                }
                assert_eq!(trie.len(), model.len());
                if random.one_in(40) {
                    copies.push((trie.clone(), model.clone()));
                }
            }
            copies.push((trie, model));
            for (trie, model) in copies {
                for key in 0..60_u64 {
                    let hash = if key.is_multiple_of(3) { (key / 6) << 60 } else { key / 2 };
                    let found = trie.get(hash, |value| value.0 == key).map(|value| **value);
                    assert_eq!(found, model.get(&key).copied(), "seed {seed}");
                }
            }
        }
    }
}
