"""Import of the files that platforms let their creators download: the part without a database.

reading      a path or stream            → tables: a header, and rows with their line numbers
recognising  a header                    → the platform that writes such files
deciding     a table of that platform    → how its dates and amounts are meant, or questions
translating  rows                        → outcomes: a line, a return, a total, a person …
guessing     a table of nobody we know   → a mapping, with which any table is translated
previewing   outcomes                    → who paid, how much, what is left out and why
"""
