"""Ask for parameters, hear what came of them. Trains and evaluates nothing itself."""
