"""The assistant of the staff: answers their questions over the data, says what waits, shows where a person does what. Writes nothing."""
