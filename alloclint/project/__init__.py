"""What the other files of a project say: versions of languages, how allocators are chosen and set."""
