"""From the handset: a submission's way to its commit, and requests about what is pending."""
