"""The change of the checkout that causes a finding: without it, the finding does not occur."""
