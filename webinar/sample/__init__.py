"""The sample network: members, past and coming webinars and invented people, for whoever tries the program."""
