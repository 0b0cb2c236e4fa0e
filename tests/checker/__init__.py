"""The history checker and the strict client themselves: a checker that cannot fail proves nothing."""
