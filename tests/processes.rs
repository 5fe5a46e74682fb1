//! Several processes, forks and kills on one store.
