"""What every feature stands on; it knows no word of the domain."""
