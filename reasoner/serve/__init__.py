"""A policy over HTTP: for programs an API, for people a page."""
