"""Reading the attendance reports of the platforms, and finding whom they name among the registered."""
