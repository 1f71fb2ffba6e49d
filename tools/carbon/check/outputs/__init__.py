"""What a check prints: for people, for programs, for test runners, as a page."""
