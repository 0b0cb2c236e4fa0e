"""What is on the table: dishes, allergens and diets, looked up in the profile."""
