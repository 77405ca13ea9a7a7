"""Cargo: manifests, lock files, configuration; features and cfg predicates as Cargo and rustc decide them."""
