"""Plans: an operation compiled once into what answers it, again and again."""
