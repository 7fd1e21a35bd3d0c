"""What it costs: travel, and money that follows the pupil."""
