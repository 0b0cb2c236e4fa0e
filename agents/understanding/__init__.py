"""What a customer's words mean: topics, guests, dates, places, contacts, picks. Rules only: no model, no network, no database."""
