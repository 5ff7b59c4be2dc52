"""Orders and products out of other people's files.

Reading is apart from storing: what is read is plain values with every problem in a list, row by row,
so that a file can be judged before anything of it reaches the database (`inventory.work.importing`).
"""
