"""What is asked of the special services, and changed in them: Nød-SMS, the contact register, short codes."""
