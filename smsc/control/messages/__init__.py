"""What is asked about messages: their documents, why they wait, their PDUs, and how they are erased."""
