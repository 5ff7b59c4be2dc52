"""The ground floor: sites, zones, bins and their codes, the floor graph, the database."""
