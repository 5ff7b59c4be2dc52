"""The serving floor: scanners, pages, REST and the command line."""
