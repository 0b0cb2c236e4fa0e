"""What a party costs: pure rules over the profile."""
