"""What a steward asks of the code lists: read one value or a file of them, see what two versions differ in."""
