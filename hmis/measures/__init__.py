"""What is counted about people without a home, and how: definitions, snapshots, and what may be published."""
