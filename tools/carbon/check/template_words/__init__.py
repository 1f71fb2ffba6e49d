"""Words with which templates compare values, and the words that the schema of a value accepts."""
