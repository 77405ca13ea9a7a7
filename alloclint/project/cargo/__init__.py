"""Cargo: manifests, lock files and configuration; features and cfg predicates as Cargo and rustc decide them."""
