"""What a walk over a function finds: scopes, uses, places, and what changes them."""
