"""Who answers: the ensemble against a scripted provider, the house model against the shipped profile."""
