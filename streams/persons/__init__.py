"""What a row says of persons: canonical fields of raw values, by the profile of its source."""
