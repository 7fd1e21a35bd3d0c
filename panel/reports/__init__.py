"""What a year shows: the target, the annual report, whether it was fair, and what must stay hidden."""
