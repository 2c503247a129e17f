"""The organisers' forms for mailings: they check the shape of the input, not the rules."""
