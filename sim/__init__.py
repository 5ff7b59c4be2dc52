"""The asking floor: what would a day look like if something were different?"""
