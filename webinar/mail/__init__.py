"""Mail: the outbox, rendering and delivery. It knows people, but no webinar."""
