"""What several pages draw with; knows no page."""
