"""How fast TrueFans is, as ratios measured side by side in one run: `make bench`."""
