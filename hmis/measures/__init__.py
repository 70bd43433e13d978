"""What a community counts: named measures over the core tables, and how they may be published."""
