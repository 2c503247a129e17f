"""What an admin sets on a page: the network's name and look, its languages and zone, doors, retention, sender."""
