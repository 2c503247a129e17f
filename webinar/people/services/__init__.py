"""The use cases about people: who is who, and the contacts of the network."""
