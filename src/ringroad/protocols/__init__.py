"""What rooms ask of one another and of services: small, structural, documented."""
