"""The business profile: every fact of the business, validated and versioned; nothing of it stands anywhere else."""
