"""
The language server: what `alloclint check` finds, in an editor, while the text is written.

Texts, edits and positions are `text` and `document`; what is known of a folder and how a text is checked with
it are `folder` and `checking`; what is shown are `diagnostics`, `actions` and `growth`; `session` speaks with
the editor and leaves all work to the one thread of `worker`. Only `session` and `protocol` know pygls.
"""
