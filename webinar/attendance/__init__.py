"""Attendance: the join link, who was there, and the export an organiser can sign."""
