"""The listening test: whole recordings that no model learned from, and what another tagger says of them."""
