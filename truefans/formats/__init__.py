"""How numbers are written where other languages are spoken; found by FORMAT_MODULE_PATH."""
