"""Score predictions against annotations; gates; compare two models. Runs no network."""
