"""Where collections are built, what fills them, what is expected of them, and how sized ones are written."""
