"""Objects in the shape of the API version 2026-10-28.endive, every field in its place.

Each function takes what differs and fills the rest from a template. Templates are shared between
objects, so nothing here may be changed after it was made. Amounts are in minor units of `currency`,
times are Unix seconds, references are ids.
"""
