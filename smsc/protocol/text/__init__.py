"""What a short message says: data_coding, the GSM alphabet, user data headers, the text of a receipt."""
