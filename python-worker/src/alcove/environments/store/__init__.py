"""What holds for every environment, whatever makes it: places, locks, staging, markers, updates, repairs."""
