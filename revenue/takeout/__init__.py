"""Everything of a creator, to take away: one ZIP with a table a file, and a page about each."""
