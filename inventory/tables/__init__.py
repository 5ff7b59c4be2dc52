"""The rows that inventory keeps."""
