"""Pictures and documents that the staff put on pages: looked into before they are kept, and served safely."""
