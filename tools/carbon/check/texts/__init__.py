"""The texts that people read: the words and links in all files, the descriptions in schemas."""
