"""What tests run against: real processes and scripted third parties on loopback."""
