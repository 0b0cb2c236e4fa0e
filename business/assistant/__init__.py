"""What the assistant of the staff proposes to do: kept with its words, done by the same services as a person's own button, once, and only
after whoever asked has said yes."""
